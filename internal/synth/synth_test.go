package synth

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// proc has a kernel thread 2, and a program 10 with a second thread 11.
func proc() fstest.MapFS {
	t := fstest.MapFS{}
	add := func(name, text string) { t[name] = &fstest.MapFile{Data: []byte(text)} }
	status := func(pid, tid, ppid int, comm, rest string) {
		text := fmt.Sprintf("Name:\t%s\nUmask:\t0022\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\n%s", comm, pid, tid, ppid, rest)
		add(fmt.Sprintf("proc/%d/task/%d/status", pid, tid), text)
		add(fmt.Sprintf("proc/%d/status", tid), text)
	}
	status(2, 2, 0, "kthreadd", "Threads:\t1\n")
	status(10, 10, 2, `a\\b\nc`, "VmPeak:\t1 kB\nThreads:\t2\n")
	status(10, 11, 2, "worker", "VmPeak:\t1 kB\nThreads:\t2\n")
	add("proc/10/task/10/maps", strings.Join([]string{
		"00400000-0040c000 r-xp 00001000 fd:01 41038                              /bin/with blank (deleted)",
		"0060c000-0060d000 r--p 0000c000 fd:01 41038                              /bin/with blank (deleted)",
		"7f0000000000-7f0000001000 rwxs 00000000 00:00 0 ",
		"7f0000002000-7f0000003000 r-xp 00000000 00:00 0                          [vdso]",
		"7f0000004000-7f0000005000 --xp 00000000 fe:0a 5                          /a\\012b",
		"a line of some other kernel",
	}, "\n"))
	add("proc/self/status", "not a number")
	return t
}

func collect(to *[]record.Body) Emit {
	return func(b record.Body) error {
		if m, ok := b.(*record.Mmap2); ok {
			c := *m
			b = &c
		}
		*to = append(*to, b)
		return nil
	}
}

var user = record.Meta{Misc: record.MiscUser}

func programMaps() []record.Body {
	return []record.Body{
		&record.Mmap2{
			Meta: user, PID: 10, TID: 10, Addr: 0x400000, Len: 0xc000, PgOff: 0x1000, Maj: 0xfd, Min: 1, Inode: 41038,
			Prot: 5, Flags: 2, Filename: "/bin/with blank (deleted)",
		},
		&record.Mmap2{Meta: user, PID: 10, TID: 10, Addr: 0x7f0000000000, Len: 0x1000, Prot: 7, Flags: 1, Filename: "//anon"},
		&record.Mmap2{Meta: user, PID: 10, TID: 10, Addr: 0x7f0000002000, Len: 0x1000, Prot: 5, Flags: 2, Filename: "[vdso]"},
		&record.Mmap2{
			Meta: user, PID: 10, TID: 10, Addr: 0x7f0000004000, Len: 0x1000, Maj: 0xfe, Min: 10, Inode: 5,
			Prot: 4, Flags: 2, Filename: "/a\nb",
		},
	}
}

func TestProcesses(t *testing.T) {
	exec := record.Meta{Misc: record.MiscForkExec}
	want := []record.Body{
		&record.Task{Meta: exec, PID: 2, TID: 2},
		&record.Comm{PID: 2, TID: 2, Comm: "kthreadd"},
		&record.Task{Meta: exec, PID: 10, TID: 10, PPID: 2, PTID: 2},
		&record.Comm{PID: 10, TID: 10, Comm: "a\\b\nc"},
	}
	want = append(want, programMaps()...)
	want = append(want,
		&record.Task{Meta: exec, PID: 10, TID: 11, PPID: 10, PTID: 10},
		&record.Comm{PID: 10, TID: 11, Comm: "worker"})
	var got []record.Body
	if err := Processes(proc(), Options{}, collect(&got)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Processes (-want +got):\n%s", diff)
	}
}

// The first thread, which has the mappings, is told behind a thread that was asked for without it.
func TestThreads(t *testing.T) {
	want := append([]record.Body{
		&record.Comm{PID: 10, TID: 11, Comm: "worker"},
		&record.Comm{PID: 10, TID: 10, Comm: "a\\b\nc"},
	}, programMaps()...)
	var got []record.Body
	if err := Threads(proc(), []int{11, 999}, Options{}, collect(&got)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Threads (-want +got):\n%s", diff)
	}
}

func TestOptions(t *testing.T) {
	count := func(o Options) (n int) {
		var got []record.Body
		if err := Threads(proc(), []int{10}, o, collect(&got)); err != nil {
			t.Fatal(err)
		}
		return len(got)
	}
	for _, test := range []struct {
		o    Options
		want int
	}{{Options{}, 5}, {Options{DataMaps: true}, 6}, {Options{NoMaps: true}, 1}, {Options{NoTasks: true}, 0}, {Options{Namespaces: true}, 6}} {
		if got := count(test.o); got != test.want {
			t.Errorf("%+v: %d records, want %d", test.o, got, test.want)
		}
	}
}

func TestEmitErrorEndsSynthesis(t *testing.T) {
	full := errors.New("disk full")
	for _, f := range []func(Emit) error{
		func(e Emit) error { return Processes(proc(), Options{}, e) },
		func(e Emit) error { return Threads(proc(), []int{10}, Options{}, e) },
		func(e Emit) error { return Command(proc(), 10, Options{}, e) },
		func(e Emit) error { return CPUMap([]int{0}, e) },
		func(e Emit) error { return ThreadMap([]int{1}, e) },
		func(e Emit) error { return IDIndex(make([]record.IDEntry, 1), e) },
	} {
		calls := 0
		if err := f(func(record.Body) error { calls++; return full }); !errors.Is(err, full) || calls != 1 {
			t.Errorf("%v after %d records", err, calls)
		}
	}
}

