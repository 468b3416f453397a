// Command unwind measures gperf script and perf script side by side on recordings of --call-graph dwarf: how long it takes to follow and print
// the chains, and what inlined functions in them cost. docs/performance.md has its tables. It needs root, perf, hyperfine, gcc, g++, go and
// python3.
//
//	make build && go run ./bench/unwind -gperf ./gperf
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// deep makes system calls below many frames.
const deep = `
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static long calls;
__attribute__((noinline, noclone)) int deep(int n) {
	char stack[32]; memset(stack, n, sizeof stack); __asm__ volatile("" ::"r"(stack) : "memory");
	if (n) return deep(n - 1) + stack[3];
	for (long i = 0; i < calls; i++) syscall(SYS_getppid);
	return stack[5];
}
int main(int argc, char **argv) { calls = atol(argv[1]); return deep(atoi(argv[2])) & 0; }
`

// objects keeps an interpreter of many functions busy.
const objects = `
import json
d = [{'a': i, 'b': [str(i)] * 3} for i in range(30000)]
for _ in range(8): s = json.dumps(d); json.loads(s)
print(sorted(d, key=lambda x: -x['a'])[0])
`

type recording struct {
	name string
	args []string // of record, with the program
}

func main() {
	gperf := flag.String("gperf", "./gperf", "the gperf to measure")
	runs := flag.Int("runs", 10, "runs of each command")
	flag.Parse()
	if err := measure(*gperf, strconv.Itoa(*runs)); err != nil {
		fmt.Fprintln(os.Stderr, "unwind:", err)
		os.Exit(1)
	}
}

func measure(gperf, runs string) error {
	dir, err := os.MkdirTemp("", "bench-unwind-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	source, program, script := filepath.Join(dir, "deep.c"), filepath.Join(dir, "deep"), filepath.Join(dir, "objects.py")
	if err := os.WriteFile(source, []byte(deep), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(script, []byte(objects), 0o600); err != nil {
		return err
	}
	if out, err := exec.Command("gcc", "-O2", "-fomit-frame-pointer", "-o", program, source).CombinedOutput(); err != nil {
		return fmt.Errorf("gcc: %w: %s", err, out)
	}
	python, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
	if err != nil {
		return fmt.Errorf("python3: %w", err)
	}
	calls := []string{"-m", "4096", "-e", "syscalls:sys_enter_getppid", "--call-graph", "dwarf,4096", program, "20000"}
	fmt.Println("| recording | samples | frames | `perf script`, ms | `gperf script`, ms | ratio | perf, CPU ms | gperf, CPU ms | ratio | `gperf script -G`, ms |\n|---|---|---|---|---|---|---|---|---|---|")
	for i, r := range []recording{
		{"a call below 3 frames", append(slices.Clone(calls), "3")},
		{"a call below 40 frames", append(slices.Clone(calls), "40")},
		{"python3, 16 KiB of stack", []string{"-e", "cpu-clock", "-F", "2000", "--call-graph", "dwarf,16384", strings.TrimSpace(string(python)), script}},
	} {
		file := filepath.Join(dir, strconv.Itoa(i))
		if out, err := exec.Command(gperf, append([]string{"record", "-q", "-o", file}, r.args...)...).CombinedOutput(); err != nil {
			return fmt.Errorf("record: %w: %s", err, out)
		}
		if err := row(r.name, gperf, file, runs); err != nil {
			return err
		}
	}
	return inlined(gperf, dir, runs)
}

// row measures one recording.
func row(name, gperf, file, runs string) error {
	text, err := exec.Command(gperf, "script", "--no-inline", "-i", file).Output()
	if err != nil {
		return err
	}
	frames := strings.Count(string(text), "\n\t")
	times, err := hyperfine(filepath.Join(filepath.Dir(file), "times"), runs,
		"perf script --no-inline -i "+file, gperf+" script --no-inline -i "+file, gperf+" script -G -i "+file)
	if err != nil {
		return err
	}
	perf, own := times[0], times[1]
	fmt.Printf("| %s | %d | %d | %.0f | %.0f | %.2f | %.0f | %.0f | %.2f | %.0f |\n", name, strings.Count(string(text), "\n\n"), frames,
		1000*perf.Median, 1000*own.Median, own.Median/perf.Median, 1000*perf.cpu(), 1000*own.cpu(), own.cpu()/perf.cpu(), 1000*times[2].Median)
	return nil
}

// timing is what hyperfine measured of one command, in seconds.
type timing struct{ Median, User, System float64 }

func (t timing) cpu() float64 { return t.User + t.System }

func hyperfine(export, runs string, commands ...string) ([]timing, error) {
	args := append([]string{"-N", "-w", "1", "--runs", runs, "--style", "none", "--export-json", export}, commands...)
	if out, err := exec.Command("hyperfine", args...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("hyperfine: %w: %s", err, out)
	}
	b, err := os.ReadFile(export)
	if err != nil {
		return nil, err
	}
	var result struct{ Results []timing }
	if err := json.Unmarshal(b, &result); err != nil || len(result.Results) != len(commands) {
		return nil, fmt.Errorf("hyperfine's output cannot be read: %w", err)
	}
	return result.Results, nil
}
