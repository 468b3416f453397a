package recorder

import (
	"context"
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/evlist"
)

// TestTrigger has this process and its children watched for a system call that is rare: what a child does counts, what this process does, does not.
func TestTrigger(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Tracefs)
	specs := resolveEvents(t, "syscalls:sys_enter_setpriority,syscalls:sys_enter_getpriority")
	trigger, err := OpenTrigger(context.Background(), specs, evlist.Targets{PIDs: []int{os.Getpid()}}, func(s string) { t.Error(s) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Getpriority(unix.PRIO_PROCESS, 0); err != nil {
		t.Fatal(err)
	}
	if yes, err := trigger.occurred(); yes || err != nil {
		t.Errorf("this process's own call counts: %v, %v", yes, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	requests := 0
	send := func(q Request) {
		if requests++; q.Kind != RequestSnapshot {
			t.Errorf("request %v", q.Kind)
		}
		q.Done(nil)
		cancel()
	}
	testkit.Run(t, "nice", "true")
	if err := trigger.Serve(ctx, send); err != nil || requests != 1 {
		t.Errorf("%d requests, %v, want one", requests, err)
	}
	if err := trigger.Close(); err != nil {
		t.Error(err)
	}
}

// Events of which each one would be too often are refused.
func TestTriggerPeriod(t *testing.T) {
	for _, events := range []string{"cpu-clock", "task-clock", "instructions", "cs,cpu-clock", "r1"} {
		_, err := OpenTrigger(context.Background(), resolveEvents(t, events), evlist.Targets{SystemWide: true}, nil)
		var e *TriggerError
		if !errors.As(err, &e) || e.Hint() == "" {
			t.Errorf("%s: %v", events, err)
		}
	}
	for _, events := range []string{"cs", "page-faults", "cpu-clock/period=1000/", "instructions/freq=10/"} {
		for _, s := range resolveEvents(t, events) {
			if needsPeriod(&s) {
				t.Errorf("%s would be refused", events)
			}
		}
	}
}
