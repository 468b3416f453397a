package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// armExact counts the same work in the same run by both, ten times: a shell waits until both are attached, then becomes the program. And once
// each with the program alone, whose instructions are known.
func armExact() armPiece {
	return armPiece{"exact", `mkfifo go
for i in 1 2 3 4 5 6 7 8 9 10; do
	sh -c 'read line <go; exec loop' & work=$!
	perf stat -x, -o perf.$i -e instructions:u,cycles:u -p $work & perf=$!
	gperf stat -x, -o gperf.$i -e instructions:u,cycles:u -p $work & gperf=$!
	sleep 0.5; echo >go
	wait $work; wait $perf; wait $gperf
done
perf stat -x, -o perf.alone -e instructions:u loop
gperf stat -x, -o gperf.alone -e instructions:u loop
`, func(t *testing.T, read func(string) string) {
		for i := range 10 {
			perf, gperf := armRows(t, read(fmt.Sprint("perf.", i+1))), armRows(t, read(fmt.Sprint("gperf.", i+1)))
			for _, event := range []string{"instructions:u", "cycles:u"} {
				p, g := perf[event], gperf[event]
				if p < loopInstructions || math.Abs(g/p-1) > 0.001 {
					t.Errorf("run %d, %s: perf %.0f, gperf %.0f", i+1, event, p, g)
				}
				t.Logf("run %d, %s: perf %.0f, gperf %.0f", i+1, event, p, g)
			}
		}
		for _, who := range []string{"perf", "gperf"} {
			if got := armRows(t, read(who+".alone"))["instructions:u"]; got != loopInstructions {
				t.Errorf("%s counts %.0f instructions of a program that has %d", who, got, loopInstructions)
			}
		}
	}}
}

// armRows reads a table of stat -x, whoever wrote it, and returns the counts by event; one that is not counted has none.
func armRows(t *testing.T, text string) map[string]float64 {
	t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]float64{}
	for _, row := range rows {
		if len(row) < 7 {
			t.Fatalf("%d fields in %q", len(row), row)
		}
		if n, err := strconv.ParseFloat(row[0], 64); err == nil {
			counts[row[2]] = n
		}
	}
	return counts
}

// armStatLines are command lines of stat whose text is compared with perf's.
func armStatLines() []string {
	return []string{
		"true", "-d true", "-e instructions:u,cycles:u loop", "-e {cycles,instructions} loop", "-e r08,r11:u loop",
		"-e armv8_pmuv3/inst_retired/u,armv8_pmuv3/event=0x11/ loop", "-e inst_retired,cpu_cycles loop", "-r 3 -e cycles,instructions loop",
		"-e branches,branch-misses,L1-dcache-loads,stalled-cycles-backend loop", "-a -e cycles,instructions sleep 0.01", "-a -A -e cycles,instructions sleep 0.01",
		"-a --per-core -e instructions sleep 0.01", "-x, true", "-j true", "-x, -a -A -e cycles,instructions sleep 0.01",
	}
}

// armStat compares the layout, and has the words of gperf about events that are not there.
func armStat() armPiece {
	var b strings.Builder
	for i, args := range armStatLines() {
		for _, who := range []string{"perf", "gperf"} {
			fmt.Fprintf(&b, "%s stat %s >%s.%d 2>&1\n", who, args, who, i)
		}
	}
	return armPiece{"stat", b.String(), func(t *testing.T, read func(string) string) {
		said := regexp.MustCompile(`(?m)^gperf: .*\n`)
		for i, args := range armStatLines() {
			perf, gperf := read(fmt.Sprint("perf.", i)), read(fmt.Sprint("gperf.", i))
			if diff := cmp.Diff(maskCounts(perf), maskCounts(said.ReplaceAllString(gperf, ""))); diff != "" {
				t.Errorf("stat %s (-perf +gperf):\n%s", args, diff)
			}
			words := "not supported: branches, branch-misses: this CPU's counters have no such event\n"
			if args == "true" && !strings.HasSuffix(gperf, "gperf: "+words) {
				t.Errorf("stat %s ends without %q:\n%s", args, words, gperf)
			}
			if strings.HasPrefix(args, "-j") {
				armSameKeys(t, perf, gperf)
			}
		}
	}}
}

// armSameKeys reads JSON of both by one parser.
func armSameKeys(t *testing.T, perf, gperf string) {
	t.Helper()
	read := func(text string) (events []string) {
		for line := range strings.Lines(text) {
			var o struct {
				Event   string  `json:"event"`
				Value   string  `json:"counter-value"`
				Share   float64 `json:"pcnt-running"`
				Runtime uint64  `json:"event-runtime"`
			}
			if err := json.Unmarshal([]byte(line), &o); err != nil || o.Event == "" || o.Value == "" {
				t.Errorf("%q: %v", line, err)
			}
			events = append(events, o.Event)
		}
		return events
	}
	if diff := cmp.Diff(read(perf), read(gperf)); diff != "" {
		t.Error(diff)
	}
}

