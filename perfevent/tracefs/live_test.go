package tracefs_test

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// recordWith runs the real perf over a workload of many kinds of events.
func recordWith(t *testing.T, args ...string) string {
	t.Helper()
	testkit.Need(t, testkit.Root, testkit.Tracefs, testkit.Perf)
	name := filepath.Join(t.TempDir(), "perf.data")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args = append([]string{"record", "-q", "-N", "-o", name}, args...)
	if out, err := exec.CommandContext(ctx, "perf", args...).CombinedOutput(); err != nil {
		t.Fatalf("perf %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return name
}

// timed is an event's text under its time; several may have the same time.
type timed map[uint64][]string

func (m timed) sort() {
	for _, texts := range m {
		slices.Sort(texts)
	}
}

// perfTexts is what perf script prints, by time.
func perfTexts(t *testing.T, name string) timed {
	t.Helper()
	out := testkit.RunPerf(t, "script", "-i", name, "--ns", "-F", "time,event,trace")
	texts := timed{}
	mark := regexp.MustCompile(`(?m)^ *(\d+)\.(\d{9}): +`)
	at := mark.FindAllSubmatchIndex(out, -1)
	for i, m := range at {
		end := len(out)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		var sec, nsec uint64
		fmt.Sscan(string(out[m[2]:m[3]]), &sec)
		fmt.Sscanf(string(out[m[4]:m[5]]), "%d", &nsec)
		when := sec*1e9 + nsec
		texts[when] = append(texts[when], string(bytes.TrimSuffix(out[m[1]:end], []byte("\n"))))
	}
	texts.sort()
	return texts
}

// ourTexts is what Format.AppendText prints, by time.
func ourTexts(t *testing.T, name string) timed {
	t.Helper()
	r, err := perfdata.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	formats := map[int]*tracefs.Format{}
	td := r.Features().TracingData
	all, errs := td.Formats()
	if len(errs) > 0 {
		t.Error(errors.Join(errs...))
	}
	for _, f := range all {
		formats[f.ID] = f
	}
	c := &tracefs.Context{
		Symbol: kernelSymbols(t),
		Printk: tracefs.ParsePrintkFormats(td.PrintkFormats).Lookup,
	}
	texts := timed{}
	var rec record.Record
	var s record.Sample
	for {
		if err := r.Next(&rec); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if rec.Type != record.TypeSample {
			continue
		}
		n, _, ok := r.Set().Find(rec.Bytes)
		if !ok {
			t.Fatalf("sample at %d belongs to no event", rec.Offset)
		}
		if err := r.Set().Layout(n).DecodeSample(rec.Bytes, &s); err != nil {
			t.Fatal(err)
		}
		f := formats[int(r.Events()[n].Attr.Config)]
		text := append([]byte(f.System+":"+f.Name+": "), f.AppendText(nil, s.Raw, c)...)
		texts[s.Time] = append(texts[s.Time], string(text))
	}
	texts.sort()
	return texts
}

func kernelSymbols(t *testing.T) func(uint64) (string, uint64, bool) {
	b, err := os.ReadFile("/proc/kallsyms")
	if err != nil {
		t.Fatal(err)
	}
	table, err := symtab.FromKallsyms(b)
	if err != nil {
		t.Fatal(err)
	}
	return func(addr uint64) (string, uint64, bool) {
		s, ok := table.Lookup(addr)
		return s.Name, addr - s.Addr, ok
	}
}

// compare tells how perf and we differ, up to a few lines.
func compare(t *testing.T, name string, perfIsWrong *regexp.Regexp) {
	t.Helper()
	want, got := perfTexts(t, name), ourTexts(t, name)
	events := map[string]int{}
	n, wrong, shown := 0, 0, 0
	for when, texts := range want {
		for i, w := range texts {
			n++
			event, _, _ := strings.Cut(w, ": ")
			events[event]++
			g := ""
			if i < len(got[when]) {
				g = got[when][i]
			}
			switch {
			case g == w:
			case perfIsWrong.MatchString(w):
				wrong++
			default:
				if shown++; shown < 10 {
					t.Errorf("at %d\n got %q\nwant %q", when, g, w)
				}
			}
		}
	}
	t.Logf("%d samples of %d events, %d of them wrong by perf", n, len(events), wrong)
	if n == 0 {
		t.Error("no samples")
	}
}

// workload touches files, processes, sockets and timers.
const workload = `ls -lR /etc/ssl /etc/security >/dev/null 2>&1; dd if=/dev/zero of=$1/f bs=64k count=8 conv=fsync 2>/dev/null
cat $1/f $1/f >/dev/null; rm -f $1/f; sleep 0.05; (echo x >/dev/udp/127.0.0.1/9; exec 3<>/dev/tcp/127.0.0.1/9) 2>/dev/null; sh -c 'kill -USR1 $$'; true`

// TestProbeTexts compares what we print of a probe with what the kernel
// itself writes into its trace file: perf prints much of this wrong.
func TestProbeTexts(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Tracefs, testkit.Uprobes, testkit.Perf, testkit.GCC)
	fs, err := tracefs.Find()
	if err != nil {
		t.Fatal(err)
	}
	exe := testkit.Compile(t, testkit.GCC, "-O1", "-no-pie", "testdata/target.c")
	group := testkit.Group("texts")
	line := fmt.Sprintf("p:%s/all %s:0x%x a=+0(%%di):s8[4] b=+4(%%di):s16[4] c=+12(%%di):s32[4] d=+32(%%di):s64[4]"+
		" n8=+64(%%di):s8 n16=+66(%%di):s16 n32=+68(%%di):s32 n64=+72(%%di):s64 s=+0(+80(%%di)):string f=+0(+88(%%di)):string"+
		" ss=+96(%%di):ustring[2] xx=+12(%%di):x32[3] ch=+0(+80(%%di)):char inl=+112(%%di):string bf=+66(%%di):b4@2/16"+
		" ud=+32(%%di):x64[4] cs=+112(%%di):char[4] u8=+64(%%di):u8", group, exe, functionOffset(t, exe, "work"))
	if err := fs.Define(tracefs.UProbe, line); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := fs.Remove(tracefs.UProbe, group, "all"); err != nil {
			t.Error(err)
		}
	})
	instance := fs.Path("instances", group)
	if err := os.Mkdir(instance, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(instance) })
	enable := filepath.Join(instance, "events", group, "all", "enable")
	if err := os.WriteFile(enable, []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	testkit.Run(t, exe)
	// The kernel gives a uprobe event to its trace file or to perf: EINTR.
	if err := os.WriteFile(enable, []byte("0"), 0); err != nil {
		t.Fatal(err)
	}
	name := recordWith(t, "-e", group+":all", exe)
	trace, err := os.ReadFile(filepath.Join(instance, "trace"))
	if err != nil {
		t.Fatal(err)
	}
	// The trace file has 0x before the address, the print format has not.
	kernel := regexp.MustCompile(`(?m): all: \(0x(.*)$`).FindAllSubmatch(trace, -1)
	var got []string
	for _, texts := range ourTexts(t, name) {
		got = append(got, texts...)
	}
	if len(got) != 3 || len(kernel) != 3 {
		t.Fatalf("%d samples, %d lines of the kernel", len(got), len(kernel))
	}
	for _, g := range got {
		if want := group + ":all: (" + string(kernel[0][1]); g != want {
			t.Errorf("\n got %s\nwant %s", g, want)
		}
	}
}

