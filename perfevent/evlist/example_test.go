package evlist_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// Sample this process for a second.
func ExampleOpen() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	groups, err := selector.Parse("cpu-clock:u,page-faults")
	if err != nil {
		log.Fatal(err)
	}
	r := selector.Resolver{Sys: os.DirFS("/sys")}
	specs, err := r.Resolve(ctx, groups)
	if err != nil {
		log.Fatal(err)
	}
	list, err := evlist.Open(ctx, specs, evlist.Targets{PIDs: []int{os.Getpid()}}, evlist.Options{
		Notify: func(s string) { log.Print(s) },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer list.Close()
	if err := list.Enable(); err != nil {
		log.Fatal(err)
	}
	bytes := 0
	for {
		err := list.Wait(ctx, -1)
		for _, ring := range list.Rings() {
			a, b := ring.Peek()
			bytes += len(a) + len(b)
			ring.Consume(len(a) + len(b))
		}
		if errors.Is(err, context.DeadlineExceeded) {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(bytes, "bytes of records")
}
