package bpf

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// assembled is a program of these instructions.
func assembled(t *testing.T, code ...instruction) []byte {
	t.Helper()
	b, err := (&assembler{code: code}).assemble()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// madeMap is a map that goes with the test.
func madeMap(t *testing.T, kind, value, entries uint32) *kernelMap {
	t.Helper()
	m, err := newMap("gperf_test", kind, 4, value, entries)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(m.close(), m.close()); err != nil {
			t.Errorf("closed twice: %v", err)
		}
	})
	return m
}

// TestLoad lets the kernel take every program that the generator is tested with.
func TestLoad(t *testing.T) {
	testkit.Need(t, testkit.Root)
	cpus, err := possibleCPUs(nil)
	if err != nil {
		t.Fatal(err)
	}
	output := madeMap(t, unix.BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, cpus)
	tasks := madeMap(t, unix.BPF_MAP_TYPE_LRU_HASH, 4, 16)
	for _, m := range []*kernelMap{output, tasks} {
		if flags, err := unix.FcntlInt(uintptr(m.fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("flags of a map's file descriptor: %#x, %v", flags, err)
		}
	}
	if err := tasks.put(uint32(os.Getpid()), 1); err != nil {
		t.Error(err)
	}
	if err := output.put(cpus, 0); !errors.Is(err, unix.E2BIG) {
		t.Errorf("CPU %d of %d has an event: %v", cpus, cpus, err)
	}
	code, err := forkProgram(tasks.fd, 44)
	if err != nil {
		t.Fatal(err)
	}
	takes(t, "fork", unix.BPF_PROG_TYPE_TRACEPOINT, code)
	for _, p := range madeProbes() {
		l := p.laidOut(t)
		scratch := madeMap(t, unix.BPF_MAP_TYPE_PERCPU_ARRAY, uint32(l.room), 1)
		for _, set := range []int{-1, tasks.fd} {
			g := &generator{regs: registers("amd64")}
			if err := g.probe(l, p.lines, scratch.fd, set, output.fd); err != nil {
				t.Fatalf("%s: %v", p.name, err)
			}
			code, err := g.assemble()
			if err != nil {
				t.Fatal(err)
			}
			takes(t, p.name, unix.BPF_PROG_TYPE_KPROBE, code)
		}
	}
}

func takes(t *testing.T, name string, kind uint32, code []byte) {
	t.Helper()
	p, err := loadProgram("gperf_test.longer_than_names_are", kind, code)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if err := errors.Join(p.close(), p.close()); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// TestRefusedPrograms wants the reason of the verifier, at the end of a log of any length.
func TestRefusedPrograms(t *testing.T) {
	testkit.Need(t, testkit.Root)
	long := make([]instruction, 0, 1<<16)
	for range cap(long) - 2 {
		long = append(long, mov.imm(r1, 1))
	}
	for _, test := range []struct {
		name string
		code []instruction
		want string
	}{
		{"no result", []instruction{exit()}, "0: (95) exit: R0 !read_ok"},
		{"a long log", append(long, mov.reg(r0, r9), exit()), "r0 = r9: R9 !read_ok"},
		{"an unknown function", []instruction{helper(9999).call(), exit()}, "invalid func unknown#9999; reading user memory needs Linux 5.5"},
		{"no instruction", nil, "no BPF program (gperf_test): "},
	} {
		p, err := loadProgram("gperf_test", unix.BPF_PROG_TYPE_KPROBE, assembled(t, test.code...))
		var refused *loadError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
		if p != nil {
			t.Errorf("%s: a program beside the error", test.name)
		}
	}
	if m, err := newMap("gperf_test", unix.BPF_MAP_TYPE_PERCPU_ARRAY, 8, 8, 1); m != nil || !errors.Is(err, unix.EINVAL) {
		t.Errorf("an array with keys of 8 bytes: %v, %v", m, err)
	}
}

func TestLoadErrorText(t *testing.T) {
	for _, test := range []struct {
		err  loadError
		want string
	}{
		{loadError{what: "map", name: "m", err: unix.EPERM}, "no BPF map (m): operation not permitted; root may do that"},
		{loadError{what: "program", name: "p", err: unix.EACCES, verifier: "R0 !read_ok"}, "no BPF program (p): permission denied: R0 !read_ok"},
		{loadError{what: "map", name: "m", err: unix.ENOSYS}, "CONFIG_BPF_SYSCALL"},
	} {
		got := test.err.Error()
		if !strings.Contains(got, test.want) || strings.Contains(got, "root may") != (test.err.err == unix.EPERM) {
			t.Errorf("%s, want %q", got, test.want)
		}
	}
}

func TestLastOfLog(t *testing.T) {
	const count = "processed 2 insns (limit 1000000) max_states_per_insn 0\n"
	for log, want := range map[string]string{
		"": "", "\x00\x00": "", count: "",
		"0: (95) exit\nR0 !read_ok\n" + count + "\x00rest": "0: (95) exit: R0 !read_ok",
		"R0 !read_ok\n": "R0 !read_ok",
		"1: (61) r1 = *(u32 *)(r6 +9)\ninvalid access to map value\n":                     "invalid access to map value",
		"0: (79) r6 = *(u64 *)(r1 +1)\ninvalid bpf_context access off=1 size=8\n" + count: "0: (79) r6 = *(u64 *)(r1 +1): invalid bpf_context access off=1 size=8",
	} {
		if got := lastOfLog([]byte(log)); got != want {
			t.Errorf("%q: %q, want %q", log, got, want)
		}
	}
}

func FuzzLastOfLog(f *testing.F) {
	f.Add([]byte("0: (95) exit\nR0 !read_ok\nprocessed 1 insns\n\x00"))
	f.Add([]byte("R\n\nR0"))
	f.Fuzz(func(t *testing.T, log []byte) {
		if got := lastOfLog(log); len(got) > len(log)+2 || strings.Contains(got, "\n") {
			t.Errorf("%q: %q", log, got)
		}
	})
}

// TestMemlock: the limit is out of the way while it is tried again, and back afterwards.
func TestMemlock(t *testing.T) {
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &before); err != nil {
		t.Fatal(err)
	}
	low := unix.Rlimit{Cur: min(4096, before.Max/2), Max: before.Max}
	if err := unix.Prlimit(0, unix.RLIMIT_MEMLOCK, &low, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Prlimit(0, unix.RLIMIT_MEMLOCK, &before, nil); err != nil {
			t.Error(err)
		}
	})
	limit := func() (l unix.Rlimit) {
		if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &l); err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, test := range []struct {
		first error
		tries int
	}{{nil, 1}, {unix.EINVAL, 1}, {unix.EPERM, 2}} {
		tries := 0
		fd, err := withMemlock(func() (int, error) {
			if tries++; tries == 1 {
				return 5, test.first
			}
			if l := limit(); l.Cur <= low.Cur && before.Max > low.Cur {
				t.Errorf("tried again with %+v", l)
			}
			return 6, nil
		})
		if tries != test.tries || tries == 2 && (fd != 6 || err != nil) || tries == 1 && !errors.Is(err, test.first) {
			t.Errorf("%v: %d tries, %d, %v", test.first, tries, fd, err)
		}
		if l := limit(); l != low {
			t.Errorf("%v: the limit is %+v afterwards, was %+v", test.first, l, low)
		}
	}
}

