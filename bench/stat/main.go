// Command stat measures gperf stat and perf stat side by side, from start to end of the process, and prints the table of
// docs/performance.md: medians and least of runs that take turns, so that a machine that is busy for a while is busy for both.
//
//	make build && go run ./bench/stat -gperf ./gperf
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

func main() {
	gperf := flag.String("gperf", "./gperf", "the gperf to measure")
	runs := flag.Int("runs", 100, "how often")
	flag.Parse()
	if err := table(*gperf, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "stat:", err)
		os.Exit(1)
	}
}

func table(gperf string, runs int) error {
	fmt.Println("| command | perf, median (least) | gperf, median (least) | ratio of medians |\n|---|---|---|---|")
	for _, args := range []string{"stat true", "stat -e page-faults true", "stat -r 20 true", "stat -a -A sleep 0", "--version"} {
		var perf, own []time.Duration
		for range runs {
			a, err := once("perf", args)
			if err != nil {
				return err
			}
			b, err := once(gperf, args)
			if err != nil {
				return err
			}
			perf, own = append(perf, a), append(own, b)
		}
		slices.Sort(perf)
		slices.Sort(own)
		mid := runs / 2
		fmt.Printf("| `%s` | %s (%s) | %s (%s) | %.2f |\n", args, millis(perf[mid]), millis(perf[0]), millis(own[mid]), millis(own[0]), float64(own[mid])/float64(perf[mid]))
	}
	return nil
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// once runs a command and takes its time, without what it prints.
func once(program, args string) (time.Duration, error) {
	cmd := exec.Command(program, strings.Fields(args)...)
	start := time.Now()
	err := cmd.Run()
	return time.Since(start), err
}
