package recorder

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestControl(t *testing.T) {
	dir := t.TempDir()
	ctl, ack := filepath.Join(dir, "ctl"), filepath.Join(dir, "ack")
	for _, path := range []string{ctl, ack} {
		if err := unix.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var notes []string
	c, err := OpenControl("fifo:"+ctl+","+ack, func(s string) { notes = append(notes, s) })
	if err != nil {
		t.Fatal(err)
	}
	var got []Request
	over := make(chan error, 1)
	stopped := make(chan bool)
	go func() {
		over <- c.Serve(func(q Request) {
			var err error
			if q.Event == "x" {
				err = errors.New("there is no x")
			}
			q.Done(err)
			q.Done = nil
			got = append(got, q)
			if q.Kind == RequestStop {
				close(stopped)
			}
		})
	}()
	w, err := os.OpenFile(ctl, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := io.WriteString(w, "ping\nenable\nenable sched:sched_switch\ndisable x\nnonsense\nnonsense\nping now\n"+strings.Repeat("x", 3*maxControlLine)+"\nevlist -v\nstop\n"); err != nil {
		t.Fatal(err)
	}
	<-stopped
	r, err := os.OpenFile(ack, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b := make([]byte, 6*len("ack\n"))
	if _, err := io.ReadFull(r, b); err != nil || string(b) != strings.Repeat("ack\n", 6) {
		t.Errorf("acknowledged %q, %v", b, err)
	}
	if err := errors.Join(c.Close(), <-over); err != nil {
		t.Error(err)
	}
	want := "[{0  <nil>} {1  <nil>} {1 sched:sched_switch <nil>} {2 x <nil>} {5  <nil>} {4  <nil>}]"
	if text := fmt.Sprint(got); text != want {
		t.Errorf("requests %s, want %s", text, want)
	}
	if len(notes) != 4 || notes[0] != "control: there is no x" || !strings.Contains(notes[3], "a line of more than 4096 bytes") {
		t.Errorf("notes: %q", notes)
	}
}

func TestControlRefused(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "fd", "fd:", "fd:x", "fd:0,", "fd:99999", "pipe:1", "fifo:" + plain, "fifo:/no/such"} {
		_, err := OpenControl(text, nil)
		var refused *ControlError
		if !errors.As(err, &refused) || refused.Hint() == "" || !strings.Contains(err.Error(), "--control") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
