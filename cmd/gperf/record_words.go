package main

import (
	"context"
	"errors"

	"github.com/spf13/pflag"

	"github.com/gperf-dev/gperf/perfevent/selector"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// eventWords are -e and --filter in their order: a filter is of the event before it.
type eventWords struct {
	words []eventWord
	group bool  // one of all
	first []int // of each word, how many events are before it; made by specs
}

type eventWord struct {
	kind byte
	text string
}

// Kinds of eventWord.
const (
	wordEvent  = 'e'
	wordFilter = 'f'
	wordNotOwn = 'x'
	wordCGroup = 'G'
)

// eventFlag is a flag that appends to eventWords.
type eventFlag struct {
	to   *eventWords
	kind byte
}

func (w *eventWords) flag(kind byte) pflag.Value { return eventFlag{w, kind} }

func (f eventFlag) String() string { return "" }

func (f eventFlag) Type() string {
	if f.kind == wordNotOwn {
		return "bool"
	}
	return "text"
}

func (f eventFlag) Set(s string) error {
	if f.kind == wordNotOwn && s != "true" {
		return errors.New("it takes no value")
	}
	f.to.words = append(f.to.words, eventWord{f.kind, s})
	return nil
}

// specs resolves the events. When tracefs is missing it is mounted, and the user told.
func (w *eventWords) specs(ctx context.Context, r *selector.Resolver, note func(string, ...any)) ([]selector.Spec, error) {
	var all []selector.Spec
	last := 0 // where the last event begins: a glob is several specs
	w.first = w.first[:0]
	for _, word := range w.words {
		w.first = append(w.first, len(all))
		if word.kind != wordEvent {
			if err := word.applyTo(all, last); err != nil {
				return nil, err
			}
			continue
		}
		groups, err := selector.Parse(word.text)
		if err != nil {
			return nil, err
		}
		if all, last, err = resolve(ctx, r, all, groups, note); err != nil {
			return nil, err
		}
	}
	if len(all) == 0 {
		return r.Default(), nil
	}
	if w.group {
		groupAll(all)
	}
	return all, nil
}

func resolve(ctx context.Context, r *selector.Resolver, all []selector.Spec, groups []selector.Group, note func(string, ...any)) ([]selector.Spec, int, error) {
	last := len(all)
	for i := range groups {
		specs, err := r.Resolve(ctx, groups[i:i+1])
		if errors.Is(err, tracefs.ErrNotMounted) {
			trace, mounted, mountErr := tracefs.Mount()
			if mountErr != nil {
				return nil, 0, mountErr
			}
			if mounted {
				note("tracefs was not mounted; mounted it on %s", trace.Dir())
			}
			r.Trace = trace
			specs, err = r.Resolve(ctx, groups[i:i+1])
		}
		if err != nil {
			return nil, 0, err
		}
		last = len(all)
		if len(groups[i].Events) > 1 {
			last += len(specs) - 1
		}
		for j := range specs {
			specs[j].Leader += len(all)
		}
		all = append(all, specs...)
	}
	return all, last, nil
}

// applyTo does what a word says of the events before it, of which the last word's begin at last.
func (w eventWord) applyTo(all []selector.Spec, last int) error {
	switch w.kind {
	case wordCGroup:
		return cgroups(all, w.text)
	case wordNotOwn:
		return excludeOwn(all[last:])
	}
	return filter(all[last:], w.text)
}

func hasTracepoint(specs []selector.Spec) bool {
	for i := range specs {
		if specs[i].Format != nil {
			return true
		}
	}
	return false
}
