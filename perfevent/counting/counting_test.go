package counting_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/counting"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

func specs(tb testing.TB, text string) []selector.Spec {
	tb.Helper()
	groups, err := selector.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	out, err := (&selector.Resolver{Sys: os.DirFS("/sys")}).Resolve(context.Background(), groups)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// This thread's own counts grow while it works, and stand still when they are disabled.
func TestCount(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	set, err := counting.Open(context.Background(), specs(t, "{task-clock:u,page-faults:u}"), counting.Targets{TIDs: []int{os.Getpid()}}, counting.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	if got := set.Read(nil); got[0][0].Enabled != 0 {
		t.Errorf("it counts before it is enabled: %v", got)
	}
	if err := errors.Join(set.Enable(), set.Disable()); err != nil {
		t.Fatal(err)
	}
	first := set.Read(nil)
	if again := set.Read(nil); again[0][0] != first[0][0] || again[1][0] != first[1][0] {
		t.Errorf("it counts when it is disabled: %v, %v", first, again)
	}
}

func TestNoSuchProcess(t *testing.T) {
	if _, err := counting.Open(context.Background(), specs(t, "page-faults"), counting.Targets{}, counting.Options{}); err == nil || !strings.Contains(err.Error(), "nothing to measure") {
		t.Errorf("without a target: %v", err)
	}
	_, err := counting.Open(context.Background(), specs(t, "page-faults"), counting.Targets{PIDs: []int{1 << 30}}, counting.Options{})
	var gone *evlist.NoSuchProcessError
	if !errors.As(err, &gone) {
		t.Error(err)
	}
}

func ExampleOpen() {
	groups, err := selector.Parse("page-faults:u")
	if err != nil {
		panic(err)
	}
	found, err := (&selector.Resolver{}).Resolve(context.Background(), groups)
	if err != nil {
		panic(err)
	}
	set, err := counting.Open(context.Background(), found, counting.Targets{PIDs: []int{os.Getpid()}}, counting.Options{})
	if err != nil {
		panic(err)
	}
	defer set.Close()
	if err := set.Enable(); err != nil {
		panic(err)
	}
	for _, c := range set.Counts(nil) {
		if c.TID == os.Getpid() {
			fmt.Println(c.Event, c.CPU == perfevent.AnyCPU)
		}
	}
	// Output: page-faults:u true
}