func TestPossibleCPUs(t *testing.T) {
	for text, want := range map[string]uint32{"0\n": 1, "0-3\n": 4, "0,4-7\n": 8} {
		sys := fstest.MapFS{"devices/system/cpu/possible": {Data: []byte(text)}}
		if got, err := possibleCPUs(sys); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, sys := range []fstest.MapFS{{}, {"devices/system/cpu/possible": {Data: []byte("\n")}}, {"devices/system/cpu/possible": {Data: []byte("x")}}} {
		if n, err := possibleCPUs(sys); err == nil {
			t.Errorf("%v: %d CPUs", sys, n)
		}
	}
}

func TestCloseOfNothing(t *testing.T) {
	if err := errors.Join((*kernelMap)(nil).close(), (*kernelProgram)(nil).close(), (&Exact{}).Close()); err != nil {
		t.Error(err)
	}
}

// TestNotExact: where no program can be of use, that is told once, of all events.
func TestNotExact(t *testing.T) {
	var said []string
	specs, p, err := PrepareExact([]selector.Spec{{Name: "g:e"}}, ExactOptions{Notify: func(text string) { said = append(said, text) }})
	const want = "--exact: everything is recorded by the kernel's own means, text as long as was asked for with :string[N]: there are no probes"
	if err != nil || len(specs) != 1 || len(said) != 1 || said[0] != want {
		t.Errorf("%v, %v, %q", specs, err, said)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}
