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

// recordedBuild is a way to compile the program of TestRecordedValues.
type recordedBuild struct {
	name string // the compiler and its flags
	make func(t *testing.T, dir, source string, compile []string) (target string, run []string)
}

func recordedBuilds() []recordedBuild {
	return []recordedBuild{
		{"gcc -O0 -gdwarf-4", linked}, {"gcc -O2 -gdwarf-5", linked}, {"gcc -O2 -gdwarf-4 -no-pie", linked}, {"gcc -O3 -gdwarf-5", linked},
		{"gcc -O2 -gdwarf-5 -static", linked}, {"gcc -O2 -g -gsplit-dwarf", linked}, {"gcc -O2 -g -gz=zlib", linked}, {"gcc -O2 -g zstd", packed},
		{"gcc -O2 -g -fdebug-types-section", linked}, {"gcc -O2 -g stripped", stripped}, {"gcc -O2 -flto -fno-ipa-icf -fno-ipa-cp -gdwarf-5", linked}, {"gcc -O2 -flto -fno-ipa-icf -fno-ipa-cp -gdwarf-4", linked},
		{"gcc -O2 -g shared", shared}, {"gcc -O0 -g shared", shared},
		{"clang -O0 -gdwarf-5", linked}, {"clang -O0 -gdwarf-4 -no-pie", linked}, {"clang -O2 -gdwarf-4", linked}, {"clang -O2 -gdwarf-5", linked},
	}
}

// linked is a program of one file.
func linked(t *testing.T, dir, source string, compile []string) (string, []string) {
	t.Helper()
	prog := filepath.Join(dir, "recorded")
	build := exec.Command(compile[0], append(compile[1:], "-w", "-o", prog, source)...)
	build.Dir = dir // where .dwo files go
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return prog, []string{prog}
}

// packed has sections compressed by zstd.
func packed(t *testing.T, dir, source string, compile []string) (string, []string) {
	t.Helper()
	prog, run := linked(t, dir, source, compile[:len(compile)-1])
	testkit.Run(t, "objcopy", "--compress-debug-sections=zstd", prog)
	return prog, run
}

// stripped has its debug information in a file of its own, named by a link.
func stripped(t *testing.T, dir, source string, compile []string) (string, []string) {
	t.Helper()
	prog, run := linked(t, dir, source, compile[:len(compile)-1])
	testkit.Run(t, "objcopy", "--only-keep-debug", prog, prog+".debug")
	testkit.Run(t, "objcopy", "--strip-all", "--add-gnu-debuglink="+prog+".debug", prog)
	return prog, run
}

// shared is a library and a program that calls it.
func shared(t *testing.T, dir, source string, compile []string) (string, []string) {
	t.Helper()
	compile = compile[:len(compile)-1]
	lib, prog := filepath.Join(dir, "librecorded.so.1"), filepath.Join(dir, "recorded")
	testkit.Run(t, compile[0], append(compile[1:], "-w", "-shared", "-fPIC", "-DLIBRARY", "-o", lib, source)...)
	main := filepath.Join(dir, "main.c")
	if err := os.WriteFile(main, []byte("int run(void); int main(void) { return run() == 12345; }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	testkit.Run(t, compile[0], "-o", prog, main, lib)
	return lib, []string{prog}
}

// TestRecordedValues defines each case in each build, records a run of the program, and wants the values that it is known to
// have had.
func TestRecordedValues(t *testing.T) {
	testkit.Need(t, testkit.Uprobes, testkit.GCC, testkit.Clang, testkit.Objcopy, testkit.Zstd, testkit.Go)
	gperf := gperfBinary(t)
	source, err := filepath.Abs("testdata/recorded/recorded.c")
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range recordedBuilds() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel() // the kernel takes its time to remove probes
			target, run := b.make(t, t.TempDir(), source, strings.Fields(b.name))
			r := recorded{t: t, gperf: gperf, target: target, build: b.name, group: fmt.Sprintf("%s_%d", testkit.Group("rec"), i)}
			r.check(recordedCases(), run)
		})
	}
}

// recorded is one build under test.
type recorded struct {
	t                           *testing.T
	gperf, target, build, group string
}

// check defines all cases, records them in one run and compares.
func (r *recorded) check(cases []recordedCase, run []string) {
	t := r.t
	defined := make(map[string]recordedCase)
	defer func() { _ = exec.Command(r.gperf, "probe", "-q", "-d", r.group+":*").Run() }() // none may be there
	all := []string{"probe", "-q", "-x", r.target}
	for i, c := range cases {
		name := fmt.Sprintf("c%02d", i)
		define := r.group + ":" + name + "=" + linesOf(t, c.define)
		if c.builds == "" || !regexp.MustCompile(c.builds).MatchString(r.build) {
			defined[name] = c
			all = append(all, "-a", define)
			continue
		}
		out, err := exec.Command(r.gperf, "probe", "-q", "-x", r.target, define).CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.refused) {
			t.Errorf("%s: %v, %s, want an error with %q", c.define, err, out, c.refused)
		}
	}
	if out, err := exec.Command(r.gperf, all...).CombinedOutput(); err != nil {
		t.Errorf("%s", out)
		for i := 5; i < len(all); i += 2 { // the others, and which fail
			if out, err := exec.Command(r.gperf, "probe", "-q", "-x", r.target, all[i]).CombinedOutput(); err != nil {
				t.Errorf("%s: %s", all[i], out)
			}
		}
	}
	data := filepath.Join(t.TempDir(), "perf.data")
	command(t, r.gperf, append([]string{"record", "-q", "-o", data, "-e", r.group + ":*"}, run...)...)
	got := hitsOf(command(t, r.gperf, "script", "-i", data), r.group)
	for name, c := range defined {
		if have := strings.Join(got[name], "\n"); !regexp.MustCompile(`^(?:` + wanted(c.want) + `)$`).MatchString(have) {
			t.Errorf("%s recorded\n%s\nwant\n%s", c.define, have, c.want)
		}
	}
}

