package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// markersProgram has static markers whose arguments it knows: PROVIDER is a name that only this run of the test has. The marker
// guarded counts how often its semaphore was raised.
const markersProgram = `
#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>
#define CAT2(a, b) a##b
#define CAT(a, b) CAT2(a, b)
#define SEMAPHORE(n) __extension__ unsigned short CAT(CAT(PROVIDER, n), _semaphore) __attribute__((section(".probes")))
SEMAPHORE(_order); SEMAPHORE(_guarded); SEMAPHORE(_narrow); SEMAPHORE(_fixed); SEMAPHORE(_memory); SEMAPHORE(_two); SEMAPHORE(_float);
struct box { int pad[3]; int n; long wide; };
int count = 77; unsigned char bytes[4] = {1, 2, 3, 250};
float single = 1.5f;
__attribute__((noinline)) int work(int i, long l, const char *s, struct box *b, short h, unsigned char c) {
	STAP_PROBE3(PROVIDER, order, i, l, s);
	if (CAT(CAT(PROVIDER, _guarded), _semaphore)) STAP_PROBE1(PROVIDER, guarded, i + 1000);
	STAP_PROBE4(PROVIDER, narrow, h, c, (char)-3, (unsigned short)40000);
	STAP_PROBE2(PROVIDER, fixed, 5, -7L);
	STAP_PROBE4(PROVIDER, memory, b->n, b->wide, count, bytes[3]);
	STAP_PROBE1(PROVIDER, float, single);
	if (i & 1) STAP_PROBE1(PROVIDER, two, i); else STAP_PROBE1(PROVIDER, two, l);
	return i;
}
int main(void) {
	struct box b = { {0}, -42, 1L << 40 };
	int sum = 0;
	for (int i = 1; i <= 2; i++)
		sum += work(i, 100000000000L * i, i == 1 ? "tea" : "a \"cup\"", &b, -5, 200);
	return sum != 3;
}
`

// TestMarkers records every marker of a program directly, as several compilers make it, and wants the values that it knows.
func TestMarkers(t *testing.T) {
	testkit.Need(t, testkit.Uprobes, testkit.SDT, testkit.GCC, testkit.Clang, testkit.Go)
	gperf := gperfBinary(t)
	for i, build := range [][]string{{"gcc", "-O0"}, {"gcc", "-O2"}, {"gcc", "-O2", "-no-pie"}, {"gcc", "-O3", "-s", "-rdynamic"}, {"clang", "-O0"}, {"clang", "-O2"}} {
		t.Run(strings.Join(build, " "), func(t *testing.T) {
			provider := fmt.Sprintf("gp%d_%d", os.Getpid(), i)
			source := filepath.Join(t.TempDir(), "markers.c")
			if err := os.WriteFile(source, []byte(markersProgram), 0o644); err != nil {
				t.Fatal(err)
			}
			prog := testkit.Compile(t, testkit.Feature(build[0]), append(build[1:], "-DPROVIDER="+provider, source)...)
			got := recordMarkers(t, gperf, "sdt_"+provider+":*", prog)
			for _, want := range []string{
				"order: arg1=1 arg2=100000000000 arg3=[0-9]+", "order: arg1=2 arg2=200000000000 arg3=[0-9]+",
				"guarded: arg1=1001", "guarded: arg1=1002",
				"narrow: arg1=-5 arg2=200 arg3=-3 arg4=40000", "fixed: arg1=5 arg2=-7",
				"memory: arg1=-42 arg2=1099511627776 arg3=77 arg4=250",
				"float: arg1=1.5", "two(_1)?: arg1=1", "two(_1)?: arg1=200000000000",
			} {
				if want = "(?m)^" + want + "$"; !regexp.MustCompile(want).MatchString(got) {
					t.Errorf("nothing like %s in\n%s", want, got)
				}
			}
			if n := strings.Count(got, "\n"); n != 14 {
				t.Errorf("%d samples, want 14:\n%s", n, got)
			}
			counted := command(t, gperf, "stat", "-x,", "-o", "/dev/stdout", "-e", "sdt_"+provider+":guarded", prog)
			if !strings.Contains(counted, "\n2,,sdt_"+provider+":guarded,") {
				t.Errorf("stat counted %q, want 2", counted)
			}
			notLeft(t, "sdt_"+provider)
			named := recordDefined(t, gperf, prog, "%sdt_"+provider+":order", "text=arg3:string $arg1:x arg2")
			want := "order: text=\"tea\" arg1=0x1 arg2=100000000000\norder: text=\"a \"cup\"\" arg1=0x2 arg2=200000000000\n"
			if named != want {
				t.Errorf("got\n%s, want\n%s", named, want)
			}
		})
	}
}

