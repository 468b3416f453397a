package main

import (
	"context"
	"sync"

	"github.com/gperf-dev/gperf/internal/openmetrics"
	"github.com/gperf-dev/gperf/internal/openmetrics/exporter"
	"github.com/gperf-dev/gperf/internal/statrun"
	"github.com/gperf-dev/gperf/perfevent/counting"
)

// listen serves the counts over HTTP from now on until stop; before the events are open, and behind, there are none.
func (k *statting) listen(ctx context.Context, opts *statrun.Options) (stop func() error, err error) {
	if k.o.listen == "" {
		return func() error { return nil }, nil
	}
	s := &served{cgroups: opts.Events.CGroups}
	server, err := exporter.Listen(k.o.listen, s.counts)
	if err != nil {
		return nil, err
	}
	opts.Running = s.running
	k.note("the counts are at http://%s/metrics", server.Addr())
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx) }()
	return func() error {
		cancel()
		return <-ended
	}, nil
}

// served is the set of counters that scrapes read, while it is open.
type served struct {
	cgroups []string
	mu      sync.Mutex
	set     *counting.Set
}

// running is told when the counters are open; what it returns, before they close.
func (s *served) running(set *counting.Set) (done func()) {
	s.change(set)
	return func() { s.change(nil) }
}

func (s *served) change(set *counting.Set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set = set
}

func (s *served) counts(dst []openmetrics.Count) ([]openmetrics.Count, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set == nil {
		return dst, nil
	}
	return statrun.Scrape(dst, s.set, s.cgroups), nil
}
