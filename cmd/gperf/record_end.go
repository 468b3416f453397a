package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/recorder"
)

// commandStatus ends the command if something else ended the recording, and returns how it ended.
func (r *recording) commandStatus() (int, error) {
	if r.command == nil {
		return 0, nil
	}
	select {
	case <-r.command.Done():
	default:
		_ = r.command.Signal(syscall.SIGTERM) // it may have ended by now
	}
	status, err := r.command.Wait(context.Background())
	if err != nil {
		return 0, err
	}
	if status.Signaled() {
		r.ended.of(status.Signal())
		return 0, nil
	}
	return status.ExitStatus(), nil
}

// whyGone is why the command is not there any more before it began, if the error is that: Ctrl-C at a terminal ends what is held too, and
// may do so before gperf looks at it.
func (r *recording) whyGone(err error) error {
	start := (*recorder.StartError)(nil)
	if r.command == nil || errors.As(err, &start) || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return cmp.Or(r.command.EndedHeld(), err)
}

// untilSignal gives a context that ends with the first Ctrl-C, Ctrl-\, SIGTERM or SIGHUP; a further one changes nothing, since the
// recording is being completed. A SIGHUP that was ignored from the start (nohup) stays so. stop gives the signals back.
func (r *recording) untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	// A file above the limit of its size is to be an error of write, and would end the process otherwise. So is what gperf says to
	// someone who has gone (2>&1 | head -1), for whose sake no file is lost: that holds until gperf ends. A stream ends with its reader.
	large := make(chan os.Signal, 1)
	signal.Notify(large, syscall.SIGXFSZ)
	if r.o.output != "-" {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	}
	quit, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		select {
		case sig := <-signals:
			r.ended.by(sig)
			cancel()
		case <-quit:
		}
	}()
	stopped := false
	return ctx, func() {
		if stopped {
			return
		}
		stopped = true
		close(quit)
		<-over
		signal.Stop(signals)
		signal.Stop(large)
		cancel()
	}
}

// say prints a line as perf does, unless -q.
func (r *recording) say(format string, args ...any) {
	if !r.o.quiet {
		r.clearLine()
		fmt.Fprintf(r.app.err, format+"\n", args...)
	}
}

// closing prints perf's last two lines with gperf's name.
func (r *recording) closing(s recorder.Summary, file string) {
	if r.o.quiet {
		return
	}
	r.clearLine()
	fmt.Fprintf(r.app.err, "[ gperf record: Woken up %d times to write data ]\n", s.Wakeups)
	samples := ""
	if s.Samples > 0 {
		samples = fmt.Sprintf(" (%d samples)", s.Samples)
	}
	fmt.Fprintf(r.app.err, "[ gperf record: Captured and wrote %.3f MB %s%s ]\n", float64(s.Bytes)/1024/1024, file, samples)
	for _, l := range s.Losses {
		r.note("%d records of %s were lost: %s", l.Records, l.Event, lossCause(r.o))
	}
	if s.Lost > 0 && !r.o.open.Overwrite {
		r.note("-m 8M makes the buffers larger")
	}
}

func lossCause(o *recordOptions) string {
	if o.open.Overwrite {
		return "the buffers stood still while they were read"
	}
	return "the buffers were full"
}

// lossStatus is the exit status of --strict when something was lost.
const lossStatus = 3

// strict is the error of a recording under --strict that lost something.
func (r *recording) strict(s recorder.Summary) error {
	if !r.o.strict || s.Lost == 0 {
		return nil
	}
	return &exitError{lossStatus, fmt.Sprintf("%d records were lost, which --strict does not allow", s.Lost), "-m 8M makes the buffers larger"}
}

// tell is -v: what has been opened.
func (r *recording) tell(list *evlist.List) {
	for _, e := range list.Events() {
		r.note("%s: type %d, config %#x, %d open, ids %s", e.Name, e.Attr.Type, e.Attr.Config, len(e.Open), strings.Trim(fmt.Sprint(e.IDs), "[]"))
	}
	if rings := list.Rings(); len(rings) > 0 {
		r.note("%d buffers of %d kB", len(rings), rings[0].Size()>>10)
	}
}

// isPipe reports whether standard output is a pipe that a recording may go to.
func isPipe(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&fs.ModeNamedPipe != 0
}