// recordMarkers records events that are not defined yet, and returns a line for each sample, without whose it is.
func recordMarkers(t *testing.T, gperf, events string, prog ...string) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "perf.data")
	command(t, gperf, append([]string{"record", "-q", "-o", data, "-e", events}, prog...)...)
	group, _, _ := strings.Cut(events, ":")
	notLeft(t, group)
	return samplesOf(t, gperf, data)
}

// notLeft wants no probes of a group.
func notLeft(t *testing.T, group string) {
	t.Helper()
	left, err := os.ReadFile("/sys/kernel/tracing/uprobe_events")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(left), ":"+group+"/") {
		t.Errorf("probes are left behind:\n%s", left)
	}
}

// recordDefined defines a marker with arguments, records it and removes it.
func recordDefined(t *testing.T, gperf, prog, marker, args string) string {
	t.Helper()
	event := strings.TrimPrefix(marker, "%")
	command(t, gperf, "probe", "-q", "-x", prog, marker+" "+args)
	defer command(t, gperf, "probe", "-q", "-d", event)
	data := filepath.Join(t.TempDir(), "perf.data")
	command(t, gperf, "record", "-q", "-o", data, "-e", event, prog)
	return samplesOf(t, gperf, data)
}

var beforeMarker = regexp.MustCompile(`(?m)^.*sdt_[a-z0-9_]+:([a-z_0-9]+): \([0-9a-f]+\)`)

func samplesOf(t *testing.T, gperf, data string) string {
	t.Helper()
	return beforeMarker.ReplaceAllString(command(t, gperf, "script", "-i", data), "$1:")
}

// TestMarkersLeft: a marker that a killed run left is told if it is not the one that the run would define.
func TestMarkersLeft(t *testing.T) {
	testkit.Need(t, testkit.Uprobes, testkit.SDT, testkit.GCC, testkit.Go)
	gperf, dir := gperfBinary(t), t.TempDir()
	provider := fmt.Sprintf("gpleft%d", os.Getpid())
	source, event := filepath.Join(dir, "markers.c"), "sdt_"+provider+":order"
	var progs []string
	for i, lead := range []string{"", "int before(int n) { return n * 3 + 1; }\n"} {
		if err := os.WriteFile(source, []byte(lead+markersProgram), 0o644); err != nil {
			t.Fatal(err)
		}
		prog := filepath.Join(dir, fmt.Sprintf("prog%d", i))
		testkit.Run(t, "gcc", "-O1", "-w", "-DPROVIDER="+provider, "-o", prog, source)
		progs = append(progs, prog)
	}
	command(t, gperf, "probe", "-q", "-x", progs[0], "%"+event)
	defer command(t, gperf, "probe", "-q", "-d", event)
	for _, tt := range []struct{ prog, want string }{
		{progs[0], ""}, {progs[1], "which is not where the programs of this run have it"}, {"/bin/true", "which is in no program of this run"},
	} {
		out, err := exec.Command(gperf, "record", "-o", filepath.Join(dir, "perf.data"), "-e", event, tt.prog).CombinedOutput()
		told := strings.Contains(string(out), "is an event already") && strings.Contains(string(out), "probe -d "+event)
		if err != nil && tt.prog != "/bin/true" || told != (tt.want != "") || !strings.Contains(string(out), tt.want) {
			t.Errorf("%s: %v, %s, want %q", tt.prog, err, out, tt.want)
		}
	}
	if err := os.Rename(progs[1], progs[0]); err != nil { // another build in its place
		t.Fatal(err)
	}
	out, _ := exec.Command(gperf, "stat", "-e", event, progs[0]).CombinedOutput()
	if !strings.Contains(string(out), "is an event already") {
		t.Errorf("a rebuilt program: %s", out)
	}
}

