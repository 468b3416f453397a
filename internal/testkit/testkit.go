// Package testkit says what a test needs from the machine, and is the only place where a test may be skipped.
//
// A skip prints "need FEATURE: why". `make test` collects these lines and compares them with skips.txt, the list of
// tests that are expected to be skipped where a feature is missing; an unexpected skip fails the run.
package testkit

import (
	"fmt"
	"testing"
)

// Need skips the test when the machine lacks one of the features.
func Need(t testing.TB, features ...Feature) {
	t.Helper()
	for _, f := range features {
		if err := Have(f); err != nil {
			t.Skip(SkipText(f, err))
		}
	}
}

// SkipText is the text that a skip prints and that skipcheck reads back.
func SkipText(f Feature, why error) string { return fmt.Sprintf("need %s: %v", f, why) }
