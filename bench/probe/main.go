// Command probe measures gperf probe against perf probe and prints docs/performance.md's table.
//
//	go build -o gperf ./cmd/gperf && go run ./bench/probe -gperf ./gperf -vmlinux /usr/lib/debug/boot/vmlinux-6.1.0-56-amd64
//
// It needs hyperfine. The programs run in turn, round after round, so that a machine that is busy for a while is busy for
// all of them.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// options are the command's flags.
type options struct {
	gperf, perf, vmlinux string
	rounds               int
}

func main() {
	var o options
	flag.StringVar(&o.gperf, "gperf", "./gperf", "the gperf to measure")
	flag.StringVar(&o.perf, "perf", "perf", "the perf to compare it with")
	flag.StringVar(&o.vmlinux, "vmlinux", "", "a kernel's image with debug information")
	flag.IntVar(&o.rounds, "rounds", 10, "how many times everything runs")
	flag.Parse()
	if err := run(&o); err != nil {
		fmt.Fprintln(os.Stderr, "bench/probe:", err)
		os.Exit(1)
	}
}

// question is what is asked of both programs.
type question struct {
	args    []string
	answers []answer
}

// answer is one way of gperf to answer, and the part of perf's time that it may take.
type answer struct {
	name  string
	bound float64
	flags []string
	first bool // the cache is emptied before
}

func questions() []question {
	indexed := answer{name: "with an index", bound: 0.02}
	first := answer{name: "first use, writes the index", bound: 0.25, first: true}
	none := answer{name: "`--no-index`", bound: 0.08, flags: []string{"--no-index"}}
	bounded := func(a answer, bound float64) answer { a.bound = bound; return a }
	return []question{
		{[]string{"-D", "do_sys_open filename:string"}, []answer{indexed, first, none}},
		{[]string{"--max-probes", "5000", "-D", "kmalloc"}, []answer{bounded(indexed, 0.1), bounded(none, 0.1)}},
		{[]string{"-F"}, []answer{bounded(none, 0.2)}},
		{[]string{"-V", "do_sys_open"}, []answer{bounded(indexed, 0.2), bounded(none, 0.2)}},
		{[]string{"-s", "SOURCES", "-L", "do_sys_open"}, []answer{bounded(indexed, 0.2), bounded(none, 0.2)}},
		{[]string{"-s", "SOURCES", "-L", "fs/open.c:1290-1310"}, []answer{bounded(none, 0.2)}},
	}
}

// run measures and prints.
func run(o *options) error {
	if o.vmlinux == "" {
		return fmt.Errorf("-vmlinux is needed; Debian: apt install linux-image-amd64-dbg")
	}
	var err error
	if o.gperf, err = filepath.Abs(o.gperf); err != nil {
		return err
	}
	cache, err := os.MkdirTemp("", "bench-probe-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(cache)
	if err := os.Setenv("XDG_CACHE_HOME", cache); err != nil {
		return err
	}
	if err := makeSources(filepath.Join(cache, sources, "fs")); err != nil {
		return err
	}
	printMachine(o)
	fmt.Println("| `probe -k VMLINUX` | | time, ms | least | of perf's time | of its least | at most | anonymous memory, MiB |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, q := range questions() {
		if err := measure(o, &q, cache); err != nil {
			return err
		}
	}
	return nil
}

// sources stands for a directory with a text in place of the kernel's fs/open.c: perf -L fails without.
const sources = "SOURCES"

func makeSources(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "open.c"), []byte(strings.Repeat("a line\n", 3000)), 0o600)
}

// measure asks one question of all, and prints a row for each.
func measure(o *options, q *question, cache string) error {
	args := slices.Clone(q.args)
	if i := slices.Index(args, sources); i >= 0 {
		args[i] = filepath.Join(cache, sources)
	}
	ways := []way{{name: "perf", argv: append([]string{o.perf, "probe", "-k", o.vmlinux}, args...)}}
	for _, a := range q.answers {
		w := way{name: a.name, bound: a.bound, argv: append(append([]string{o.gperf, "probe", "-k", o.vmlinux}, a.flags...), args...)}
		if a.first {
			w.prepare = "rm -rf " + filepath.Join(cache, "gperf")
		}
		ways = append(ways, w)
	}
	for round := range o.rounds + 1 {
		for i := range ways {
			seconds, err := ways[i].once()
			if err != nil {
				return err
			}
			if round > 0 { // the first is to have everything in memory
				ways[i].times = append(ways[i].times, seconds)
			}
		}
	}
	for i := range ways {
		if err := ways[i].memory(); err != nil {
			return err
		}
		ways[i].print(strings.Join(quoted(q.args), " "), &ways[0])
	}
	return nil
}

func quoted(args []string) []string {
	out := slices.Clone(args)
	for i, a := range out {
		if strings.Contains(a, " ") {
			out[i] = "'" + a + "'"
		}
	}
	return out
}

// print writes one row of the table.
func (w *way) print(question string, perf *way) {
	median, least := w.median(), slices.Min(w.times)
	fmt.Printf("| `%s` | %s | %.1f | %.1f |", question, w.name, median*1e3, least*1e3)
	if w == perf {
		fmt.Print(" | | |")
	} else {
		fmt.Printf(" %.3f | %.3f | %.2f |", median/perf.median(), least/slices.Min(perf.times), w.bound)
	}
	fmt.Printf(" %.1f |\n", float64(w.anon)/1024)
}
