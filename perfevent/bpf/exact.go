package bpf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/cpulist"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/selector"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// ExactOptions say what is recorded, and where probes are known.
type ExactOptions struct {
	Trace   *tracefs.FS
	Types   argtype.Store
	Targets evlist.Targets
	Open    evlist.Options
	// Notify is told of probes that cannot be recorded so, and why. It may be nil.
	Notify func(text string)
}

// Exact holds the programs for some probes. The caller closes it when the recording is over.
type Exact struct {
	probes []*probe
	tasks  *kernelMap // the processes that are recorded; nil for all
	fork   *kernelProgram
	events []*perfevent.Event
}

// probe is one event with its program.
type probe struct {
	name            string
	spec            int // of the probe itself
	out             int // of the event that the program writes to
	scratch, output *kernelMap
	program         *kernelProgram
}

// PrepareExact loads a program for each probe among the specs that has text among its values, and returns the specs with an event for each
// of these. A probe for which that cannot be done stays as it is, and Notify says why.
func PrepareExact(specs []selector.Spec, o ExactOptions) ([]selector.Spec, *Exact, error) {
	p := &Exact{}
	out := slices.Clone(specs)
	if err := p.possible(&o); err != nil {
		o.notify(err.Error())
		return out, p, nil
	}
	definitions := map[string][]tracefs.ProbeLine{}
	for _, kind := range []tracefs.ProbeKind{tracefs.UProbe} {
		lines, err := o.Trace.Probes(kind)
		if err != nil {
			continue
		}
		for _, l := range lines {
			definitions[l.Group+":"+l.Event] = append(definitions[l.Group+":"+l.Event], l)
		}
	}
	for i := range specs {
		f := specs[i].Format
		if f == nil || len(definitions[f.System+":"+f.Name]) == 0 {
			continue
		}
		made, err := p.add(&specs[i], definitions[f.System+":"+f.Name], &o)
		if err != nil {
			o.notify((&CannotError{Event: specs[i].Name, Reason: err.Error()}).Error())
			continue
		}
		if made == nil {
			continue
		}
		out[i].Silent = true
		pr := p.probes[len(p.probes)-1]
		pr.spec, pr.out = i, len(out)
		made.Leader = pr.out
		out = append(out, *made)
	}
	return out, p, nil
}

func (o *ExactOptions) notify(text string) {
	if o.Notify != nil {
		o.Notify(text)
	}
}

// possible tells what no probe can be recorded so for, and makes the set of processes.
func (p *Exact) possible(o *ExactOptions) error {
	t := &o.Targets
	all := &CannotError{Event: "everything"}
	switch {
	case o.Trace == nil:
		all.Reason = "there are no probes"
	case t.PerThread || len(t.TIDs) > 0:
		all.Reason = "single threads are recorded"
	case o.Open.Period != 0 || o.Open.Freq != 0 || o.Open.NoSamples:
		all.Reason = "not each hit is wanted (-c, -F, -n)"
	default:
		return p.watch(o)
	}
	return all
}

// watch makes the set of processes that are recorded, to which their children are added.
func (p *Exact) watch(o *ExactOptions) error {
	t := &o.Targets
	pids := t.PIDs
	if len(pids) == 0 {
		if t.Workload == 0 || t.SystemWide || len(t.CPUs) > 0 {
			return nil
		}
		pids = []int{t.Workload}
	}
	var err error
	if p.tasks, err = newMap("gperf_tasks", unix.BPF_MAP_TYPE_LRU_HASH, 4, 4, 1<<14); err != nil {
		return &CannotError{Event: "everything", Reason: err.Error()}
	}
	for _, pid := range pids {
		if err := p.tasks.put(uint32(pid), 1); err != nil {
			return &CannotError{Event: "everything", Reason: err.Error()}
		}
	}
	if o.Open.NoInherit {
		return nil
	}
	if err := p.follow(o.Trace); err != nil {
		return &CannotError{Event: "everything", Reason: fmt.Sprintf("children cannot be followed: %v", err)}
	}
	return nil
}

// follow adds the children of processes that are recorded.
func (p *Exact) follow(trace *tracefs.FS) error {
	f, err := trace.Format("sched", "sched_process_fork")
	if err != nil {
		return err
	}
	child := f.Field("child_pid")
	if child == nil || child.Size != 4 {
		return errors.New("sched:sched_process_fork does not tell the child")
	}
	code, err := forkProgram(p.tasks.fd, child.Offset)
	if err != nil {
		return err
	}
	if p.fork, err = loadProgram("gperf_fork", unix.BPF_PROG_TYPE_TRACEPOINT, code); err != nil {
		return err
	}
	e, err := perfevent.Open(&perfevent.Attr{Type: perfevent.TypeTracepoint, Config: uint64(f.ID)},
		perfevent.Target{PID: perfevent.AnyPID, CPU: 0}, nil, 0)
	if err != nil {
		return err
	}
	p.events = append(p.events, e)
	return e.SetBPF(p.fork.fd)
}

