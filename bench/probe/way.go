package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// way is one command line and what was measured of it.
type way struct {
	name    string
	argv    []string
	prepare string // a shell command to run before, not measured
	bound   float64
	times   []float64 // seconds
	anon    int       // kB, the most that was seen
}

// once has hyperfine run the command one time.
func (w *way) once() (seconds float64, err error) {
	out, err := os.CreateTemp("", "bench-probe-*.json")
	if err != nil {
		return 0, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	args := []string{"-N", "--runs", "1", "--style", "none", "--export-json", out.Name()}
	if w.prepare != "" {
		args = append(args, "--prepare", w.prepare)
	}
	c := exec.Command("hyperfine", append(args, commandLine(w.argv))...)
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Run(); err != nil {
		return 0, fmt.Errorf("%s: %w: %s", commandLine(w.argv), err, said.String())
	}
	var result struct {
		Results []struct{ Mean float64 }
	}
	if err := json.NewDecoder(out).Decode(&result); err != nil || len(result.Results) != 1 {
		return 0, fmt.Errorf("hyperfine's output cannot be read: %w", err)
	}
	return result.Results[0].Mean, nil
}

func commandLine(argv []string) string { return strings.Join(quoted(argv), " ") }

func (w *way) median() float64 {
	sorted := slices.Sorted(slices.Values(w.times))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// memory runs the command once more and watches RssAnon in /proc/PID/status, five times a millisecond. The kernel keeps no
// highest value of it: VmHWM counts mapped pages of files too, which are the page cache's.
func (w *way) memory() error {
	if w.prepare != "" {
		if err := exec.Command("sh", "-c", w.prepare).Run(); err != nil {
			return err
		}
	}
	c := exec.Command(w.argv[0], w.argv[1:]...)
	if err := c.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	path := "/proc/" + strconv.Itoa(c.Process.Pid) + "/status"
	for tick := time.NewTicker(200 * time.Microsecond); ; {
		select {
		case err := <-done:
			tick.Stop()
			return err
		case <-tick.C:
			w.anon = max(w.anon, anonymous(path))
		}
	}
}

// anonymous reads RssAnon, in kB; 0 when the process is gone.
func anonymous(path string) int {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				return 0
			}
			return n
		}
	}
	return 0
}
