package testkit

import (
	"strings"
	"testing"
	"time"
)

func TestRunWatched(t *testing.T) {
	if out, err := RunWatched(time.Hour, "sh", "-c", "echo done; echo said >&2"); err != nil || string(out) != "done\nsaid\n" {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := RunWatched(time.Hour, "sh", "-c", "exit 3"); err == nil || strings.Contains(err.Error(), "still ran") {
		t.Errorf("%v", err)
	}
	out, err := RunWatched(100*time.Millisecond, "sleep", "1000")
	if err == nil || !strings.HasPrefix(err.Error(), "sleep still ran after 100ms:\n") || !strings.Contains(err.Error(), " sleep, state ") {
		t.Errorf("%q, %v", out, err)
	}
}
