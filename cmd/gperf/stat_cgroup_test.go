package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// faultsIn gives the page faults that stat counted, by control group.
func faultsIn(t *testing.T, program, args string) map[string]float64 {
	t.Helper()
	out, status := statOutput(t, program, "-x, -a -e page-faults "+args)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || status != 0 {
		t.Fatalf("%s stat %s: %v, status %d\n%s", program, args, err, status, out)
	}
	counts := map[string]float64{}
	for _, row := range rows {
		n, err := strconv.ParseFloat(row[0], 64)
		if err != nil && row[0] != "<not counted>" {
			t.Fatal(err)
		}
		counts[row[3]] = n
	}
	return counts
}

// One control group is of the events before it, if some are, as in perf.
func TestStatCGroupOfEventsBefore(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Perf)
	bin := gperfBinary(t)
	for _, args := range []string{
		"-e page-faults -G / -e cpu-clock", "-e page-faults -e cs -G / -e cpu-clock", "-e page-faults -e cpu-clock -G /",
		"-e page-faults -G / -e cpu-clock -G /", "-e page-faults,cpu-clock -G ,/",
	} {
		want, _ := statOutput(t, "perf", "-x, -a "+args+" true")
		got, status := statOutput(t, bin, "-x, -a "+args+" true")
		if fields(want, 2, 3) != fields(got, 2, 3) || status != 0 {
			t.Errorf("%s: perf counts\n%s, gperf\n%s", args, want, got)
		}
	}
}

// fields are some of each line of a CSV.
func fields(text string, which ...int) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		all := strings.Split(line, ",")
		for _, i := range which {
			if i < len(all) {
				out.WriteString(all[i] + " ")
			}
		}
		out.WriteString("\n")
	}
	return out.String()
}

// Counts in a control group, and in one inside it, are perf's, and what is done outside is not in them.
func TestStatCGroup(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Perf)
	name, dir := testkit.NewCGroup(t, "in", "a+b")
	inner, odd := name+"/in", name+"/a+b"
	bin := gperfBinary(t)
	script := filepath.Join(t.TempDir(), "work.sh") // $1: the control group to be in; 32 MiB are touched
	if err := os.WriteFile(script, []byte("echo $$ > $1/cgroup.procs\nexec dd if=/dev/zero of=/dev/null bs=32M count=1 status=none\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args, dir string
		inside    []string // groups with the work's faults
		outside   []string
	}{
		{"-G " + name, dir, []string{name}, nil},
		{"-G " + name, dir + "/in", []string{name}, nil},
		{"-G " + inner, dir + "/in", []string{inner}, nil},
		{"-G " + inner, dir, nil, []string{inner}},
		{"--for-each-cgroup " + name + "," + inner, dir + "/in", []string{name, inner}, nil},
		{"--for-each-cgroup " + name + "," + inner, dir, []string{name}, []string{inner}},
		{"--for-each-cgroup ^" + name + "/", dir + "/a+b", []string{odd}, []string{inner}},
		{"--for-each-cgroup " + odd + ",/", dir + "/a+b", []string{odd, "/"}, nil},
	} {
		args := test.args + " sh " + script + " " + test.dir
		perf, gperf := faultsIn(t, "perf", args), faultsIn(t, bin, args)
		if len(perf) != len(test.inside)+len(test.outside) || len(gperf) != len(perf) {
			t.Errorf("%s: perf %v, gperf %v", test.args, perf, gperf)
		}
		for _, group := range test.inside {
			if p, g := perf[group], gperf[group]; group != "/" && (g < 0.9*p || g > 1.1*p) || g < 100 {
				t.Errorf("%s: %v page faults in %s, perf has %v", test.args, g, group, p)
			}
		}
		for _, group := range test.outside {
			if g := gperf[group]; g != 0 {
				t.Errorf("%s: %v page faults in %s, where nothing was done", test.args, g, group)
			}
		}
	}
}