func TestKernel(t *testing.T) {
	for _, test := range []struct {
		name, kallsyms string
		file           string
		start, length  uint64
		err            error
	}{
		{"text to edata", "ffffffff81000000 T _stext\nffffffff81000000 T _text\nffffffff82000000 T _etext\nffffffff82800000 D _edata\n",
			"[kernel.kallsyms]_text", 0xffffffff81000000, 0x1800000, nil},
		{"no data symbols", "ffffffff81000040 T _stext\nffffffff82000000 T _etext\nffffffffa0000000 t _etext\t[mod]\n",
			"[kernel.kallsyms]_stext", 0xffffffff81000040, 0xffffc0, nil},
		{"hidden", "0000000000000000 T _stext\n0000000000000000 T _text\n", "", 0, 0, ErrRestricted},
		{"none", "ffffffff81000000 T start\nrubbish\n", "", 0, 0, ErrNoKallsyms},
	} {
		var got []record.Body
		err := Kernel(fstest.MapFS{"proc/kallsyms": {Data: []byte(test.kallsyms)}}, collect(&got))
		if !errors.Is(err, test.err) {
			t.Errorf("%s: %v, want %v", test.name, err, test.err)
		}
		if test.err != nil {
			continue
		}
		want := []record.Body{&record.Mmap{
			Meta: record.Meta{Misc: record.MiscKernel}, PID: ^uint32(0), Addr: test.start, Len: test.length, PgOff: test.start, Filename: test.file,
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestModules(t *testing.T) {
	root := fstest.MapFS{
		"proc/modules": {Data: []byte("ext4 1003520 1 - Live 0xffffffffc0a2b000\nsnd_pcm 4096 0 - Live 0xffffffffc0000000 (OE)\nshort line\n")},
		"lib/modules/6.1.0/kernel/sound/snd-pcm.ko.xz": {},
		"lib/modules/6.1.0/modules.dep":                {},
	}
	var got []record.Body
	if err := Modules(root, "6.1.0", collect(&got)); err != nil {
		t.Fatal(err)
	}
	kernel := record.Meta{Misc: record.MiscKernel}
	want := []record.Body{
		&record.Mmap{Meta: kernel, PID: ^uint32(0), Addr: 0xffffffffc0000000, Len: 4096, Filename: "/lib/modules/6.1.0/kernel/sound/snd-pcm.ko.xz"},
		&record.Mmap{Meta: kernel, PID: ^uint32(0), Addr: 0xffffffffc0a2b000, Len: 1003520, Filename: "[ext4]"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Modules (-want +got):\n%s", diff)
	}
	root["proc/modules"] = &fstest.MapFile{Data: []byte("ext4 1003520 1 - Live 0x0000000000000000\n")}
	if err := Modules(root, "6.1.0", collect(&got)); !errors.Is(err, ErrRestricted) {
		t.Errorf("hidden addresses: %v", err)
	}
	if err := Modules(fstest.MapFS{}, "6.1.0", collect(&got)); err != nil {
		t.Errorf("kernel without modules: %v", err)
	}
}

func TestCPUMap(t *testing.T) {
	for _, test := range []struct {
		cpus []int
		want *record.CPUMap
	}{
		{[]int{0, 1}, &record.CPUMap{Kind: record.CPUMapRange, End: 1}},
		{[]int{3}, &record.CPUMap{Kind: record.CPUMapRange, Start: 3, End: 3}},
		{[]int{-1}, &record.CPUMap{Kind: record.CPUMapList, CPUs: []uint16{0xffff}}},
		{[]int{-1, 4, 5}, &record.CPUMap{Kind: record.CPUMapRange, Any: 1, Start: 4, End: 5}},
		{[]int{0, 2}, &record.CPUMap{Kind: record.CPUMapList, CPUs: []uint16{0, 2}}},
		{[]int{0, 1, 2, 4, 64}, &record.CPUMap{Kind: record.CPUMapList, CPUs: []uint16{0, 1, 2, 4, 64}}},
		{[]int{0, 2, 4, 6, 8}, &record.CPUMap{Kind: record.CPUMapMask, LongSize: 4, Mask32: []uint32{0x155}}},
	} {
		if diff := cmp.Diff(test.want, cpuMap(test.cpus)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.cpus, diff)
		}
	}
}

// More ids than a record has room for come in several.
func TestIDIndexIsSplit(t *testing.T) {
	var got []record.Body
	if err := IDIndex(make([]record.IDEntry, entriesPerRecord+1), collect(&got)); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 {
		t.Fatalf("%d records, want 2", len(got))
	}
	for _, b := range got {
		if len(record.Append(nil, nil, b)) == 0 {
			t.Error("a record is too long")
		}
	}
}

func FuzzParseMap(f *testing.F) {
	f.Add([]byte("00400000-0040c000 r-xp 00001000 fd:01 41038   /bin/cat"))
	f.Add([]byte("a-b"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if m, ok := parseMap(line); ok && m.Filename == "" {
			t.Error("a mapping without a name")
		}
	})
}

func FuzzParseStatus(f *testing.F) {
	f.Add([]byte("Name:\tx\nTgid:\t1\nPPid:\t0\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if task, err := parseStatus(b); err == nil && task.tgid < 0 {
			t.Error("a thread without a process")
		}
	})
}

func FuzzFindText(f *testing.F) {
	f.Add("ffffffff81000000 T _text\nffffffff82000000 T _etext\n")
	f.Fuzz(func(t *testing.T, s string) {
		if text, err := findText(strings.NewReader(s)); err == nil && text.end < text.start {
			t.Errorf("%+v", text)
		}
	})
}
