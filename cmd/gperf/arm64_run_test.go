package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// armUserRead runs package perfevent's own tests of reading counters, first where the kernel does not let user space read them, then where it
// does. What a read costs is known to the instruction there, of which each takes 2 ns; the kernel's own work in between (ticks, writing back,
// 9p's answers, which the host's load moves) counts too, so that the least of several runs is the read's.
func armUserRead() armPiece {
	return armPiece{"userread", `
perfevent.test -test.v -test.run 'Reader|UserRead|Compare' >off
echo 1 >/proc/sys/kernel/perf_user_access
perfevent.test -test.v -test.run 'Reader|UserRead|Compare' -test.bench 'Read' -test.benchtime 2000x -test.count 7 >on
gperf check >check
echo 0 >/proc/sys/kernel/perf_user_access
`, func(t *testing.T, read func(string) string) {
		for name, want := range map[string]bool{"off": false, "on": true} {
			got := read(name)
			for _, event := range []string{"instructions:uh", "cycles:uh", "cycles:HG"} {
				if !strings.Contains(got, fmt.Sprintf(" %s: read in user space %t,", event, want)) {
					t.Errorf("%s is not read in user space %t:\n%s", event, want, got)
				}
			}
		}
		if got := read("check"); !strings.Contains(got, "rdpmc: [ on  ]") {
			t.Errorf("check:\n%s", got)
		}
		on := read("on")
		cost := func(name string) float64 {
			var times []float64
			for _, m := range regexp.MustCompile(`(?m)^Benchmark`+name+`(?:-\d+)? .*?([0-9.]+) ns/op.*$`).FindAllStringSubmatch(on, -1) {
				ns, err := strconv.ParseFloat(m[1], 64)
				if err != nil {
					t.Fatal(err)
				}
				times = append(times, ns)
			}
			if len(times) != 7 {
				t.Fatalf("%d lines of %s instead of 7:\n%s", len(times), name, on)
			}
			t.Logf("%s: %.0f instructions, at most %.0f", name, slices.Min(times)/2, slices.Max(times)/2)
			return slices.Min(times)
		}
		if strings.Contains(on, " allocs/op") && regexp.MustCompile(` [1-9]\d* allocs/op`).MatchString(on) {
			t.Errorf("reads allocate:\n%s", on)
		}
		bare := cost("BareRead")
		if one := cost("ReadHardware1"); one > 1.1*bare {
			t.Errorf("a read takes %.2f of the system call", one/bare)
		}
		cost("ReadHardware4")
		if user := cost("Reader"); user > bare/2 {
			t.Errorf("a read in user space takes %.2f of the system call", user/bare)
		}
	}}
}

// armBench runs a benchmark that counts with perfbench, and the same from outside.
func armBench() armPiece {
	return armPiece{"bench", `
work.test -test.bench . -test.benchtime 1000x >inside
gperf bench -e '{instructions:u,cycles:u}' work.test -test.run '^$' -test.bench Spin -test.benchtime 1000x >outside
`, func(t *testing.T, read func(string) string) {
		got := read("inside")
		metric := func(text, bench, unit string) float64 {
			m := regexp.MustCompile(`(?m)^Benchmark` + bench + `(?:-\d+)? .*?([0-9.]+) ` + regexp.QuoteMeta(unit) + `(\s|$)`).FindStringSubmatch(text)
			if m == nil {
				t.Errorf("%s has no %s:\n%s", bench, unit, text)
				return 0
			}
			n, err := strconv.ParseFloat(m[1], 64)
			if err != nil {
				t.Error(err)
			}
			return n
		}
		// spin takes five instructions a round, 1,000 rounds an operation.
		if n := metric(got, "Spin", "instructions:u/op"); n < 5000 || n > 5500 {
			t.Errorf("%.0f instructions an operation", n)
		}
		if n := metric(got, "Spin", "cycles:u/op"); n < 10000 || n > 11000 {
			t.Errorf("%.0f cycles an operation", n)
		}
		if n := metric(got, "Spin", "insns/cycle"); n != 0.5 {
			t.Errorf("%v instructions a cycle", n)
		}
		metric(got, "Default", "cycles/op")
		metric(got, "Default", "instructions/op")
		if !strings.Contains(got, "perfbench: cannot count branches, branch-misses: the counters of this CPU have no such event\n") {
			t.Errorf("what is not there is not told:\n%s", got)
		}
		if n := metric(read("outside"), "Spin", "instructions:u/op"); n < 5000 || n > 6500 {
			t.Errorf("%.0f instructions an operation from outside", n)
		}
	}}
}

