package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/gperf-dev/gperf/internal/cache"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
	"github.com/gperf-dev/gperf/probe"
)

// prober carries out one probe command. Messages go to standard error as perf's do, lists to standard output.
type prober struct {
	app *app
	o   *probeOptions
}

// options are the resolver's.
func (p *prober) options(ctx context.Context) probe.Options {
	o := probe.Options{NoInlines: p.o.noInlines, MaxPlaces: p.o.maxProbes, Source: p.o.source, Root: p.o.root, System: os.DirFS("/"), Definitions: cachedDefinitions(), Fetch: p.app.fetcher(ctx, p.o.quiet)}
	if !p.o.noIndex {
		o.Cache = cache.Default()
	}
	return o
}

// resolvers opens each target once. close them all in the end.
type resolvers struct {
	p    *prober
	open map[probe.Target]*probe.Resolver
}

func (p *prober) resolvers() *resolvers { return &resolvers{p, make(map[probe.Target]*probe.Resolver)} }

func (r *resolvers) close() {
	for _, one := range r.open {
		_ = one.Close() // mapped for reading: nothing is lost
	}
}

// saveIndexes is for when the answer has been given: the next gperf finds it sooner.
func (r *resolvers) saveIndexes() {
	for _, one := range r.open {
		if err := one.SaveIndex(); err != nil && r.p.o.verbose > 0 {
			r.p.say("no index is kept: %v", err)
		}
	}
}

func (r *resolvers) get(ctx context.Context, t probe.Target) (*probe.Resolver, error) {
	if t.Exec == "" {
		t.Vmlinux = r.p.o.vmlinux
		t.Offline = (t.Vmlinux != "" || t.Module != "") && strings.IndexByte("lda", r.p.o.words.command) < 0
	}
	if t.Exec != "" && r.p.o.targetNS > 0 {
		t.Root = rootOf(r.p.o.targetNS)
	}
	if one, ok := r.open[t]; ok {
		return one, nil
	}
	one, err := probe.NewResolver(ctx, t, r.p.options(ctx))
	if err != nil {
		return nil, err
	}
	r.open[t] = one
	return one, nil
}

// rootOf returns the root directory of a process, "" if its mounts are ours.
func rootOf(pid int) string {
	proc := fmt.Sprintf("/proc/%d", pid)
	theirs, err := os.Readlink(proc + "/ns/mnt")
	if own, ownErr := os.Readlink("/proc/self/ns/mnt"); err == nil && ownErr == nil && theirs == own {
		return ""
	}
	return proc + "/root"
}

// events parses and resolves all definitions of the command line.
func (p *prober) events(ctx context.Context, rs *resolvers) ([]*probe.Event, error) {
	var events []*probe.Event
	for i, w := range p.o.words.words {
		d, err := p.parse(i, w)
		if err != nil {
			return nil, err
		}
		more, err := rs.resolve(ctx, w.target, d)
		if err != nil {
			return nil, err
		}
		events = append(events, more...)
	}
	for _, e := range events {
		for _, note := range e.Notes {
			p.say("%s", note)
		}
	}
	return events, nil
}

// resolve finds the places of one definition. A marker or a kept event names its file itself, or is looked for among what was
// kept and in the files of all processes.
func (r *resolvers) resolve(ctx context.Context, t probe.Target, d *probe.Definition) ([]*probe.Event, error) {
	if d.Point.Kind == probe.SDTPoint && t == (probe.Target{}) {
		if d.MayBeCached() {
			events, err := (&probe.Cache{Dir: cachedDefinitions()}).Resolve(d)
			if !is[*probe.NotCachedError](err) || d.Point.Provider != "" {
				return events, err
			}
		}
		if d.Point.Source == "" {
			o := r.p.options(ctx)
			search := probe.MarkerSearch{System: o.System}
			return search.Resolve(ctx, d, o)
		}
		t.Exec = d.Point.Source
	}
	one, err := r.get(ctx, t)
	if err != nil {
		return nil, err
	}
	return one.ResolveAll(d)
}

func (p *prober) parse(i int, w probeWord) (*probe.Definition, error) {
	if p.o.verbose > 0 {
		p.say("probe-definition(%d): %s", i, w.text)
	}
	d, err := probe.Parse(w.text)
	if err != nil && w.free {
		return nil, &freeWordError{err}
	}
	return d, err
}

// manager opens the tracefs, mounting it if need be.
func (p *prober) manager() (*probe.Manager, error) {
	fs, mounted, err := tracefs.Mount()
	if err != nil {
		return nil, err
	}
	if mounted {
		p.say("gperf: mounted tracefs at %s", fs.Dir())
	}
	return probe.NewManager(fs, &argtype.Store{Dir: argtype.DefaultDir}), nil
}
