package main

import (
	"os"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/internal/workload"
	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary is gperf itself when a script calls it by that name.
func TestMain(m *testing.M) {
	workload.Shim() // record starts this binary again
	testscript.Main(m, map[string]func(){"gperf": main})
}

// TestScripts runs testdata/script/*.txtar. What a script needs from the machine stands in its first lines, as
// `[!uprobes] skip 'need uprobes: …'` with testkit's names, so that skips are counted like any other.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("GPERF_UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("DEBUGINFOD_URLS", "")
			return nil
		},
		Condition: func(name string) (bool, error) {
			return testkit.Have(testkit.Feature(name)) == nil, nil
		},
	})
}
