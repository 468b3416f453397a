package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
	"github.com/gperf-dev/gperf/probe"
)

// TestSignalWhileAdding stops probe --add before it has said that the events are there: none may stay.
func TestSignalWhileAdding(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Uprobes)
	trace, err := tracefs.Find()
	if err != nil {
		t.Fatal(err)
	}
	r, err := probe.NewResolver(context.Background(), probe.Target{Exec: "/bin/bash"}, probe.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	group := fmt.Sprintf("probe_tsig%d", os.Getpid())
	var events []*probe.Event
	for _, name := range []string{"one", "two"} {
		d, err := probe.Parse(group + ":" + name + "=readline")
		if err != nil {
			t.Fatal(err)
		}
		e, err := r.Resolve(d)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	signals := make(chan os.Signal, 1)
	signals <- syscall.SIGINT
	p := &prober{app: &app{err: io.Discard}, o: &probeOptions{}}
	m := probe.NewManager(trace, &argtype.Store{Dir: t.TempDir()})
	err = p.defineUnless(signals, m, events)
	var status interface{ ExitStatus() int }
	if !errors.As(err, &status) || status.ExitStatus() != 130 || !strings.Contains(err.Error(), "nothing was added") {
		t.Errorf("error %v", err)
	}
	lines, err := trace.Probes(tracefs.UProbe)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if l.Group == group {
			t.Errorf("%s is still there", l.Text)
			if err := trace.Remove(tracefs.UProbe, l.Group, l.Event); err != nil {
				t.Error(err)
			}
		}
	}
}
