package probe_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
	"github.com/gperf-dev/gperf/probe"
)

// From a definition to the lines that the kernel takes.
func ExampleResolver_Resolve() {
	d, err := probe.Parse("mine:fun=fun o->in.name:string x")
	if err != nil {
		log.Fatal(err) // a *probe.DefinitionError with the column
	}
	r, err := probe.NewResolver(context.Background(), probe.Target{Exec: "../dwarfvars/testdata/small/gcc-5-O2"}, probe.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	event, err := r.Resolve(d)
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range event.KernelLines() {
		fmt.Println(strings.Replace(line, event.Target, "PATH", 1))
	}
	// Output:
	// p:mine/fun PATH:0xf0 name=+0(+8(%di)):string x=%si:s32
}

// Add an event to the kernel's, all of its places or none. This needs root.
func ExampleManager_Add() {
	var event *probe.Event // as Resolver.Resolve made it
	fs, _, err := tracefs.Mount()
	if err != nil {
		log.Fatal(err)
	}
	m := probe.NewManager(fs, &argtype.Store{Dir: argtype.DefaultDir})
	if err := m.Add(probe.AddOptions{}, event); err != nil {
		log.Fatal(err)
	}
	defer func() {
		filter, err := probe.ParseFilter(event.Group + ":" + event.Name)
		if err == nil {
			_, err = m.Remove(filter)
		}
		if err != nil {
			log.Print(err)
		}
	}()
}
