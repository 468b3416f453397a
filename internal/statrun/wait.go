package statrun

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/workload"
	"github.com/gperf-dev/gperf/perfevent/recorder"
)

func stdin() *os.File  { return os.Stdin }
func stdout() *os.File { return os.Stdout }
func stderr() *os.File { return os.Stderr }

// aliveEvery is how often is looked whether threads of -p and -t are still there.
const aliveEvery = 100 * time.Millisecond

// wait waits for the end of the counting, and prints intervals meanwhile.
func (r *run) wait(ctx context.Context, command *workload.Command) {
	var done <-chan struct{}
	if command != nil {
		done = command.Done()
	}
	ticks, stopTicks := every(r.o.Interval)
	defer stopTicks()
	alive, stopAlive := every(r.aliveEvery(command))
	defer stopAlive()
	var timeout <-chan time.Time
	if r.o.Timeout > 0 {
		timeout = time.After(r.o.Timeout)
	}
	times := 0
	if r.early != nil && r.stop(command, *r.early) {
		return
	}
	for {
		ended, partial := false, true
		select {
		case <-done:
			ended = true
		case <-ctx.Done():
			r.stop(command, StopNow)
			ended = true
		case s := <-r.o.Interrupt:
			ended = r.stop(command, s)
		case <-timeout:
			terminate(command)
			ended, partial = true, false
		case <-ticks:
			times++
			r.failed = r.interval()
			if r.failed != nil || r.o.Times > 0 && times >= r.o.Times {
				// All are printed, or none can be any more: only the command's end is waited for, as perf does.
				ended, partial, ticks = command == nil, false, nil
			}
		case <-alive:
			ended = !r.alive()
		case q, open := <-r.o.Requests:
			if !open {
				r.o.Requests = nil
				continue
			}
			ended = r.answer(q)
		}
		if ended {
			if ticks != nil && partial {
				r.failed = r.interval()
			}
			return
		}
	}
}

// every ticks; never for 0.
func every(d time.Duration) (<-chan time.Time, func()) {
	if d <= 0 {
		return nil, func() {}
	}
	t := time.NewTicker(d)
	return t.C, t.Stop
}

func (r *run) aliveEvery(command *workload.Command) time.Duration {
	if command != nil || !r.o.Targets.HasTask() {
		return 0
	}
	return aliveEvery
}

// alive tells whether one of the threads that are counted is still there.
func (r *run) alive() bool {
	for _, tid := range r.set.Threads() {
		if tid > 0 && unix.Kill(tid, 0) != unix.ESRCH {
			return true
		}
	}
	return false
}

// stop ends the counting; false if the command's own end is waited for.
func (r *run) stop(command *workload.Command, s Stop) bool {
	r.stopped = true
	if s == StopNow {
		terminate(command)
		return true
	}
	return command == nil || r.o.Interval > 0
}

// terminate ends the command and waits for its end; one that does not heed SIGTERM is waited for as perf does.
func terminate(command *workload.Command) {
	if command == nil {
		return
	}
	if command.Signal(syscall.SIGTERM) == nil {
		<-command.Done()
	}
}

// answer does what --control asks; true if that ends the counting.
func (r *run) answer(q recorder.Request) bool {
	var err error
	stop := false
	switch q.Kind {
	case recorder.RequestEnable, recorder.RequestDisable:
		err = r.toggle(q.Event, q.Kind == recorder.RequestEnable)
		if err == nil && r.o.Interval > 0 {
			err = r.interval()
		}
	case recorder.RequestStop:
		stop = true
	case recorder.RequestList:
		for _, e := range r.set.Events() {
			r.o.Say(e.Name)
		}
	case recorder.RequestSnapshot:
		err = r.interval()
	}
	if q.Done != nil {
		q.Done(err)
	}
	return stop
}

func (r *run) toggle(name string, on bool) error {
	word, do := "disabled", r.set.Disable
	if on {
		word, do = "enabled", r.set.EnableAll
	}
	if name == "" {
		if err := do(); err != nil {
			return err
		}
		r.o.Say("Events " + word)
		return nil
	}
	found, err := r.set.Toggle(name, on)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("no event %s is counted", name)
	}
	r.o.Say("Event " + name + " " + word)
	return nil
}

// ended tells how a command ended; false if it runs on.
func ended(command *workload.Command) (syscall.WaitStatus, bool) {
	select {
	case <-command.Done():
	default:
		return 0, false
	}
	ws, err := command.Wait(context.Background())
	return ws, err == nil
}

// signalWords is what the C library calls a signal.
func signalWords(s syscall.Signal) string {
	words := map[syscall.Signal]string{
		syscall.SIGHUP: "Hangup", syscall.SIGINT: "Interrupt", syscall.SIGQUIT: "Quit", syscall.SIGILL: "Illegal instruction",
		syscall.SIGTRAP: "Trace/breakpoint trap", syscall.SIGABRT: "Aborted", syscall.SIGBUS: "Bus error", syscall.SIGFPE: "Floating point exception",
		syscall.SIGKILL: "Killed", syscall.SIGUSR1: "User defined signal 1", syscall.SIGSEGV: "Segmentation fault", syscall.SIGUSR2: "User defined signal 2",
		syscall.SIGPIPE: "Broken pipe", syscall.SIGALRM: "Alarm clock", syscall.SIGTERM: "Terminated", syscall.SIGSTKFLT: "Stack fault",
		syscall.SIGXCPU: "CPU time limit exceeded", syscall.SIGXFSZ: "File size limit exceeded", syscall.SIGVTALRM: "Virtual timer expired",
		syscall.SIGPROF: "Profiling timer expired", syscall.SIGIO: "I/O possible", syscall.SIGPWR: "Power failure", syscall.SIGSYS: "Bad system call",
	}
	if w, ok := words[s]; ok {
		return w
	}
	return fmt.Sprintf("Unknown signal %d", int(s))
}
