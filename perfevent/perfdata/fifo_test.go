package perfdata_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// A writer that could read its FIFO too would fill it and then wait for ever when the reader goes.
func TestCreateNoticesThatTheReaderOfAFIFOHasGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	w, err := perfdata.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	reader.Close()
	err = w.Begin([]perfdata.Event{{Name: "dummy", Attr: perfevent.Attr{Type: perfevent.TypeSoftware, Config: perfevent.SWDummy}}}, &perfdata.Features{})
	if err == nil {
		err = w.Flush()
	}
	if !errors.Is(err, syscall.EPIPE) {
		t.Fatalf("got %v, want EPIPE", err)
	}
}
