package main

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// interopProgram has a function with arguments of several kinds, opens files and burns time.
const interopProgram = `
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
struct pair { int a; char name[12]; };
__attribute__((noinline)) int work(int n, const char *s, struct pair *p) { __asm__ volatile("" ::: "memory"); return n + p->a + (int)strlen(s); }
__attribute__((noinline)) long spin(long n) { volatile long x = 0; for (long i = 0; i < n; i++) x += i; return x; }
int main(int argc, char **argv) {
	struct pair p = { 7, "inner" };
	for (int i = 0; i < atoi(argv[1]); i++) {
		work(i - 2, "hello world", &p);
		int fd = open("/etc/passwd", O_RDONLY);
		if (fd >= 0) close(fd);
		spin(2000000);
	}
	return 0;
}
`

// interopRecordings are what TestScriptLikePerf records: arguments of record before the program. deep ones are read with many more options.
func interopRecordings(group string) []interopRecording {
	leader := "{cycles,instructions}:S"
	if testkit.Have(testkit.PMU) != nil {
		leader = "{cpu-clock,page-faults}:S" // without counters perf replaces cycles by cpu-clock, but not in a group
	}
	return []interopRecording{
		{"uprobe", true, []string{"-e", group + ":work"}},
		{"uprobe-g", false, []string{"-e", group + ":work", "-g"}},
		{"cycles", false, []string{"-e", "cycles"}}, // cpu-clock without counters
		{"cycles-g", true, []string{"-e", "cycles", "-g"}},
		{"two", true, []string{"-e", "cpu-clock,page-faults"}},
		{"cpu-clock-a", false, []string{"-e", "cpu-clock", "-a"}},
		{"sched", true, []string{"-e", "sched:*", "-a"}},
		{"syscalls", true, []string{"-e", "syscalls:sys_enter_openat,syscalls:sys_exit_openat"}},
		{"raw_syscalls-a", false, []string{"-e", "raw_syscalls:sys_enter", "-a"}},
		{"dwarf", false, []string{"-e", "cpu-clock", "--call-graph", "dwarf"}},
		{"group-S", false, []string{"-e", leader}},
		{"z", false, []string{"-e", "page-faults", "-c", "1", "-z"}},
		{"kmem", false, []string{"-e", "kmem:*", "-a"}},
		{"irq-timer", false, []string{"-e", "irq:*,timer:*", "-a"}},
		{"ext4", false, []string{"-e", "ext4:*", "-a"}},
	}
}

type interopRecording struct {
	name string
	deep bool
	args []string
}

// TestScriptLikePerf records fifteen things with perf and with gperf, and wants gperf and perf to print the same of each
// file, byte for byte: script, script with side-band records, and evlist -v, some ninety readings.
func TestScriptLikePerf(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Uprobes, testkit.Perf, testkit.GCC, testkit.Go)
	dir := t.TempDir()
	prog := buildInterop(t, dir)
	group := defineInterop(t, prog)
	gperf := gperfBinary(t)
	alike, all := 0, 0
	for _, rec := range interopRecordings(group) {
		for recorder, bin := range map[string]string{"perf": "perf", "gperf": gperf} {
			t.Run(rec.name+"/"+recorder, func(t *testing.T) {
				file := filepath.Join(dir, recorder+"-"+rec.name+".data")
				command(t, bin, append(append([]string{"record", "-o", file}, rec.args...), prog, "30")...)
				for _, reading := range rec.readings() {
					if all++; compare(t, gperf, file, reading) {
						alike++
					}
				}
				if rec.deep {
					compareScripts(t, gperf, file)
				}
				for _, tool := range [][]string{{"report", "--stdio"}, {"report", "--header-only"}} {
					if out := command(t, "perf", append(tool, "-i", file)...); len(out) < 100 {
						t.Errorf("perf %s prints %q", strings.Join(tool, " "), out)
					}
				}
			})
		}
		t.Run(rec.name+"/attrs", func(t *testing.T) {
			of := func(recorder string) []string {
				return strings.Split(command(t, "perf", "evlist", "-v", "-i", filepath.Join(dir, recorder+"-"+rec.name+".data")), "\n")
			}
			if d := cmp.Diff(of("perf"), of("gperf")); d != "" {
				t.Errorf("perf (-) and gperf (+) open\n%s", d)
			}
		})
	}
	t.Logf("%d of %d readings alike", alike, all)
}

// readings are the three of the table.
func (r interopRecording) readings() [][]string {
	if r.name == "dwarf" {
		return [][]string{{"script"}, {"script", "--max-stack", "2"}, {"script", "--max-stack", "0"}, {"script", "--no-inline"}, {"script", "-G"}, {"evlist", "-v"}}
	}
	return [][]string{{"script"}, {"script", "--show-mmap-events", "--show-task-events"}, {"evlist", "-v"}}
}

func buildInterop(t *testing.T, dir string) string {
	t.Helper()
	prog := filepath.Join(dir, "interop")
	if err := os.WriteFile(prog+".c", []byte(interopProgram), 0o644); err != nil {
		t.Fatal(err)
	}
	command(t, "gcc", "-O1", "-g", "-fno-omit-frame-pointer", "-o", prog, prog+".c")
	return prog
}

