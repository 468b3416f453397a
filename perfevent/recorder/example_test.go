package recorder_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/recorder"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// Record this process for a second into a file that perf and gperf read.
func ExampleRun() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	groups, err := selector.Parse("cpu-clock:u")
	if err != nil {
		log.Fatal(err)
	}
	r := selector.Resolver{Sys: os.DirFS("/sys")}
	specs, err := r.Resolve(ctx, groups)
	if err != nil {
		log.Fatal(err)
	}
	list, err := evlist.Open(ctx, specs, evlist.Targets{PIDs: []int{os.Getpid()}}, evlist.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer list.Close()
	w, err := perfdata.Create("perf.data")
	if err != nil {
		log.Fatal(err)
	}
	summary, err := recorder.Run(ctx, list, w, recorder.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(summary.Samples, "samples,", summary.Lost, "lost")
}