// add loads the program of one probe; the spec is nil for a probe without text.
func (p *Exact) add(s *selector.Spec, lines []tracefs.ProbeLine, o *ExactOptions) (*selector.Spec, error) {
	types, err := o.Types.Load(s.Format.System, s.Format.Name, tracefs.Definitions(lines)[s.Format.System+":"+s.Format.Name])
	if err != nil {
		return nil, nil // not one of ours: nothing is known to be text
	}
	text, err := o.Trace.FormatText(s.Format.System, s.Format.Name)
	if err != nil {
		return nil, err
	}
	l, err := newLayout(types, s.Format, lines[0].Args, text)
	if l == nil || err != nil {
		return nil, err
	}
	if s.Filter != "" {
		return nil, errors.New("a filter (--filter) is the kernel's own")
	}
	if s.GroupSize > 1 {
		return nil, errors.New("it is in a group of events")
	}
	cpus, err := possibleCPUs(o.Open.Sys)
	if err != nil {
		return nil, err
	}
	pr := &probe{name: s.Name}
	if err := pr.load(l, lines, p.tasks, cpus); err != nil {
		return nil, errors.Join(err, pr.close())
	}
	format, err := tracefs.ParseFormat(l.text)
	if err != nil {
		return nil, errors.Join(err, pr.close())
	}
	format.System = s.Format.System
	p.probes = append(p.probes, pr)
	a := s.Attr
	a.Type, a.Config, a.Period = perfevent.TypeSoftware, perfevent.SWBPFOutput, 1
	a.SampleType |= record.SampleRaw
	return &selector.Spec{Name: s.Name, Attr: a, Format: format, Output: &selector.Output{
		Type: uint64(s.Attr.Type), Config: s.Attr.Config, FormatText: l.text, Types: l.types}}, nil
}

func (pr *probe) load(l *layout, lines []tracefs.ProbeLine, tasks *kernelMap, cpus uint32) error {
	var err error
	if pr.scratch, err = newMap("gperf_record", unix.BPF_MAP_TYPE_PERCPU_ARRAY, 4, uint32(l.room), 1); err != nil {
		return err
	}
	if pr.output, err = newMap("gperf_output", unix.BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, cpus); err != nil {
		return err
	}
	g := &generator{regs: registers(runtime.GOARCH)}
	set := -1
	if tasks != nil {
		set = tasks.fd
	}
	if err := g.probe(l, lines, pr.scratch.fd, set, pr.output.fd); err != nil {
		return err
	}
	code, err := g.assemble()
	if err != nil {
		return err
	}
	pr.program, err = loadProgram("gperf_probe", unix.BPF_PROG_TYPE_KPROBE, code)
	return err
}

// possibleCPUs is how many entries a map needs for each CPU that this machine may get to have one.
func possibleCPUs(sys fs.FS) (uint32, error) {
	if sys == nil {
		sys = os.DirFS("/sys")
	}
	const file = "devices/system/cpu/possible"
	b, err := fs.ReadFile(sys, file)
	if err != nil {
		return 0, fmt.Errorf("how many CPUs there may be: %w", err)
	}
	cpus, err := cpulist.Parse(string(b))
	if err != nil {
		return 0, fmt.Errorf("/sys/%s: %w", file, err)
	}
	if len(cpus) == 0 {
		return 0, fmt.Errorf("/sys/%s: no CPU", file)
	}
	return uint32(slices.Max(cpus) + 1), nil
}

// Attach lets the programs write to the events of a list that was opened with the specs of PrepareExact.
func (p *Exact) Attach(list *evlist.List) error {
	for _, pr := range p.probes {
		for _, h := range list.Events()[pr.out].Open {
			if err := pr.output.put(uint32(h.CPU), uint32(h.FD())); err != nil {
				return fmt.Errorf("%s: output of the BPF program on CPU %d: %w", pr.name, h.CPU, err)
			}
		}
		if err := p.hold(pr, list.Events()[pr.spec]); err != nil {
			return fmt.Errorf("%s: BPF program on the probe: %w", pr.name, err)
		}
	}
	return nil
}

// hold sets the program on the probe. It belongs to the probe, whatever task hits it, as long as the event is open that it was set by: one
// of our own that counts nothing, since with an event that children inherit it goes when the first of them ends (seen with Linux 6.18).
func (p *Exact) hold(pr *probe, e *evlist.Event) error {
	a := perfevent.Attr{Type: e.Attr.Type, Config: e.Attr.Config, Flags: perfevent.FlagDisabled}
	own, err := perfevent.Open(&a, perfevent.Target{CPU: perfevent.AnyCPU}, nil, 0)
	if err != nil {
		return err
	}
	p.events = append(p.events, own)
	return own.SetBPF(pr.program.fd)
}

func (pr *probe) close() error {
	return errors.Join(pr.program.close(), pr.scratch.close(), pr.output.close())
}

// Close forgets programs and maps; those that events use stay until these are closed.
func (p *Exact) Close() error {
	var errs []error
	for _, pr := range p.probes {
		errs = append(errs, pr.close())
	}
	for _, e := range p.events {
		errs = append(errs, e.Close())
	}
	return errors.Join(append(errs, p.tasks.close(), p.fork.close())...)
}