// armSamples samples by period and by frequency, with chains, and compares what both print of both's recordings.
func armSamples() armPiece {
	return armPiece{"samples", `
gperf record -q -e cycles:u -c 200000 -o gperf.period work 2000000 >/dev/null
perf record -q -e cycles:u -c 200000 -o perf.period work 2000000 >/dev/null
gperf record -q -e instructions -F 2000 -o freq work 2000000 >/dev/null
gperf record -q -e '{instructions:u,cycles:u}:S' -c 100000 -o group work 1000000 >/dev/null
gperf record -q -g -e cycles:u -c 200000 -o chain work 2000000 >/dev/null
gperf record -q -o gperf.default work 1000 >/dev/null
perf record -q -o perf.default work 1000 >/dev/null
for who in gperf perf; do perf evlist -v -i $who.default >$who.attr; done
for name in gperf.period perf.period freq group chain; do
	gperf script -i $name >$name.gperf
	perf script -i $name >$name.perf
done
gperf stat -x, -e cycles:u -o count work 2000000 >/dev/null
`, func(t *testing.T, read func(string) string) {
		for _, name := range []string{"gperf.period", "perf.period", "freq", "group", "chain"} {
			if diff := cmp.Diff(read(name+".perf"), read(name+".gperf")); diff != "" {
				t.Errorf("%s, read by perf (-) and gperf (+):\n%s", name, diff)
			}
		}
		if diff := cmp.Diff(read("perf.attr"), read("gperf.attr")); diff != "" {
			t.Errorf("what is recorded without -e, by perf (-) and gperf (+):\n%s", diff)
		}
		counted := armRows(t, read("count"))["cycles:u"]
		for _, who := range []string{"perf", "gperf"} {
			text := read(who + ".period.gperf")
			samples, spins := strings.Count(text, " 200000 cycles:u: "), strings.Count(text, " main.spin+0x")
			if want := int(counted / 200000); samples < want*9/10 || samples > want*11/10 || spins < 90 || spins > 110 {
				t.Errorf("%s took %d samples for %.0f cycles, %d of them in main.spin, whose 20 million are 100", who, samples, counted, spins)
			}
		}
		if n := strings.Count(read("freq.gperf"), " instructions: "); n < 20 {
			t.Errorf("%d samples with -F:\n%s", n, read("freq.gperf"))
		}
		if !regexp.MustCompile(`(?m)^\s+[0-9a-f]+ main\.spin\+0x[0-9a-f]+ \(.*\n\s+[0-9a-f]+ runtime\.main\+`).MatchString(read("chain.gperf")) &&
			!regexp.MustCompile(`(?m)^\s+[0-9a-f]+ main\.spin\+0x[0-9a-f]+ \(.*\n\s+[0-9a-f]+ main\.main\+`).MatchString(read("chain.gperf")) {
			t.Errorf("no chain from main.spin:\n%.2000s", read("chain.gperf"))
		}
	}}
}

// armGoValues records the values of TestGoValues on this architecture.
func armGoValues() armPiece {
	return armPiece{"govalues", goValuesScript("/tmp/bin/gperf", "/tmp/bin/govalues"), func(t *testing.T, read func(string) string) {
		if said := read("notes"); strings.Contains(said, "--exact") {
			t.Errorf("some are not exact:\n%s", said)
		}
		// arm64's kernel copies one byte of a word whose end is not mapped, x86's all that are.
		values := strings.ReplaceAll(read("values"), `s="e\x00\x00\x00\x00\x00"`, `s="ending"`)
		checkGoValues(t, "arm64", values, false)
		checkGoValues(t, "arm64, exact", read("values--exact"), true)
	}}
}

// armGoCalls records entries and returns while stacks grow and functions panic, as TestGoCalls does.
func armGoCalls() armPiece {
	return armPiece{"gocalls", `
gocalls 2 >want
gperf probe -q -x /tmp/bin/gocalls -a 'gc:in=main.descend $goid n' -a 'gc:out=main.descend%return $goid $retval' -a gc:half=main.half -a gc:halved=main.half%return \
	-a gc:safe=main.safe -a gc:safed=main.safe%return -a 'gc:leaf=main.leaf $goid' -a gc:closure=main.main.func1
gperf record -q -m 4M -o data -e 'gc:*' gocalls 2 >got
gperf script -i data -F event,trace >text
gperf probe -q -d 'gc:*'
`, func(t *testing.T, read func(string) string) {
		if read("want") != read("got") {
			t.Errorf("with probes the program prints\n%s\nwithout\n%s", read("got"), read("want"))
		}
		checkGoCalls(t, countGo(t, []byte(read("text"))), read("want"), 2)
	}}
}

// armKprobes probes the kernel by its symbol table, and with registers and argument numbers of this architecture.
func armKprobes() armPiece {
	return armPiece{"kprobes", `
gperf probe -q --add 'opened=do_sys_openat2 %x0 name=+0(%x1):ustring dir=$arg1:s32' --add 'open_done=do_sys_openat2%return $retval' --add 'pipe=do_pipe2 flags=$arg2'
gperf probe --list >list
echo text >file
gperf record -q -e 'probe:*' -o data sh -c 'read line <file; true | true'
gperf script -i data >by-gperf
perf script -i data >by-perf
perf record -q -e 'probe:*' -o perf.data sh -c 'read line <file; true | true'
gperf script -i perf.data >perf-by-gperf
perf script -i perf.data >perf-by-perf
gperf probe -q -d 'probe:*'
cat /sys/kernel/tracing/kprobe_events >left
`, func(t *testing.T, read func(string) string) {
		for _, name := range []string{"by-", "perf-by-"} {
			if diff := cmp.Diff(read(name+"perf"), read(name+"gperf")); diff != "" {
				t.Errorf("read by perf (-) and gperf (+):\n%s", diff)
			}
		}
		got := read("by-gperf")
		for _, want := range []string{
			`(?m)^ +sh +\d+ .* probe:opened: \([0-9a-f]+\) arg1=0xffffffffffffff9c name="file" dir=-100\n.* probe:open_done__return: \([0-9a-f]+ <- [0-9a-f]+\) arg1=0x3$`,
			`(?m)^ +sh +\d+ .* probe:pipe: \([0-9a-f]+\) flags=0x0$`,
		} {
			if !regexp.MustCompile(want).MatchString(got) {
				t.Errorf("no line like %s:\n%s", want, got)
			}
		}
		if list := read("list"); !strings.Contains(list, "probe:opened") || !strings.Contains(list, "(on do_sys_openat2 with arg1 name dir)") {
			t.Errorf("list:\n%s", list)
		}
		if left := read("left"); left != "" {
			t.Errorf("left behind:\n%s", left)
		}
	}}
}
