package main

import (
	"context"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/symbolize/debugfile/debuginfod"
)

// fetcher returns what gets debug files by build-id from the servers of DEBUGINFOD_URLS; nil if it is unset. Progress is shown on a
// terminal only.
func (a *app) fetcher(ctx context.Context, quiet bool) func(buildID []byte) (string, error) {
	if os.Getenv("DEBUGINFOD_URLS") == "" {
		return nil
	}
	client, err := debuginfod.FromEnv(os.Getenv)
	if err != nil {
		return func([]byte) (string, error) { return "", err }
	}
	if client == nil {
		return nil
	}
	if !quiet && isTerminal(a.err) {
		client.Progress = a.err
	}
	return func(buildID []byte) (string, error) { return client.DebugInfo(ctx, buildID) }
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