// defineInterop puts a probe with arguments on work, and takes it away at the end. It returns the probe's group.
func defineInterop(t *testing.T, prog string) string {
	t.Helper()
	const events = "/sys/kernel/tracing/uprobe_events"
	match := regexp.MustCompile(`(?m)^0*([0-9a-f]+) T work$`).FindStringSubmatch(command(t, "nm", prog))
	if match == nil {
		t.Fatal("nm does not list work")
	}
	group := testkit.Group("interop")
	write := func(line string) error {
		f, err := os.OpenFile(events, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = f.WriteString(line + "\n")
		return err
	}
	args := "n=%di:s32 u=%di:u8 s=+0(%si):string a=+0(%dx):s32 x=%dx:x64 nm=+4(%dx):string"
	if err := write(fmt.Sprintf("p:%s/work %s:0x%s %s", group, prog, match[1], args)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := write("-:" + group + "/work"); err != nil {
			t.Errorf("the probe stays behind: %v", err)
		}
	})
	return group
}

// compareScripts reads the file with many options of script.
func compareScripts(t *testing.T, gperf, file string) {
	t.Helper()
	for _, args := range [][]string{
		{"--ns"},
		{"--header"},
		{"--header-only", "-I"},
		{"-G"},
		{"-F", "comm,pid,tid,time,event,ip,sym,symoff,dso"},
		{"-F", "+misc,-comm"},
		{"-F", "trace:time,event,trace"},
		{"--show-task-events", "--show-mmap-events", "--show-lost-events"},
		{"--max-stack", "2"},
	} {
		compare(t, gperf, file, append([]string{"script"}, args...))
	}
}

// compare asks perf and gperf the same of a file, and reports whether they answer alike.
func compare(t *testing.T, gperf, file string, args []string) bool {
	t.Helper()
	args = append(args, "-i", file)
	want, got := maskElsewhere(command(t, "perf", args...)), maskElsewhere(command(t, gperf, args...))
	if len(args) == 3 && args[0] == "script" && strings.Count(want, "\n") < 5 {
		t.Errorf("%s: perf prints %d lines only", file, strings.Count(want, "\n"))
	}
	if want = corrected(want, got); want == got {
		return true
	}
	w, g := firstDifference(want, got)
	t.Errorf("perf (-) and gperf (+) %s print\n%s", strings.Join(args, " "), cmp.Diff(w, g))
	return false
}

// elsewhere is a place in a file that was deleted while it was mapped, in the vdso, or in a program that go test made, which
// has no symbols: gperf finds its names as long as the process lives, in the running vdso, and by Go's own table; perf does
// not, or only in a copy that its own recorder made (docs/differences.md). Any process of this machine may be there when all CPUs are recorded.
var elsewhere = regexp.MustCompile(`(?m)^(.*(?:: |\t) *[0-9a-f]+) .*( \((?:[^()]* \(deleted\)|\[vdso\]|[^()]*/go-build[^()]*)\))$`)

// inFile is a place in a file.
var inFile = regexp.MustCompile(`(?m)^(.*(?:: |\t) *[0-9a-f]+) .*( \((/[^()]*)\))$`)

// onlyGoTable reports whether a program has lost its symbols and has Go's own table of functions, which perf does not read.
func onlyGoTable(path string) bool {
	f, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return f.Section(".gopclntab") != nil && f.Section(".symtab") == nil
}

// timerFlags are those of timer:timer_start: perf reads "flags & (M | D | P | I)" as "(flags & M) | D | P | I" and prints D|P|I for
// every timer (docs/differences.md).
var timerFlags = regexp.MustCompile(`( timer:timer_start: .* flags=).*`)

// beyond is a frame that perf makes up where the copied stack ends (docs/differences.md).
var beyond = regexp.MustCompile(`(?m)^\tffffffffffffffff \[unknown\] \(\[unknown\]\)\n`)

func maskElsewhere(s string) string {
	s = beyond.ReplaceAllString(s, "")
	stripped := map[string]bool{}
	s = inFile.ReplaceAllStringFunc(s, func(line string) string {
		m := inFile.FindStringSubmatch(line)
		path := m[3]
		if _, ok := stripped[path]; !ok {
			stripped[path] = onlyGoTable(path)
		}
		if stripped[path] {
			return m[1] + " SYMBOL" + m[2]
		}
		return line
	})
	return timerFlags.ReplaceAllString(elsewhere.ReplaceAllString(s, "$1 SYMBOL$2"), "${1}FLAGS")
}

// firstDifference cuts both texts to a few lines around where they begin to differ.
func firstDifference(a, b string) (_, _ []string) {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	i := 0
	for i < len(x) && i < len(y) && x[i] == y[i] {
		i++
	}
	from := max(0, i-2)
	return x[from:min(len(x), i+5)], y[from:min(len(y), i+5)]
}

// command runs a program and returns its standard output; it must succeed.
func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = &out, &errs
	// perf copies what it records to ~/.debug; both look there for symbols.
	c.Env = append(os.Environ(), "HOME="+t.TempDir())
	if err := c.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}
