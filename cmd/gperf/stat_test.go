package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// The layout of stat is perf's: the same command lines to both, with what differs from run to run masked but not its width.
func TestStatAsPerf(t *testing.T) {
	testkit.Need(t, testkit.Perf, testkit.Root)
	bin := gperfBinary(t)
	for name, args := range map[string]string{
		"software":    "-e task-clock,context-switches,cpu-migrations,page-faults true",
		"user kernel": "-e task-clock:u,page-faults:u,page-faults:k true",
		"shell":       "-e page-faults sh -c true",
		"repeated":    "-r 3 -e page-faults,task-clock true",
		"null":        "-n true",
		"system":      "-a -e cpu-clock,context-switches sleep 0.02",
		"cpu":         "-C 0 -e cpu-clock,context-switches sleep 0.02",
		"cpus":        "-a -A -e cpu-clock,context-switches sleep 0.02",
		"core":        "-a --per-core -e cpu-clock,context-switches sleep 0.02",
		"socket":      "-a --per-socket -e cpu-clock sleep 0.02",
		"die":         "-a --per-die -e cpu-clock sleep 0.02",
		"node":        "-a --per-node -e cpu-clock sleep 0.02",
		"interval":    "-a -I 30 --interval-count 1 -e cpu-clock,context-switches sleep 0.05",
		"csv":         "-x, -e task-clock,page-faults true",
		"csv cpus":    "-x; -a -A -e cpu-clock,page-faults sleep 0.02",
		"csv times":   "-x, -a -I 30 --interval-count 1 -e cpu-clock sleep 0.05",
		"json":        "-j -e task-clock,page-faults true",
		"json core":   "-j -a --per-core -e cpu-clock sleep 0.02",
		"json times":  "-j -a -I 30 --interval-count 1 -e cpu-clock sleep 0.05",
		"timeout":     "--timeout 100 -e page-faults sleep 5",
		"group":       "-e {task-clock,page-faults} true",
		"killed":      "-e page-faults sh -c kill${IFS}-9${IFS}$$",
	} {
		t.Run(name, func(t *testing.T) {
			got, gotStatus := statOutput(t, bin, args)
			want, wantStatus := statOutput(t, "perf", args)
			for range 20 { // perf says only most times which signal killed the command
				if name != "killed" || strings.Contains(want, "Killed") {
					break
				}
				want, wantStatus = statOutput(t, "perf", args)
			}
			if diff := cmp.Diff(maskCounts(want), maskCounts(got)); diff != "" || wantStatus != gotStatus {
				t.Errorf("stat %s: perf (-) ended with %d, gperf (+) with %d:\n%s\n%s", args, wantStatus, gotStatus, diff, got)
			}
		})
	}
}

func statOutput(t *testing.T, program, args string) (string, int) {
	t.Helper()
	cmd := exec.Command(program, append([]string{"stat"}, strings.Fields(args)...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if _, ended := err.(*exec.ExitError); err != nil && !ended {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// maskCounts puts N for numbers, with the blanks before them; what stands where stays, as does the number of decimals. A rate may
// have another unit, a spread be none.
func maskCounts(s string) string {
	s = regexp.MustCompile(`  \( \+- *[0-9.]+% \)`).ReplaceAllString(s, "")
	s = regexp.MustCompile(` [KMG]?/sec *`).ReplaceAllString(s, " N/sec ")
	s = regexp.MustCompile(`[KMG]?/sec`).ReplaceAllString(s, "N/sec")
	s = regexp.MustCompile(`(?m) *[0-9.]+ \+- [0-9.]+ seconds`).ReplaceAllString(s, "N +- N seconds")
	s = regexp.MustCompile(` *[0-9]+\.[0-9]+`).ReplaceAllStringFunc(s, func(n string) string {
		_, decimals, _ := strings.Cut(n, ".")
		return " N." + strings.Repeat("n", len(decimals))
	})
	s = regexp.MustCompile(`(?m)(^|: |,|;| )[ ]*[0-9]+\b`).ReplaceAllString(s, "${1}N")
	return strings.TrimLeft(s, " ")
}

// Programs that read perf's CSV and JSON read ours.
func TestStatForPrograms(t *testing.T) {
	testkit.Need(t, testkit.Root)
	bin := gperfBinary(t)
	out, _ := statOutput(t, bin, "-j -e task-clock,page-faults,cycles --metric faults=page-faults/task-clock true")
	for line := range strings.Lines(out) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	out, _ = statOutput(t, bin, "-x, -e task-clock,page-faults,cycles true")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 3 || len(rows[0]) != 7 || rows[1][2] != "page-faults" {
		t.Errorf("%v: %q", err, rows)
	}
	out, _ = statOutput(t, bin, "-j --metric-only -e task-clock,page-faults --metric faults=page-faults/task-clock true")
	var object map[string]string
	if err := json.Unmarshal([]byte(out), &object); err != nil || object["faults"] == "" {
		t.Errorf("%v: %s", err, out)
	}
}

// What one writes the other reads, as a file and through a pipe.
func TestStatRecordings(t *testing.T) {
	testkit.Need(t, testkit.Perf, testkit.Root)
	bin, file := gperfBinary(t), filepath.Join(t.TempDir(), "perf.data")
	for _, writer := range []string{bin, "perf"} {
		for _, args := range []string{"", "-a -A ", "-a --per-socket "} {
			printed, _ := statOutput(t, writer, "record -o "+file+" "+args+"-e cpu-clock,page-faults sleep 0.01")
			perf, _ := statOutput(t, "perf", "report -i "+file)
			gperf, status := statOutput(t, bin, "report -i "+file)
			if diff := cmp.Diff(perf, gperf); diff != "" || status != 0 {
				t.Errorf("%s wrote (%s), perf (-) and gperf (+) read, status %d:\n%s\nprinted:\n%s", writer, args, status, diff, printed)
			}
		}
		for _, reader := range []string{bin, "perf"} {
			out, err := exec.Command("sh", "-c", writer+" stat record -o - -e page-faults,task-clock true | "+reader+" stat report -i -").CombinedOutput()
			if err != nil || !strings.Contains(string(out), "page-faults  ") || !strings.Contains(string(out), "seconds time elapsed") {
				t.Errorf("%s to %s: %v\n%s", writer, reader, err, out)
			}
		}
	}
}