// hitsOf returns the values of each event, a line for each hit.
func hitsOf(script, group string) map[string][]string {
	hits := make(map[string][]string)
	line := regexp.MustCompile(`(?m)` + group + `:(c\d+)(?:__return)?: \([^)]*\) ?(.*)$`)
	for _, m := range line.FindAllStringSubmatch(script, -1) {
		hits[m[1]] = append(hits[m[1]], m[2])
	}
	return hits
}

// wanted makes a regular expression of a case's values: they stand for themselves, but for addresses and
// for what may be left out.
func wanted(want string) string {
	return strings.NewReplacer(`0x\[0-9a-f\]\+`, `0x[0-9a-f]+`, `\(\?:`, `(?:`, `\)\?`, `)?`).Replace(regexp.QuoteMeta(want))
}

// linesOf replaces {TEXT} by the number of the first line of the program that holds the text.
func linesOf(t *testing.T, define string) string {
	t.Helper()
	open, end := strings.IndexByte(define, '{'), strings.IndexByte(define, '}')
	if open < 0 || end < open {
		return define
	}
	source, err := os.ReadFile("testdata/recorded/recorded.c")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(source), "\n") {
		if strings.Contains(line, define[open+1:end]) {
			return fmt.Sprintf("%s%d%s", define[:open], i+1, define[end+1:])
		}
	}
	t.Fatalf("no line of the program holds %s", define)
	return ""
}

// TestRecordedLikePerf asks perf for the same definitions: what it accepts has to be written alike, but for what
// docs/differences.md says that it has wrong.
func TestRecordedLikePerf(t *testing.T) {
	testkit.Need(t, testkit.Perf, testkit.GCC, testkit.Go)
	gperf := gperfBinary(t)
	source, err := filepath.Abs("testdata/recorded/recorded.c")
	if err != nil {
		t.Fatal(err)
	}
	for _, build := range []string{"gcc -O2 -gdwarf-5", "gcc -O0 -gdwarf-4 -no-pie"} {
		t.Run(build, func(t *testing.T) {
			target, _ := linked(t, t.TempDir(), source, strings.Fields(build))
			accepted := 0
			for _, c := range recordedCases() {
				define := linesOf(t, c.define)
				want, err := exec.Command("perf", "probe", "-q", "-x", target, "-D", define).Output()
				if err != nil || len(want) == 0 {
					continue // perf refuses it, or dies
				}
				got, err := exec.Command(gperf, "probe", "-q", "-x", target, "-D", define).Output()
				switch wrong := perfWrong(c.define, build); {
				case wrong != "" && string(got) == string(want):
					t.Errorf("%s is what perf says, but it was to be wrong there: %s", c.define, wrong)
				case wrong == "" && string(got) != string(want):
					t.Errorf("%s is (%v)\n%sperf has\n%s", c.define, err, got, want)
				}
				accepted++
			}
			if accepted < 25 {
				t.Errorf("perf accepts %d definitions only", accepted)
			}
		})
	}
}

// perfWrong tells what perf 6.1 has wrong of a definition that it accepts. Each is a line of docs/differences.md.
func perfWrong(define, build string) string {
	for _, w := range []struct{ part, build, why string }{
		{"longs a:b8@40/64", "", "the names that it makes of these types are refused by the kernel"},
		{"g_counter", "", "the kernel knows no symbols of programs"},
		{`text=\"hi"`, "", "the kernel looks for the text in the program's memory"},
		{"rows[1][2]", "", "an array of arrays has no size for it"},
		{"pointers *ip", "", "the kernel knows no *"},
		{"inlined x", "O2", "it takes a computed value for memory, and refuses all places for one"},
		{"wide_text w[0] w[3]", "", "the kernel refuses two arguments of one name"},
		{"p->bits.", "dwarf-4", "it counts bits from the other end"},
		{"longs big", "", "it takes a part of it"},
		{"by_value p;", "", "it takes the first eight bytes of a structure"},
		{"by_value w;", "", "it takes the first eight bytes of a structure"},
		{"members p->reals", "", "it takes the first eight bytes of an array"},
		{"members p->items;", "", "it takes the first eight bytes of an array"},
		{"members p->flex;", "", "it takes the first eight bytes of an array"},
		{"text=$retval:string", "", "the kernel takes no text from a register"},
		{"gives_point%return", "", "it takes the register that has a part of it"},
		{"gives_wide%return", "", "it takes the address of it"},
		{"$retval->", "", "kernels up to 6.18 take it, and read the register"},
		{"members p->at p->bits", "", "it takes the first eight bytes of a structure"},
	} {
		if strings.Contains(define+";", w.part) && strings.Contains(build, w.build) {
			return w.why
		}
	}
	return ""
}