// tenEvents are more than the unit has counters for, which are seven.
const tenEvents = "r08,r11,r08,r11,r08,r11,r08,r11,r08,r11"

// armShare: events take turns, in a run of some 30 turns so that each has to wait; the same readings give the same scaled counts in both.
func armShare() armPiece {
	return armPiece{"share", `
printf '%s' "` + tenEvents + `" >events
gperf stat record -o gperf.data -e ` + tenEvents + ` work 12000000 >/dev/null 2>gperf
perf stat report -i gperf.data 2>gperf-by-perf
gperf stat report -i gperf.data 2>gperf-by-gperf
perf stat record -o perf.data -e ` + tenEvents + ` work 12000000 >/dev/null 2>perf
perf stat report -i perf.data 2>perf-by-perf
gperf stat report -i perf.data 2>perf-by-gperf
gperf stat --no-mux -e ` + tenEvents + ` loop 2>no-mux && false
gperf stat --no-mux -e r08,r11,r08,r08,r08,r08,r08 loop 2>fits
gperf stat -e cycles,inst_retired,inst_retired,inst_retired,inst_retired,inst_retired,inst_retired,inst_retired loop 2>named
`, func(t *testing.T, read func(string) string) {
		share := regexp.MustCompile(`(?m)^ +[0-9]+ +r(08|11) .* \([0-9]{2}\.[0-9]{2}%\)$`)
		for _, who := range []string{"gperf", "perf"} {
			perf, gperf := read(who+"-by-perf"), read(who+"-by-gperf")
			if diff := cmp.Diff(perf, armTable(gperf)); diff != "" {
				t.Errorf("%s wrote, read by perf (-) and gperf (+):\n%s", who, diff)
			}
			if n := len(share.FindAllString(perf, -1)); n < 10 {
				t.Errorf("%d lines have a share:\n%s", n, perf)
			}
		}
		const many = "gperf: 10 events want a counter of the CPU, of which 7 can be counted at once"
		got := read("gperf")
		if !strings.HasPrefix(got, many+": they take turns") || !strings.Contains(got, "gperf: 10 events took turns on the counters") || !strings.Contains(got, "are unreliable") {
			t.Errorf("what is said of ten events:\n%s", got)
		}
		if got := read("no-mux"); !strings.HasPrefix(got, many+"\n") {
			t.Errorf("--no-mux:\n%s", got)
		}
		if got := read("fits"); strings.Contains(got, "%)") || strings.Contains(got, "gperf:") {
			t.Errorf("seven events take turns:\n%s", got)
		}
		if got := read("named"); !strings.HasPrefix(got, "gperf: 8 events want a counter of the CPU, of which 7 ") {
			t.Errorf("what is said of eight named events:\n%s", got)
		}
	}}
}

// armTable is what gperf stat printed without its words.
func armTable(s string) string { return regexp.MustCompile(`(?m)^gperf: .*\n`).ReplaceAllString(s, "") }

// armGroups: one event too many for a group is called so, not unknown.
func armGroups() armPiece {
	const six, full = "r08,r08,r08,r08,r08,r08", "its group has more events than the CPU's counters take at once"
	return armPiece{"groups", `
gperf stat -e '{` + six + `,r11}' loop 2>fits
gperf stat -e '{` + six + `,r08}' loop 2>full
gperf check >check
gperf list pmu >pmu
`, func(t *testing.T, read func(string) string) {
		if got := read("fits"); strings.Contains(got, "not ") || strings.Count(got, " r08 ") != 6 {
			t.Errorf("six events and the cycles:\n%s", got)
		}
		if got := read("full"); strings.Count(got, "<not supported>") != 1 || !strings.Contains(got, full) {
			t.Errorf("seven events:\n%s", got)
		}
		if got := read("check"); !strings.Contains(got, "# 6 events are counted at once") || !strings.Contains(got, "sysctl kernel.perf_user_access=1") {
			t.Errorf("check:\n%s", got)
		}
		if got := read("pmu"); !strings.Contains(got, "armv8_pmuv3/inst_retired/") {
			t.Errorf("list:\n%s", got)
		}
	}}
}

// armMetrics: two cycles an instruction and a clock of 1 GHz is how the guest is made.
func armMetrics() armPiece {
	return armPiece{"metrics", `
gperf stat -M IPC,CPI,GHz --metric 'per_round = instructions / ` + fmt.Sprint(armRounds) + `' loop 2>metrics
gperf stat -M branches loop 2>branches
`, func(t *testing.T, read func(string) string) {
		got := read("metrics")
		for _, want := range []string{`# +0\.50 +IPC`, `# +2\.00 +CPI`, `# +(0\.9\d\d|1\.0\d\d) +GHz`, `# +2\.\d+ +per_round`, `# +0\.50 +insn per cycle`} {
			if !regexp.MustCompile(want).MatchString(got) {
				t.Errorf("no %s:\n%s", want, got)
			}
		}
		if got := read("branches"); !strings.Contains(got, "metric branch_miss_rate is not known: this machine cannot count branch-misses\n") {
			t.Errorf("a metric of what is not there:\n%s", got)
		}
	}}
}
