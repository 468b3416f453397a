package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// hitSource calls a function as often as its argument says.
const hitSource = `#include <stdlib.h>
__attribute__((noinline)) int hit(int n) { __asm__ volatile(""); return n; }
int main(int c, char **v) { for (int n = atoi(v[1]); n; n--) hit(n); }
`

// probed prints the table of a uprobe with an argument that is hit count times.
func probed(gperf, dir string, runs, count int) (err error) {
	source, program := filepath.Join(dir, "hit.c"), filepath.Join(dir, "hit")
	if err := os.WriteFile(source, []byte(hitSource), 0o600); err != nil {
		return err
	}
	if err := command("gcc", "-O1", "-g", "-o", program, source); err != nil {
		return err
	}
	event := fmt.Sprintf("bench%d:hit", os.Getpid())
	if err := command(gperf, "probe", "-q", "-x", program, event+"=hit n"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, command(gperf, "probe", "-q", "--del", event)) }()
	all := map[string][]measure{}
	for range runs {
		for _, bin := range []string{"perf", gperf} {
			m, err := hit(bin, filepath.Join(dir, "perf.data"), event, program, count)
			if err != nil {
				return fmt.Errorf("%s: %w", bin, err)
			}
			all[bin] = append(all[bin], m)
		}
	}
	fmt.Printf("\n| uprobe hit %d times | recorder | events/s | own samples | lost (median, worst) | CPU |\n|---|---|---|---|---|---|\n", count)
	for _, bin := range []string{"perf", gperf} {
		print(nil, filepath.Base(bin), all[bin])
	}
	return nil
}

// hit records one run of the program, on all CPUs.
func hit(bin, file, event, program string, count int) (m measure, err error) {
	_ = os.Remove(file)
	c := exec.Command(bin, "record", "-o", file, "-B", "-a", "-e", event)
	if err := c.Start(); err != nil {
		return m, err
	}
	time.Sleep(time.Second)
	begin := time.Now()
	err = command(program, strconv.Itoa(count))
	took := time.Since(begin)
	if err := errors.Join(err, c.Process.Signal(syscall.SIGINT)); err != nil {
		return m, err
	}
	_ = c.Wait() // it ends by the signal
	m.cpu = (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()
	err = m.read(file, uint32(c.Process.Pid))
	m.rate /= took.Seconds()
	return m, err
}

func command(name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Stderr = os.Stderr
	return c.Run()
}
