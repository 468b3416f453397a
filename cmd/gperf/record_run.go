package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/workload"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/recorder"
	"github.com/gperf-dev/gperf/perfevent/selector"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// recording is one run of gperf record.
type recording struct {
	app     *app
	o       *recordOptions
	argv    []string
	trace   *tracefs.FS
	command *workload.Command
	ended   os.Signal // what the run was ended by, or what its command was killed by
}

func runRecord(c *cobra.Command, a *app, o *recordOptions, args []string) error {
	r := &recording{app: a, o: o, argv: args}
	targets, err := o.complete(c.Flags(), len(args) > 0, r.note)
	if err != nil {
		return err
	}
	resolver := &selector.Resolver{Sys: os.DirFS("/sys")}
	specs, err := o.events.specs(c.Context(), resolver, r.note)
	if err != nil {
		return err
	}
	if o.dryRun {
		return nil
	}
	if r.trace = resolver.Trace; r.trace == nil && hasTracepoint(specs) {
		if r.trace, err = tracefs.Find(); err != nil {
			return err
		}
	}
	return r.run(c.Context(), specs, targets)
}

func hasTracepoint(specs []selector.Spec) bool {
	for i := range specs {
		if specs[i].Format != nil {
			return true
		}
	}
	return false
}

// note tells what is no error, unless -q.
func (r *recording) note(format string, args ...any) {
	if !r.o.quiet {
		r.app.note(format, args...)
	}
}

func (r *recording) run(ctx context.Context, specs []selector.Spec, targets evlist.Targets) (err error) {
	ctx, stop := r.untilSignal(ctx)
	defer stop()
	status, err := r.started(ctx, specs, targets)
	if err != nil {
		return err
	}
	if sig, ok := r.ended.(syscall.Signal); ok {
		// As perf: a shell then knows that it was interrupted, not merely done.
		stop()
		signal.Reset(sig)
		_ = syscall.Kill(os.Getpid(), sig) // comes back only if it was ignored from the start
		return &exitError{status: 128 + int(sig)}
	}
	if status != 0 {
		return &exitError{status: status}
	}
	return nil
}

// started starts the command, records, and returns the command's exit status.
func (r *recording) started(ctx context.Context, specs []selector.Spec, targets evlist.Targets) (status int, err error) {
	var command recorder.Command
	if len(r.argv) > 0 {
		var o workload.Options
		if r.o.output == "-" {
			o.Stdout = os.Stderr // standard output is the recording's
		}
		if r.command, err = workload.Start(r.argv, nil, o); err != nil {
			return 0, err
		}
		defer r.command.Kill()
		command = recorder.Command{PID: r.command.PID, Name: r.argv[0], Release: r.command.Release, Done: r.command.Done()}
		targets.Workload = r.command.PID
	}
	list, err := evlist.Open(ctx, specs, targets, r.o.open)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, list.Close()) }()
	if r.o.verbose > 0 {
		r.tell(list)
	}
	w, err := perfdata.Create(r.o.output)
	if err != nil {
		return 0, err
	}
	summary, err := recorder.Run(ctx, list, w, r.options(command))
	if closing := w.Close(); err == nil && closing != nil {
		err = fmt.Errorf("closing %s: %w", r.o.output, closing)
	}
	if failed := (*recorder.StartError)(nil); errors.As(err, &failed) && !w.Stream() {
		_ = os.Remove(r.o.output) // there is nothing in it
	}
	if err != nil {
		return 0, err
	}
	r.closing(summary)
	return r.commandStatus()
}

func (r *recording) options(command recorder.Command) recorder.Options {
	o := recorder.Options{
		Command:    command,
		Trace:      r.trace,
		Types:      argtype.Store{Dir: argtype.DefaultDir},
		Delay:      r.o.delayed(),
		NoBuildIDs: r.o.noBuildIDs,
		NoTasks:    r.o.synth == "no" || r.o.synth == "mmap",
		NoMaps:     r.o.synth == "no" || r.o.synth == "task",
		DataMaps:   r.o.open.Address,
		Namespaces: r.o.open.Namespaces,
		Notify:     func(text string) { r.note("%s", text) },
	}
	o.Features.Version = "gperf " + version
	o.Features.Cmdline = append([]string{ownPath()}, os.Args[1:]...)
	return o
}

// ownPath is what perf too writes as the first word of its command line: the program's file.
func ownPath() string {
	if path, err := os.Executable(); err == nil {
		return path
	}
	return os.Args[0]
}

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
		if r.ended == nil || status.Signal() != syscall.SIGTERM {
			r.ended = status.Signal()
		}
		return 0, nil
	}
	return status.ExitStatus(), nil
}

// untilSignal gives a context that ends with the first Ctrl-C or SIGTERM; a further one changes nothing, since the
// recording is being completed. stop gives the signals back.
func (r *recording) untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	quit, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		select {
		case r.ended = <-signals:
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
		cancel()
	}
}

// closing prints perf's last two lines with gperf's name.
func (r *recording) closing(s recorder.Summary) {
	if r.o.quiet {
		return
	}
	fmt.Fprintf(r.app.err, "[ gperf record: Woken up %d times to write data ]\n", s.Wakeups)
	samples := ""
	if s.Samples > 0 {
		samples = fmt.Sprintf(" (%d samples)", s.Samples)
	}
	fmt.Fprintf(r.app.err, "[ gperf record: Captured and wrote %.3f MB %s%s ]\n", float64(s.Bytes)/1024/1024, r.o.output, samples)
	if s.Lost > 0 {
		r.note("%d samples were lost: the buffers were full; -m %s makes them larger", s.Lost, "8M")
	}
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
