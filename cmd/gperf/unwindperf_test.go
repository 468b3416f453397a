package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// restorer is the frame to which a signal handler returns: perf shows the byte before it (docs/differences.md).
var restorer = regexp.MustCompile(`(?m)^\t *[0-9a-f]+ (?:\[unknown\]|__restore_rt(?:\+0x0)?) (\(.*/libc\.so\.6\))$`)

// stubs are in .plt.got, which has no symbols: _init before it has no size, and what of it perf takes for its end depends (docs/differences.md).
var stubs = regexp.MustCompile(`(?m) (?:\[unknown\]|_init(?:\+0x[0-9a-f]+)?) (\(/.*\))$`)

// TestChainsLikePerf records programs of several languages and wants perf and gperf to print the same chains. Each recording is of one process:
// of several, perf loses frames.
func TestChainsLikePerf(t *testing.T) {
	testkit.Need(t, testkit.Uprobes, testkit.Perf, testkit.GCC, testkit.GXX, testkit.Rust, testkit.Python, testkit.Go)
	gperf, dir := gperfBinary(t), t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c := testkit.Compile(t, testkit.GCC, "-O2", "-fomit-frame-pointer", "-w", "testdata/unwind/chains.c", "-lpthread", "-ldl")
	cxx := testkit.Compile(t, testkit.GXX, "-O2", "-fomit-frame-pointer", write("t.cc", strings.Replace(throwing, "i < 6", "i < 30000", 1)))
	rust := filepath.Join(dir, "rust")
	testkit.Run(t, "rustc", "-O", "-o", rust, write("t.rs", strings.Replace(panicking, "0..6", "0..30000", 1)))
	python := strings.TrimSpace(string(testkit.Run(t, "python3", "-c", "import sys; print(sys.executable)"))) // not a script that runs it
	script := write("t.py", "import json\nd = [{'a': i, 'b': [str(i)] * 3} for i in range(30000)]\nprint(len(json.loads(json.dumps(d))), sorted(d, key=lambda x: -x['a'])[0])\n")
	probe := testkit.Group("unwind")
	for function, file := range map[string]string{"here": c, "qsort": "/lib/x86_64-linux-gnu/libc.so.6"} {
		command(t, gperf, "probe", "-q", "-x", file, probe+":"+function+"="+function)
		defer command(t, gperf, "probe", "-q", "-d", probe+":"+function)
	}
	clock := []string{"-e", "cpu-clock", "-F", "2000"}
	for _, tt := range []struct {
		name    string
		events  []string
		program []string
		least   int // lines of chains
	}{
		{"C, system calls", []string{"-e", "syscalls:sys_enter_getppid,syscalls:sys_enter_mmap,syscalls:sys_exit_mmap"}, []string{c}, 50},
		{"C, page faults", []string{"-e", "page-faults", "-c", "1"}, []string{c}, 100},
		{"C, entries of functions", []string{"-e", probe + ":*"}, []string{c}, 20},
		{"C++, exceptions", clock, []string{cxx}, 100},
		{"C++, page faults", []string{"-e", "page-faults", "-c", "1"}, []string{cxx}, 100},
		{"Rust, panics", clock, []string{rust}, 100},
		{"python3", clock, []string{python, script}, 100},
		{"python3, little stack", append([]string{"--call-graph", "dwarf,1024"}, clock...), []string{python, script}, 50},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "perf.data")
			command(t, gperf, append(append([]string{"record", "-q", "-m", "1024", "--call-graph", "dwarf", "-o", file}, tt.events...), tt.program...)...)
			for _, more := range [][]string{{}, {"--max-stack", "3"}, {"-F", "ip,sym,dso"}, {"--no-inline"}} {
				args := append([]string{"script", "-i", file}, more...)
				mask := func(s string) string {
					return stubs.ReplaceAllString(restorer.ReplaceAllString(maskElsewhere(s), "\tRESTORER $1"), " STUB $1")
				}
				want, got := mask(command(t, "perf", args...)), mask(command(t, gperf, args...))
				want = corrected(want, got)
				if n := strings.Count(want, "\n\t"); n < tt.least {
					t.Errorf("perf prints %d lines of chains", n)
				}
				alike(t, strings.Split(want, "\n\n"), strings.Split(got, "\n\n"), args)
			}
		})
	}
}

// TestChainsOfPostgres records a server that works, with a file that has its exported symbols only.
func TestChainsOfPostgres(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Postgres, testkit.Go)
	gperf := gperfBinary(t)
	dir, as := database(t)
	sql := filepath.Join(dir, "sql")
	text := "create table t as select i, md5(i::text) s from generate_series(1, 100000) i;\nselect s, count(*) from t group by s order by s limit 5;\n"
	if err := os.WriteFile(sql, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "perf.data")
	server := fmt.Sprintf("exec %s %s/postgres --single -D %s/db postgres < %s >/dev/null", strings.Join(as, " "), testkit.PostgresDir, dir, sql)
	command(t, gperf, "record", "-q", "-e", "cpu-clock", "-F", "2000", "--call-graph", "dwarf,32768", "-o", file, "sh", "-c", server)
	// perf is no measure here: sh and setpriv had the same libraries elsewhere, of which it takes no notice.
	text = command(t, gperf, "script", "-i", file, "--comms", "postgres")
	chains := slices.DeleteFunc(strings.Split(text, "\n\n"), func(chain string) bool { return !strings.Contains(chain, "/postgres)") })
	whole := 0
	for _, chain := range chains {
		if strings.Contains(chain, " main+") && strings.Contains(chain, " _start+") {
			whole++
		}
	}
	if len(chains) < 100 || whole < len(chains)*19/20 {
		t.Errorf("%d of %d chains come to the server's begin", whole, len(chains))
	}
}

// nowhere is a frame that perf makes up: behind the end of the copied stack, or behind one that it guessed.
var nowhere = regexp.MustCompile(`\n\t *[0-9a-f]+ \[unknown\] \((?:\[[a-z]+\]|//anon)\)$`)

// exits are destructors that the linker made, which have no call frame information: what perf finds behind them is chance.
var exits = regexp.MustCompile(`(?s)\n\t[^\n]* (?:__run_exit_handlers|_fini).*`)

// alike compares samples with their chains. gperf may go on where perf does not: it reads the last word of the copied stack too, and goes on
// behind a guess. That is for a few of them only.
func alike(t *testing.T, want, got, args []string) {
	t.Helper()
	if len(want) != len(got) {
		t.Errorf("%s: %d samples, perf has %d", strings.Join(args, " "), len(got), len(want))
		return
	}
	longer := 0
	for i := range want {
		if want[i] == got[i] {
			continue
		}
		longer++
		if !strings.HasPrefix(got[i], exits.ReplaceAllString(nowhere.ReplaceAllString(want[i], ""), "")) {
			t.Errorf("perf (-) and gperf (+) %s print\n%s", strings.Join(args, " "), cmp.Diff(strings.Split(want[i], "\n"), strings.Split(got[i], "\n")))
			return
		}
	}
	if longer > len(want)/5+2 {
		t.Errorf("%s: %d of %d chains are longer than perf's", strings.Join(args, " "), longer, len(want))
	}
	t.Logf("%s: %d samples alike, %d longer", strings.Join(args[3:], " "), len(want)-longer, longer)
}
