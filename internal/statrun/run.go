package statrun

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/statview"
	"github.com/gperf-dev/gperf/internal/workload"
	"github.com/gperf-dev/gperf/perfevent/counting"
)

// run is one call of Run.
type run struct {
	o    Options
	view *statview.View
	set  *counting.Set
	file *file // nil: no recording

	argv0   string
	start   time.Time // of the counting of this run
	lastAt  time.Duration
	values  [][]counting.Value
	usage   statview.Run
	stopped bool
	failed  error    // an interval that could not be printed or recorded
	early   *Stop    // came before the wait
	first   bool     // run
	missing []string // why events are not supported, until it is told
	buf     []byte
}

// Run counts and prints. It returns the exit status that perf has: that of the last run's command, 0 if a signal killed it. A
// context that is done ends it as [StopNow] does. A command that a signal ends while it is held makes a [*workload.EndedError].
func Run(ctx context.Context, o Options) (status int, err error) {
	r := &run{o: o}
	if len(o.Argv) > 0 {
		r.argv0 = o.Argv[0]
	}
	runs := max(o.View.Runs, 1)
	for i := 0; (o.Forever || i < runs) && !r.stopped; i++ {
		if status, err = r.once(ctx); err != nil {
			if ended := (*workload.EndedError)(nil); i == 0 || !errors.As(err, &ended) {
				return status, err
			}
			break // between two runs: those before are told
		}
		if o.Forever && o.Interval == 0 {
			if err := r.totals(); err != nil {
				return status, err
			}
			r.view.Reset()
		}
	}
	if r.view == nil {
		return status, nil
	}
	cut := err
	if !o.Forever && (o.Interval == 0 || o.Summary) {
		if err := r.totals(); err != nil {
			return status, err
		}
	}
	if !o.Quiet {
		for _, note := range r.view.Notes() {
			o.Note(note)
		}
	}
	if r.file != nil {
		return status, errors.Join(cut, r.file.finish(r.usage.Elapsed))
	}
	return status, cut
}

// once is one run of the command, with what stands before and behind it.
func (r *run) once(ctx context.Context) (int, error) {
	if r.o.Pre != "" {
		if err := shell("--pre", r.o.Pre); err != nil {
			return 0, err
		}
	}
	if r.o.Sync {
		unix.Sync()
	}
	status, err := r.counted(ctx)
	if err != nil || status != 0 {
		return status, err
	}
	if r.o.Post != "" {
		return 0, shell("--post", r.o.Post)
	}
	return 0, nil
}

func shell(what, command string) error {
	cmd := exec.Command("/bin/sh", "-c", command)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin(), stdout(), stderr()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", what, command, err)
	}
	return nil
}

// counted opens the counters, lets the command run and reads them.
func (r *run) counted(ctx context.Context) (status int, err error) {
	var command *workload.Command
	if len(r.o.Argv) > 0 {
		if command, err = workload.Start(r.o.Argv, nil, workload.Options{Stdout: r.o.CommandOut, Early: true}); err != nil {
			return 0, err
		}
		defer func() {
			if err != nil {
				command.Kill()
			}
		}()
		r.o.Targets.Workload = command.PID
	}
	if r.set, err = counting.Open(ctx, r.o.Events.Specs, r.o.Targets, r.counting()); err != nil {
		if command != nil && errors.Is(err, unix.ESRCH) {
			return 0, cmp.Or(command.EndedHeld(), err)
		}
		return 0, err
	}
	defer func() { err = errors.Join(err, r.set.Close()) }()
	if err := r.begin(); err != nil {
		return 0, err
	}
	if r.o.Running != nil {
		defer r.o.Running(r.set)()
	}
	if err := r.release(command); err != nil {
		return 0, err
	}
	if err := r.delay(ctx, command); err != nil {
		return 0, err
	}
	r.wait(ctx, command)
	status, err = r.end(command)
	return status, errors.Join(r.failed, err)
}

func (r *run) counting() counting.Options {
	c := r.o.Counting
	c.Identifier = r.o.Record != nil
	c.Delayed = r.o.Delay != 0
	return c
}

