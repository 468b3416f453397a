package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// containers is C++ whose functions are in each other, tens of them.
const containers = `
#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>
struct record { std::string key; long value; bool operator<(const record &o) const { return value < o.value || (value == o.value && key < o.key); } };
int main(int argc, char **argv) {
	std::map<std::string, std::vector<record>> all; long sum = 0;
	for (int r = atoi(argv[1]); r > 0; r--) {
		for (long i = 0; i < 20000; i++) all[std::to_string(i % 100)].push_back({std::to_string(i * 7919 % 1000), i ^ 0x55});
		for (auto &p : all) { std::sort(p.second.begin(), p.second.end(), [](const record &a, const record &b) { return b < a; }); sum += p.second[0].value; if (p.second.size() > 2000) p.second.clear(); }
	}
	return sum == 1;
}
`

// numbers is Go of that kind.
const numbers = `package main

import ("fmt"; "os"; "slices"; "strconv"; "strings")

func main() {
	rounds, _ := strconv.Atoi(os.Args[1])
	sum := 0
	for range rounds {
		all := map[string][]string{}
		for i := range 20000 { k := strconv.Itoa(i % 100); all[k] = append(all[k], strconv.Itoa(i*7919%1000)) }
		for _, v := range all { slices.SortFunc(v, strings.Compare); sum += len(strings.Join(v, " ")) }
	}
	fmt.Println(sum)
}
`

// inlined measures what inlined functions cost beside the same chains without them.
func inlined(gperf, dir, runs string) error {
	build := func(name, text string, command ...string) (string, error) {
		source, program := filepath.Join(dir, name), filepath.Join(dir, strings.ReplaceAll(name, ".", "-"))
		if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
			return "", err
		}
		out, err := exec.Command(command[0], append(command[1:], "-o", program, source)...).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("%s: %w: %s", command[0], err, out)
		}
		return program, nil
	}
	cxx, err := build("containers.cc", containers, "g++", "-O2", "-g", "-fno-omit-frame-pointer")
	if err != nil {
		return err
	}
	golang, err := build("numbers.go", numbers, "go", "build")
	if err != nil {
		return err
	}
	fmt.Println("\n| recording | samples | inlined frames | `perf script`, CPU ms | … `--no-inline` | `gperf script`, CPU ms | … `--no-inline` | … `--inline` |\n|---|---|---|---|---|---|---|---|")
	for i, r := range []recording{
		{"C++, `--call-graph dwarf`", []string{"-m", "4096", "-F", "2000", "--call-graph", "dwarf,8192", cxx, "100"}},
		{"C++, `-g`", []string{"-m", "4096", "-F", "25000", "-g", cxx, "200"}},
		{"Go, `-g`", []string{"-m", "4096", "-F", "25000", "-g", golang, "1000"}},
	} {
		file := filepath.Join(dir, "inlined"+strconv.Itoa(i))
		if out, err := exec.Command(gperf, append([]string{"record", "-q", "-e", "cpu-clock", "-o", file}, r.args...)...).CombinedOutput(); err != nil {
			return fmt.Errorf("record: %w: %s", err, out)
		}
		if err := inlinedRow(r.name, gperf, file, runs); err != nil {
			return err
		}
	}
	return nil
}

// inlinedRow measures one recording.
func inlinedRow(name, gperf, file, runs string) error {
	text, err := exec.Command(gperf, "script", "--inline", "-i", file).Output()
	if err != nil {
		return err
	}
	var commands []string
	for _, c := range []string{"perf script", "perf script --no-inline", gperf + " script", gperf + " script --no-inline", gperf + " script --inline"} {
		commands = append(commands, c+" -i "+file)
	}
	times, err := hyperfine(filepath.Join(filepath.Dir(file), "times"), runs, commands...)
	if err != nil {
		return err
	}
	fmt.Printf("| %s | %d | %d |", name, bytes.Count(text, []byte("\n\n")), bytes.Count(text, []byte(" (inlined)\n")))
	for _, t := range times {
		fmt.Printf(" %.0f |", 1000*t.cpu())
	}
	fmt.Println()
	return nil
}
