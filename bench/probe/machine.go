package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// printMachine says what was measured, where and when.
func printMachine(o *options) {
	fmt.Printf("- %s, median and least of %d runs each, the programs in turn\n", time.Now().UTC().Format("2006-01-02"), o.rounds)
	fmt.Printf("- %s, %d CPUs, Linux %s, load %s before\n", cpuName(), runtime.NumCPU(), strings.TrimSpace(file("/proc/sys/kernel/osrelease")), load())
	fmt.Printf("- %s; %s; %s\n", output(o.perf, "--version"), output(o.gperf, "--version"), runtime.Version())
	if st, err := os.Stat(o.vmlinux); err == nil {
		fmt.Printf("- %s, %d bytes\n\n", st.Name(), st.Size())
	}
}

func cpuName() string {
	for line := range strings.Lines(file("/proc/cpuinfo")) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func load() string {
	one, _, _ := strings.Cut(file("/proc/loadavg"), " ")
	return one
}

// file returns a small file's text, "" if it cannot be read.
func file(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(b)
}

// output returns the first line that a command prints.
func output(name string, args ...string) string {
	b, err := exec.Command(name, args...).Output()
	if err != nil {
		return name
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return line
}