// functionOffset is where a function's first instruction lies in the file.
func functionOffset(t *testing.T, exe, name string) uint64 {
	t.Helper()
	f, err := elf.Open(exe)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	syms, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range syms {
		if s.Name != name {
			continue
		}
		for _, p := range f.Progs {
			if p.Type == elf.PT_LOAD && s.Value >= p.Vaddr && s.Value < p.Vaddr+p.Filesz {
				return s.Value - p.Vaddr + p.Off
			}
		}
	}
	t.Fatalf("no %s in %s", name, exe)
	return 0
}

// TestLiveAgainstPerf records what fires on this machine and compares texts.
func TestLiveAgainstPerf(t *testing.T) {
	// See whyPerfIsWrong in oracle_test.go.
	wrong := regexp.MustCompile(`^(timer:timer_start|writeback:|kmem:mm_page_alloc_extfrag|filemap:|fs_dax|btrfs|xfs|vmscan|.*\[FAILED TO PARSE\])`)
	for _, systems := range [][]string{
		{"sched", "irq", "timer", "signal", "task", "workqueue", "raw_syscalls", "power", "exceptions", "cgroup"},
		{"block", "ext4", "jbd2", "writeback", "filemap", "kmem", "net", "skb", "sock", "tcp", "udp", "napi", "qdisc"},
		{"rcu", "percpu", "mmap", "tlb", "vmscan", "msr", "csd", "maple_tree", "vmalloc", "printk", "syscalls:sys_enter_*at",
			"syscalls:sys_*_read", "syscalls:sys_*_write", "syscalls:sys_*_clone*", "syscalls:sys_*_execve", "syscalls:sys_*_*map",
			"syscalls:sys_*_rt_sig*", "syscalls:sys_*_new*", "syscalls:sys_*_socket", "syscalls:sys_*_connect", "syscalls:sys_*_getdents64"},
	} {
		t.Run(systems[0], func(t *testing.T) {
			testkit.Need(t, testkit.Root, testkit.Tracefs, testkit.Perf)
			fs, err := tracefs.Find()
			if err != nil {
				t.Fatal(err)
			}
			args := []string{"-a", "-m", "1024"}
			for _, s := range systems {
				system, _, ok := strings.Cut(s, ":")
				if !ok {
					s += ":*"
				}
				if names, err := fs.Events(system); err == nil && len(names) > 0 {
					args = append(args, "-e", s)
				}
			}
			args = append(args, "--", "bash", "-c", workload, "bash", t.TempDir())
			compare(t, recordWith(t, args...), wrong)
		})
	}
}
