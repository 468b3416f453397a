// Package feature tries what a kernel can do and remembers the answer.
//
// Versions lie: distributions backport, containers forbid, configurations
// leave out. So a feature is tried, and the version of the kernel that first
// had it only serves the message and the tests.
package feature

import (
	"errors"
	"fmt"
	"sync"
)

// ErrNotSupported matches (errors.Is) every error that says that the kernel
// lacks a feature. No other error of [Test.Check] matches it: those mean that
// it cannot be told.
var ErrNotSupported = errors.New("not supported by this kernel")

// NotSupportedError says which feature the kernel lacks.
type NotSupportedError struct {
	Name      string // of the feature, in words
	MinKernel string // first version of Linux that has it; "" if that is no matter of versions
	Err       error  // what the attempt met, may be nil
}

func (e *NotSupportedError) Error() string {
	if e.MinKernel == "" {
		return fmt.Sprintf("%s: %v", e.Name, e.Err)
	}
	text := fmt.Sprintf("%s: not supported by this kernel (Linux %s has it first)", e.Name, e.MinKernel)
	if e.Err != nil && !errors.Is(e.Err, ErrNotSupported) {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is makes e match [ErrNotSupported].
func (e *NotSupportedError) Is(target error) bool { return target == ErrNotSupported }

// Unwrap gives what the attempt met.
func (e *NotSupportedError) Unwrap() error { return e.Err }

// Test finds out once whether the running kernel has a feature. It is safe
// for concurrent use.
type Test struct {
	name, minKernel string
	try             func() error

	mu   sync.Mutex
	done bool
	err  error
}

// New describes a feature. Try is nil when the kernel has it, matches
// [ErrNotSupported] when it does not, and any other error when it cannot be
// told, for instance for lack of rights.
func New(name, minKernel string, try func() error) *Test {
	return &Test{name: name, minKernel: minKernel, try: try}
}

// Name is the feature in words.
func (t *Test) Name() string { return t.name }

// MinKernel is the first version of Linux that has the feature.
func (t *Test) MinKernel() string { return t.minKernel }

// Check is nil when the kernel has the feature and a [*NotSupportedError]
// when it does not; these two answers are kept. Any other error means that it
// cannot be told now: the next call tries again.
func (t *Test) Check() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done {
		return t.err
	}
	switch err := t.try(); {
	case err == nil:
		t.done = true
	case errors.Is(err, ErrNotSupported):
		t.done = true
		t.err = &NotSupportedError{Name: t.name, MinKernel: t.minKernel, Err: err}
	default:
		return fmt.Errorf("cannot tell whether the kernel has %s: %w", t.name, err)
	}
	return t.err
}