// begin makes the view and tells what the reader must know before the run.
func (r *run) begin() error {
	if r.first = r.view == nil; r.first {
		if err := tellFit(r.set, &r.o); err != nil {
			return err
		}
		r.view = statview.New(describe(r.set, &r.o))
	}
	r.view.NextRun()
	if r.o.Record != nil && r.file == nil {
		var err error
		if r.file, err = newFile(&r.o, r.set); err != nil {
			return err
		}
	}
	return nil
}

// release starts the events and lets the command go.
func (r *run) release(command *workload.Command) error {
	if r.o.Ready != nil {
		<-r.o.Ready
	}
	if r.o.Delay != 0 {
		r.o.Say("Events disabled")
	} else if err := r.set.Enable(); err != nil {
		return err
	}
	r.start = time.Now()
	r.lastAt = 0
	if command != nil {
		if err := command.Resume(); err != nil {
			return err
		}
	}
	if r.first { // the time until the exec serves for that
		r.missing = missing(r.set, r.o.Root)
	}
	if command == nil {
		return nil
	}
	err := command.AwaitExec()
	if exec := (*workload.ExecError)(nil); errors.As(err, &exec) {
		return &StartError{exec}
	}
	return err
}

// delay starts the events later, if that is wanted.
func (r *run) delay(ctx context.Context, command *workload.Command) error {
	if r.o.Delay <= 0 {
		return nil
	}
	var done <-chan struct{}
	if command != nil {
		done = command.Done()
	}
	select {
	case <-time.After(r.o.Delay):
	case <-done:
	case s := <-r.o.Interrupt:
		r.early = &s // for wait
		return nil
	case <-ctx.Done():
	}
	if err := r.set.EnableAll(); err != nil {
		return err
	}
	r.o.Say("Events enabled")
	r.start = time.Now()
	return nil
}

// StartError tells that the command could not be executed.
type StartError struct{ exec *workload.ExecError }

func (e *StartError) Error() string { return "Workload failed: " + e.exec.Error() }

// Unwrap gives the workload's error.
func (e *StartError) Unwrap() error { return e.exec }

// Hint is the workload's.
func (e *StartError) Hint() string { return e.exec.Hint() }

// end stops the events and reads them.
func (r *run) end(command *workload.Command) (int, error) {
	if !r.o.Targets.WorkloadAlone() {
		if err := r.set.Disable(); err != nil {
			return 0, err
		}
	}
	elapsed := time.Since(r.start)
	status := 0
	r.usage = statview.Run{Elapsed: elapsed}
	if command != nil {
		ws, ended := ended(command)
		if ended {
			r.usage.User, r.usage.Sys = command.Usage()
			r.usage.HasUsage = r.o.Usage
		}
		if ended && ws.Signaled() {
			r.o.Say(r.argv0 + ": " + signalWords(ws.Signal()))
		} else if ended {
			status = ws.ExitStatus()
		}
	}
	if r.o.Interval > 0 {
		if r.o.Summary {
			r.view.AddWhole(r.usage)
		}
		return status, nil
	}
	if err := r.read(); err != nil {
		return status, err
	}
	r.view.Add(readings(r.values, r.set, r.usage), r.usage)
	return status, nil
}

// read reads all counters, and writes them to the recording.
func (r *run) read() error {
	r.values = r.set.Read(r.values)
	if r.o.Verbose {
		r.o.Say(raw(r.set, r.values))
	}
	if r.file == nil {
		return nil
	}
	return r.file.counts(r.set, r.values)
}

// interval prints what was counted since the last one.
func (r *run) interval() error {
	at := time.Since(r.start)
	if err := r.read(); err != nil {
		return err
	}
	if r.file != nil {
		if err := r.file.round(at, false); err != nil {
			return err
		}
	}
	run := statview.Run{Elapsed: at - r.lastAt}
	r.lastAt = at
	r.view.AddInterval(readings(r.values, r.set, run), run)
	r.buf = r.view.AppendInterval(r.buf[:0], at)
	return r.write()
}

func (r *run) totals() error {
	r.buf = r.view.AppendTotals(r.buf[:0])
	return r.write()
}

func (r *run) write() error {
	if r.o.Quiet {
		return nil
	}
	if _, err := r.o.Out.Write(r.buf); err != nil {
		return fmt.Errorf("writing the counts: %w", err)
	}
	for _, why := range r.missing {
		r.o.Note(why)
	}
	r.missing = nil
	return nil
}