// TestMarkersLikePerf compares the definitions of all of Python's markers with perf's.
func TestMarkersLikePerf(t *testing.T) {
	testkit.Need(t, testkit.Perf, testkit.Go)
	const python = "/usr/bin/python3"
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("Debian's python3 is among the packages of the tests: %v", err)
	}
	home := t.TempDir()
	perf := func(args ...string) string {
		return command(t, "env", append([]string{"HOME=" + home, "perf"}, args...)...)
	}
	perf("buildid-cache", "--add", python)
	gperf := gperfBinary(t)
	for _, marker := range []string{"function__entry", "gc__start", "line", "audit", "import__find__load__done"} {
		want := perf("probe", "-x", python, "-D", "%sdt_python:"+marker)
		if got := command(t, gperf, "probe", "-x", python, "-D", "%sdt_python:"+marker); got != want {
			t.Errorf("%s is\n%s, perf has\n%s", marker, got, want)
		}
	}
}

// TestPythonMarkers records a real program: Python tells what it imports only while the semaphore of that is raised.
func TestPythonMarkers(t *testing.T) {
	testkit.Need(t, testkit.Uprobes, testkit.Go)
	gperf := gperfBinary(t)
	event := testkit.Group("python") + ":import"
	command(t, gperf, "probe", "-q", "-x", "/usr/bin/python3", event+"=%sdt_python:import__find__load__done module=arg1:string found=arg2")
	defer command(t, gperf, "probe", "-q", "-d", event)
	data := filepath.Join(t.TempDir(), "perf.data")
	command(t, gperf, "record", "-q", "-o", data, "-e", event, "env", "PYTHONDONTWRITEBYTECODE=1", "/usr/bin/python3", "-S", "-c", "import colorsys\ntry: import this_is_none\nexcept ImportError: pass")
	out := command(t, gperf, "script", "-i", data)
	for _, want := range []string{`module="colorsys" found=1`, `module="this_is_none" found=0`} {
		if strings.Count(out, want) != 1 {
			t.Errorf("not once %s:\n%s", want, out)
		}
	}
	if got := command(t, "perf", "script", "-i", data); got != out {
		t.Errorf("perf script prints otherwise:\n%s\n%s", got, out)
	}
}

// database makes one of PostgreSQL, in db of a directory, and tells the command before it that the server runs by: root may not.
func database(t *testing.T) (dir string, as []string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "pg") // t.TempDir is not for another user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	const nobody = "65534"
	command(t, "chown", nobody, dir)
	as = []string{"setpriv", "--reuid=" + nobody, "--regid=" + nobody, "--clear-groups"}
	command(t, as[0], append(as[1:], testkit.PostgresDir+"/initdb", "--no-sync", "-A", "trust", "-D", dir+"/db")...)
	return dir, as
}

// TestPostgresMarkers records what a PostgreSQL backend is asked, by its markers, which have semaphores.
func TestPostgresMarkers(t *testing.T) {
	testkit.Need(t, testkit.Uprobes, testkit.Postgres, testkit.Go)
	gperf := gperfBinary(t)
	dir, as := database(t)
	postgres := testkit.PostgresDir + "/postgres"
	if names := command(t, gperf, "probe", "-x", postgres, "-F", "%*"); strings.Count(names, "\n") < 50 {
		t.Errorf("the server has few markers: %s", names)
	}
	event := testkit.Group("pg") + ":query"
	command(t, gperf, "probe", "-q", "-x", postgres, event+"=%sdt_postgresql:query__start sql=arg1:string")
	defer command(t, gperf, "probe", "-q", "-d", event)
	data := filepath.Join(t.TempDir(), "perf.data")
	sql := filepath.Join(dir, "sql")
	if err := os.WriteFile(sql, []byte("select 6 * 7;\nselect current_user;\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	input, err := os.Open(sql)
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	args := append([]string{"record", "-q", "-o", data, "-e", event + ",sdt_postgresql:transaction__commit"}, as...)
	record := exec.Command(gperf, append(args, postgres, "--single", "-D", dir+"/db", "postgres")...)
	record.Stdin = input
	if out, err := record.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out := command(t, gperf, "script", "-i", data)
	for _, want := range []string{`sql="select 6 * 7;`, `sql="select current_user;`, "sdt_postgresql:transaction__commit: "} {
		if !strings.Contains(out, want) {
			t.Errorf("nothing with %s in\n%s", want, out)
		}
	}
}
