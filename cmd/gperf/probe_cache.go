package main

import (
	"bufio"
	"fmt"

	"github.com/gperf-dev/gperf/probe"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// cachedDefinitions is perf's build-id cache, in which definitions are kept too; "" if there is no home directory.
func cachedDefinitions() string { return (&debugfile.Options{}).CacheDir() }

// keep is --cache with --add. What it cannot keep is told; the probes are there.
func (p *prober) keep(events []*probe.Event) {
	dir := cachedDefinitions()
	if dir == "" {
		p.warn(&exitError{text: "nothing is kept: there is no home directory", hint: "HOME says where it is"})
		return
	}
	if err := (&probe.Cache{Dir: dir}).Add(events...); err != nil {
		p.warn(err)
	}
}

// listKept is --cache --list.
func (p *prober) listKept() error {
	filter, err := probe.ParseFilter(joinPatterns(p.o.words.texts()))
	if err != nil {
		return p.failed(&statusError{err, 129}, "")
	}
	files, err := (&probe.Cache{Dir: cachedDefinitions()}).List(filter)
	if err != nil {
		return p.failed(err, "Failed to show event list.")
	}
	out := bufio.NewWriter(p.app.out)
	for _, f := range files {
		fmt.Fprintln(out, shown(fmt.Sprintf("%s (%s):", f.Path, f.BuildID)))
		for _, e := range f.Events {
			fmt.Fprintln(out, shown(e.Text))
		}
	}
	return out.Flush()
}

// removeKept is --cache --del: the probes in the kernel stay.
func (p *prober) removeKept() error {
	const last = "Failed to delete events."
	text := joinPatterns(p.o.words.texts())
	filter, err := probe.ParseFilter(text)
	if err != nil {
		return p.failed(&statusError{err, 129}, "")
	}
	cache := &probe.Cache{Dir: cachedDefinitions()}
	var removed []probe.CachedEvent
	if p.o.dryRun {
		files, listErr := cache.List(filter)
		for _, f := range files {
			removed = append(removed, f.Events...)
		}
		err = listErr
	} else {
		removed, err = cache.Remove(filter)
	}
	for _, e := range removed {
		p.say("Removed cached event: %s", e.Text)
	}
	if err != nil {
		return p.failed(err, last)
	}
	if len(removed) == 0 {
		return p.failed(&exitError{status: 254, text: fmt.Sprintf("%q does not hit any event.", text), hint: "list what is kept: gperf probe --cache -l"}, last)
	}
	return nil
}
