package workload

import (
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestHeldInMemory holds a command in both ways, in this process's memory and in a copy of it, while that memory is collected and used again.
func TestHeldInMemory(t *testing.T) {
	ways := map[string]func(*plan) (int, error){
		"shared": func(p *plan) (int, error) {
			pid := p.share()
			if pid == 0 {
				return p.fork0() // before Linux 5.5: Start does the same
			}
			return pid, nil
		},
		"copied": (*plan).fork0,
	}
	for name, start := range ways {
		t.Run(name, func(t *testing.T) {
			text := strings.Repeat("a long argument ", 4000)
			env := []string{"PATH=/usr/bin:/bin", "TEXT=" + text}
			c, out := heldBy(t, start, []string{"sh", "-c", `printf %s "$1$TEXT"; grep -E 'Sig(Blk|Cgt)' /proc/self/status`, "sh", text}, env)
			if got := comm(t, c.PID); got != shimName {
				t.Errorf("held command is called %q, want %q", got, shimName)
			}
			churn()
			if err := c.Release(); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(out)
			if err != nil {
				t.Fatal(err)
			}
			said, signals, _ := strings.Cut(string(got), "SigBlk")
			if said != text+text {
				t.Errorf("the command got other arguments: %d bytes, want %d", len(said), 2*len(text))
			}
			// grep's handlers are its own; Go's runtime blocks and handles nearly all signals.
			if blocked, caught, _ := strings.Cut(signals, "SigCgt:"); !strings.Contains(blocked, "0000000000000000") || strings.Contains(caught, "ffffff") {
				t.Errorf("signals of the command: %s", signals)
			}
			<-c.Done()
		})
	}
}

func (p *plan) fork0() (int, error) {
	pid, errno := p.fork()
	if errno != 0 {
		return 0, errno
	}
	return pid, nil
}

func heldBy(t *testing.T, start func(*plan) (int, error), argv, env []string) (*Command, *os.File) {
	t.Helper()
	var ends [6]*os.File
	for i := 0; i < len(ends); i += 2 {
		var err error
		if ends[i], ends[i+1], err = pipe(); err != nil {
			t.Fatal(err)
		}
	}
	holdR, holdW, failR, failW, outR, outW := ends[0], ends[1], ends[2], ends[3], ends[4], ends[5]
	p := &plan{hold: int(holdR.Fd()), holdWriter: int(holdW.Fd()), failed: int(failW.Fd()), stdio: [3]int{-1, int(outW.Fd()), -1}}
	if err := p.layOut(argv, env); err != nil {
		t.Fatal(err)
	}
	syscall.ForkLock.Lock()
	pid, err := start(p)
	syscall.ForkLock.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*os.File{holdR, outW} {
		f.Close()
	}
	c := held(pid, argv, p, holdW, failR, failW)
	if err := c.awaitReady(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Kill(); outR.Close() })
	return c, outR
}

// churn collects what is not held, and fills the memory that this gives back.
func churn() {
	for range 3 {
		runtime.GC()
		var kept [][]byte
		for n := 16; n <= 128<<10; n *= 2 {
			for range 64 {
				b := make([]byte, n)
				for i := range b {
					b[i] = 0xff
				}
				kept = append(kept, b)
			}
		}
		runtime.KeepAlive(kept)
	}
}
