// Command counter measures what it costs to read perf events through package perfevent, beside a C loop of bare read(2),
// and prints the table of docs/benchmarks.md.
//
//	go run ./bench/counter
//
// It needs gcc. C and Go take turns, and the best round of each counts, so that a machine that is busy for a while is busy
// for both.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent"
)

//go:embed testdata/loop.c
var loopC string

func main() {
	rounds := flag.Int("rounds", 10, "how many times everything runs")
	reads := flag.Int("reads", 50_000, "reads a round")
	flag.Parse()
	if err := run(*rounds, *reads); err != nil {
		fmt.Fprintln(os.Stderr, "bench/counter:", err)
		os.Exit(1)
	}
}

func run(rounds, reads int) error {
	runtime.LockOSThread() // the events are this thread's
	dir, err := os.MkdirTemp("", "bench-counter-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	loop := filepath.Join(dir, "loop")
	gcc := exec.Command("gcc", "-O2", "-pthread", "-x", "c", "-o", loop, "-")
	gcc.Stdin, gcc.Stderr = strings.NewReader(loopC), os.Stderr
	if err := gcc.Run(); err != nil {
		return fmt.Errorf("gcc: %w", err)
	}
	fmt.Println("| read | C loop, ns | bare call in Go, ns | perfevent, ns | of the bare call | allocations |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, row := range []struct {
		name    string
		configs []uint64
	}{
		{"one software event", []uint64{perfevent.SWTaskClock}},
		{"a group of 4 software events", []uint64{perfevent.SWTaskClock, perfevent.SWPageFaults, perfevent.SWContextSwitches, perfevent.SWCPUMigrations}},
	} {
		if err := system(row.name, loop, row.configs, rounds, reads); err != nil {
			return err
		}
	}
	return hardware(rounds, reads)
}

// best is the fastest of the rounds, in nanoseconds a read.
type best float64

func (b *best) take(ns float64) {
	if *b == 0 || best(ns) < *b {
		*b = best(ns)
	}
}

// time runs read so many times.
func (b *best) time(reads int, read func() error) error {
	start := time.Now()
	for range reads {
		if err := read(); err != nil {
			return err
		}
	}
	b.take(float64(time.Since(start)) / float64(reads))
	return nil
}

// system compares reads by the system call.
func system(name, loop string, configs []uint64, rounds, reads int) error {
	attrs, args := make([]perfevent.Attr, len(configs)), []string{strconv.Itoa(reads / 10)}
	for i, c := range configs {
		attrs[i] = perfevent.Attr{Type: perfevent.TypeSoftware, Config: c}
		args = append(args, strconv.FormatUint(c, 10))
	}
	g, err := perfevent.OpenGroup(attrs, perfevent.Target{CPU: perfevent.AnyCPU}, 0)
	if err != nil {
		return err
	}
	defer g.Close()
	if err := g.Enable(); err != nil {
		return err
	}
	counts := make([]perfevent.Count, 0, len(configs))
	read := func() (err error) { counts, err = g.Read(counts[:0]); return err }
	fd, buf := uintptr(g.Events()[0].FD()), make([]byte, 512)
	bare := func() error {
		if _, _, errno := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf))); errno != 0 {
			return errno
		}
		return nil
	}
	var c, raw, ours best
	for range rounds {
		out, err := exec.Command(loop, args...).Output()
		if err != nil {
			return fmt.Errorf("the C loop: %w", err)
		}
		ns, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		if err != nil {
			return err
		}
		c.take(ns)
		for range 10 { // as many as the C loop has
			if err := raw.time(reads/10, bare); err != nil {
				return err
			}
			if err := ours.time(reads/10, read); err != nil {
				return err
			}
		}
	}
	fmt.Printf("| %s, read(2) | %.0f | %.0f | %.0f | %.2f | %.0f |\n", name, c, raw, ours, ours/raw, testing.AllocsPerRun(1000, func() { _ = read() }))
	return nil
}

// hardware measures a hardware counter by read(2) and by whatever way a Reader chooses.
func hardware(rounds, reads int) error {
	attr := perfevent.Attr{Type: perfevent.TypeHardware, Config: perfevent.HWInstructions, Flags: perfevent.FlagExcludeKernel}
	if err := perfevent.HaveHardware(); err != nil {
		fmt.Printf("\nNo hardware counter was read: %v.\n", err)
		return nil
	}
	r, err := perfevent.OpenReader(&attr)
	if err != nil {
		return err
	}
	defer r.Close()
	var call, reader best
	for range rounds {
		if err := call.time(reads, func() error { _, err := r.Event().Read(); return err }); err != nil {
			return err
		}
		if err := reader.time(reads, func() error { _, err := r.Read(); return err }); err != nil {
			return err
		}
	}
	way := "read(2), which is cheaper here than rdpmc, or the only way"
	if r.UserSpace() {
		way = "rdpmc"
	}
	allocs := testing.AllocsPerRun(1000, func() { _, _ = r.Read() })
	fmt.Printf("| one hardware counter, read(2) | | | %.0f | | |\n", call)
	fmt.Printf("| one hardware counter, Reader: %s | | | %.0f | | %.0f |\n", way, reader, allocs)
	return nil
}
