package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestKilled kills recorders at random moments by SIGKILL. Each file that they leave is read by gperf and by perf as it lies, tracepoints included,
// and both print the same. (Kills between all writes and within them are tried in perfdata, without a kernel.)
func TestKilled(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Tracefs, testkit.Perf)
	gperf, dir := gperfBinary(t), t.TempDir()
	rng := rand.New(rand.NewPCG(5, 2026))
	// Something to record, also on a machine that has nothing else to do: system calls without end.
	busy := exec.Command("dd", "if=/dev/zero", "of=/dev/null", "bs=1M", "status=none")
	if err := busy.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = busy.Process.Kill()
		_ = busy.Wait() // killed
	}()
	kills := 16
	if n, err := strconv.Atoi(os.Getenv("GPERF_KILLS")); err == nil {
		kills = n // for a longer run
	}
	withSamples := 0
	for n := range kills {
		file := filepath.Join(dir, "killed.data")
		_ = os.Remove(file)
		args := []string{"record", "-o", file, "-m", "16", "-a", "-e", "sched:sched_switch,raw_syscalls:sys_enter"}
		if n%4 == 3 {
			args = append(args, "-z")
		}
		c := exec.Command(gperf, args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		waitRound(t, file)
		time.Sleep(time.Duration(rng.IntN(150_000)) * time.Microsecond)
		if err := c.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait() // killed
		got := command(t, gperf, "script", "-i", file)
		want, same := perfPrints(file, got)
		if !same {
			// Beside other tests' recorders the kernel writes records at which perf stops (docs/formats.md), and only who completes a file mends them.
			command(t, gperf, "data", "repair", file)
			if want, same = perfPrints(file, got); !same {
				t.Errorf("kill %d: perf prints %d lines, gperf %d", n, strings.Count(want, "\n"), strings.Count(got, "\n"))
			}
		}
		if want != "" {
			withSamples++
		}
		for _, tool := range []string{"evlist", "buildid-list"} {
			command(t, "perf", tool, "-i", file)
		}
		if out := command(t, "perf", "report", "--header-only", "-i", file); !strings.Contains(out, "hostname") {
			t.Errorf("kill %d: perf finds no features: %s", n, out)
		}
	}
	if withSamples < kills/2 {
		t.Errorf("%d of %d files have samples", withSamples, kills)
	}
}

// perfPrints returns what perf script prints, and whether that is all that gperf does.
func perfPrints(file, got string) (want string, same bool) {
	out, err := exec.Command("perf", "script", "-i", file).Output()
	return string(out), err == nil && maskElsewhere(string(out)) == maskElsewhere(got)
}

// waitRound waits until the header tells of a first round.
func waitRound(t *testing.T, file string) {
	t.Helper()
	const offDataSize, headerSize = 48, 104
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		b := make([]byte, headerSize)
		f, err := os.Open(file)
		if err != nil {
			continue
		}
		n, _ := f.Read(b)
		f.Close()
		if n == headerSize && !bytes.Equal(b[offDataSize:offDataSize+8], make([]byte, 8)) {
			return
		}
	}
	t.Fatal("no first round in 30 seconds")
}
