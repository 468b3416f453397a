// Command record measures gperf record and perf record side by side: a storm of system calls, recorded on all CPUs, with rings of 128 pages
// and with each recorder's own; and a uprobe that one program hits as often as it can. For each it prints the medians of some runs: events a
// second, the share of samples that are the recorder's own, what was lost, and the recorder's CPU time. docs/performance.md has tables of it. It
// needs root, perf and gcc.
//
//	go build -o gperf ./cmd/gperf && go run ./bench/record -gperf ./gperf
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
)

const storm = "raw_syscalls:sys_enter"

// measure is what one run gives.
type measure struct {
	rate, own, lost, cpu float64 // events a second; percent; events; seconds
}

func main() {
	gperf := flag.String("gperf", "gperf", "the gperf to measure")
	runs := flag.Int("runs", 5, "how often")
	count := flag.Int("count", 2000000, "bytes that dd copies, two system calls each")
	flag.Parse()
	dir, err := os.MkdirTemp("", "bench-record")
	if err == nil {
		err = errors.Join(table(*gperf, dir, *runs, *count), probed(*gperf, dir, *runs, *count))
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

func table(gperf, dir string, runs, count int) error {
	fmt.Printf("| rings | recorder | events/s | own samples | lost (median, worst) | CPU |\n|---|---|---|---|---|---|\n")
	for _, rings := range [][]string{{"-m", "128"}, nil} {
		all := map[string][]measure{}
		for range runs { // in turn, so that both meet the same machine
			for _, bin := range []string{"perf", gperf} {
				m, err := run(bin, filepath.Join(dir, "perf.data"), rings, count)
				if err != nil {
					return fmt.Errorf("%s: %w", bin, err)
				}
				all[bin] = append(all[bin], m)
			}
		}
		for _, bin := range []string{"perf", gperf} {
			print(rings, filepath.Base(bin), all[bin])
		}
	}
	return nil
}

func print(rings []string, name string, all []measure) {
	of := func(value func(measure) float64) (median, worst float64) {
		var v []float64
		for _, m := range all {
			v = append(v, value(m))
		}
		slices.Sort(v)
		return v[len(v)/2], v[len(v)-1]
	}
	title := "its own"
	if rings != nil {
		title = rings[1] + " pages"
	}
	rate, _ := of(func(m measure) float64 { return m.rate })
	own, _ := of(func(m measure) float64 { return m.own })
	lost, worst := of(func(m measure) float64 { return m.lost })
	cpu, _ := of(func(m measure) float64 { return m.cpu })
	fmt.Printf("| %s | %s | %.0f | %.2f %% | %.0f, %.0f | %.2f s |\n", title, name, rate, own, lost, worst, cpu)
}

// run records one storm.
func run(bin, file string, rings []string, count int) (m measure, err error) {
	_ = os.Remove(file)
	c := exec.Command(bin, append([]string{"record", "-o", file, "-B", "-a", "-e", storm}, rings...)...)
	if err := c.Start(); err != nil {
		return m, err
	}
	time.Sleep(time.Second) // until it has told of all processes
	begin := time.Now()
	dd := exec.Command("dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count="+strconv.Itoa(count), "status=none")
	err = dd.Run()
	took := time.Since(begin)
	if err := errors.Join(err, c.Process.Signal(syscall.SIGINT)); err != nil {
		return m, err
	}
	_ = c.Wait() // it ends by the signal, as perf does
	m.cpu = (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()
	err = m.read(file, uint32(c.Process.Pid))
	m.rate /= took.Seconds()
	return m, err
}

// read counts samples, those of a process among them, and losses.
func (m *measure) read(file string, own uint32) error {
	r, err := perfdata.Open(file)
	if err != nil {
		return err
	}
	defer r.Close()
	var rec record.Record
	var s record.Sample
	var ours, places float64
	for {
		err := r.Next(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		i, _, ok := r.Set().Find(rec.Bytes)
		if !ok {
			i = 0
		}
		layout := r.Events()[i].Layout()
		switch rec.Type {
		case record.TypeSample:
			m.rate++
			if layout.DecodeSample(rec.Bytes, &s) == nil && s.PID == own {
				ours++
			}
		case record.TypeLost, record.TypeLostSamples:
			switch b, _ := record.Decode(layout, rec.Bytes); b := b.(type) {
			case *record.Lost:
				places += float64(b.Lost)
			case *record.LostSamples:
				m.lost += float64(b.Lost)
			}
		}
	}
	m.own = 100 * ours / max(1, m.rate)
	m.lost = max(m.lost, places)
	return nil
}
