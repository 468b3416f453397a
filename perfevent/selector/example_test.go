package selector_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/gperf-dev/gperf/perfevent/selector"
)

// Take a selection apart. Nothing is looked up.
func ExampleParse() {
	groups, err := selector.Parse("{cycles,instructions}:u,sched:sched_*,cpu-clock/period=100000/")
	if err != nil {
		log.Fatal(err)
	}
	for _, g := range groups {
		for _, e := range g.Events {
			fmt.Printf("%q system %q terms %d, group's modifiers %q\n", e.Name, e.System, len(e.Terms), g.Modifiers)
		}
	}
	_, err = selector.Parse("{cycles,faults")
	fmt.Println(err)
	// Output:
	// "cycles" system "" terms 0, group's modifiers "u"
	// "instructions" system "" terms 0, group's modifiers "u"
	// "sched_*" system "sched" terms 0, group's modifiers ""
	// "cpu-clock" system "" terms 1, group's modifiers ""
	// event syntax error: '{cycles,faults'
	//                      \___ the brace is not closed
}

// Look names up on this machine: what comes out is ready for evlist.Open.
func ExampleResolver_Resolve() {
	groups, err := selector.Parse("page-faults:u")
	if err != nil {
		log.Fatal(err)
	}
	r := selector.Resolver{Sys: os.DirFS("/sys")}
	specs, err := r.Resolve(context.Background(), groups)
	var unknown *selector.UnknownEventError
	if errors.As(err, &unknown) {
		log.Fatal(unknown, " ", unknown.Nearest)
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(specs[0].Name, specs[0].Attr.Type, specs[0].Attr.Config)
	// Output:
	// page-faults:u 1 2
}
