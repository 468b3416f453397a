package feature

import (
	"errors"
	"fmt"
	"testing"
)

func TestCheckKeepsYesAndNo(t *testing.T) {
	for _, test := range []struct {
		name  string
		err   error
		calls int
	}{
		{"yes", nil, 1},
		{"no", fmt.Errorf("tried it: %w", ErrNotSupported), 1},
		{"cannot tell", errors.New("permission denied"), 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			calls := 0
			f := New("a thing", "6.1", func() error { calls++; return test.err })
			first, second := f.Check(), f.Check()
			if calls != test.calls {
				t.Errorf("tried %d times, want %d", calls, test.calls)
			}
			for _, err := range []error{first, second} {
				if (err == nil) != (test.err == nil) || errors.Is(err, ErrNotSupported) != errors.Is(test.err, ErrNotSupported) {
					t.Errorf("Check: %v, tried: %v", err, test.err)
				}
			}
		})
	}
}

func TestCannotTellThenYes(t *testing.T) {
	answers := []error{errors.New("busy"), nil}
	f := New("a thing", "6.1", func() error {
		err := answers[0]
		answers = answers[1:]
		return err
	})
	if err := f.Check(); err == nil || errors.Is(err, ErrNotSupported) {
		t.Errorf("first: %v", err)
	}
	if err := f.Check(); err != nil {
		t.Errorf("second: %v", err)
	}
}

func TestNotSupportedErrorText(t *testing.T) {
	f := New("uprobes by perf_event_open", "4.17", func() error { return ErrNotSupported })
	want := "uprobes by perf_event_open: not supported by this kernel (Linux 4.17 has it first)"
	if err := f.Check(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestOnce(t *testing.T) {
	var o Once
	if !o.First("a") || o.First("a") || !o.First("b") {
		t.Error("want true for the first of each text only")
	}
}
