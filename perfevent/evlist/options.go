package evlist

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/gperf-dev/gperf/perfevent"
)

// Targets says on what to open the events. What is given for threads wins
// over SystemWide, as in perf.
type Targets struct {
	SystemWide bool    // all threads on all CPUs
	CPUs       []int   // only on these CPUs; without threads, all threads on them
	PIDs       []int   // all threads that these processes have now, and their children
	User       *uint32 // all threads that this user has now
	TIDs       []int   // these threads; their children only with Options.Inherit
	AllThreads bool    // all threads that there are now, each by itself
	Workload   int     // pid of a command that is held before its exec; 0: none

	// PerThread opens each thread's events once, with a ring of its own,
	// instead of once on each CPU. Nothing is inherited then.
	PerThread bool
}

// HasTask tells whether threads were named that exist already.
func (t *Targets) HasTask() bool {
	return len(t.PIDs) > 0 || len(t.TIDs) > 0 || t.User != nil || t.AllThreads
}

// HasCPU tells whether events count all threads of a CPU, in the meaning of
// perf's target__has_cpu.
func (t *Targets) HasCPU() bool { return !t.HasTask() && (t.SystemWide || len(t.CPUs) > 0) }

// WorkloadAlone tells that no more than a workload is measured.
func (t *Targets) WorkloadAlone() bool { return !t.HasTask() && !t.HasCPU() }

// Callchain is how to find the callers of a sampled instruction.
type Callchain int

// The ways.
const (
	CallchainNone  Callchain = iota
	CallchainFP              // the kernel follows frame pointers
	CallchainDWARF           // registers and a piece of stack are kept for later
	CallchainLBR             // the hardware's record of calls
)

const (
	// PreferredRing is the size in bytes of a CPU's ring that loses nothing
	// under a storm of system calls where perf's 512 KiB do.
	PreferredRing = 2 << 20
	// DefaultFreq is perf's sampling frequency, in samples a second.
	DefaultFreq = 4000
	// FreqMax asks for the highest frequency that the kernel allows.
	FreqMax = ^uint64(0)
	// DefaultStackSize is how much stack CallchainDWARF keeps, in bytes.
	DefaultStackSize = 8192
	// maxStackSize is the kernel's bound: the size is kept in 16 bits, and
	// must be a multiple of 8.
	maxStackSize = 65528
)

// Options are what the command line says beside events and targets. The zero
// value is what perf record does by default.
type Options struct {
	// MmapPages is the size of a ring, a power of two of data pages.
	// 0: [PreferredRing] for each CPU where the caller may lock that much,
	// else, and for threads, as many as kernel.perf_event_mlock_kb gives to
	// each user.
	MmapPages int

	preferred int // pages to try first; 0: none

	Freq       uint64 // samples a second (-F); FreqMax; 0 and no Period: DefaultFreq
	Period     uint64 // events a sample (-c)
	StrictFreq bool   // a Freq above the kernel's maximum is an error

	Callchain     Callchain // -g, --call-graph
	StackSize     uint32    // bytes, with CallchainDWARF; 0: DefaultStackSize
	MaxStack      uint16    // frames; 0: kernel.perf_event_max_stack
	UserChains    bool      // --user-callchains
	KernelChains  bool      // --kernel-callchains
	BranchType    uint64    // -b, -j: perfevent.Branch… bits
	UserRegs      uint64    // --user-regs
	InterruptRegs uint64    // -I

	NoInherit bool // -i
	Inherit   bool // --inherit, for Targets.TIDs

	Raw          bool  // -R, for events that are no tracepoints
	SampleCPU    bool  // --sample-cpu
	Address      bool  // -d
	PhysAddr     bool  // --phys-data
	DataPageSize bool  // --data-page-size
	CodePageSize bool  // --code-page-size
	Weight       bool  // -W
	Transaction  bool  // --transaction
	Timestamp    *bool // -T true, --no-timestamp false; nil: where it makes sense
	SamplePeriod *bool // -P true, --no-period false; nil: with a frequency

	NoBuffering bool // -n of perf record's no-buffering: wake up at each sample
	NoSamples   bool // -n: count, take no samples
	InheritStat bool // -s: counts of each thread

	AllUser, AllKernel bool

	Namespaces bool
	CGroups    bool
	Switches   bool // --switch-events
	BuildIDs   bool // --buildid-mmap
	NoBPFEvent bool

	RunningTime bool // --running-time
	Identifier  bool // --sample-identifier

	ClockID *int32 // -k

	// Delayed says that the caller enables the events only some time after
	// the workload runs (-D).
	Delayed bool
	// Paused says that the caller stops the events for some time by Pause:
	// tasks and mappings are told of meanwhile.
	Paused bool

	// Overwrite lets the rings overwrite their oldest records: see
	// [perfevent.Event.MapLatest].
	Overwrite bool

	// NoTasks leaves out the records about tasks and mappings.
	NoTasks bool

	// Sys is /sys; nil: of this machine.
	Sys fs.FS
	// Proc is /proc; nil: of this machine.
	Proc fs.FS

	// Notify is told, in a sentence, what had to be changed to open the
	// events, each change once. It may be nil.
	Notify func(string)
}

func (o *Options) notify(format string, args ...any) {
	if o.Notify != nil {
		o.Notify(fmt.Sprintf(format, args...))
	}
}

// OptionError is a setting that makes no sense.
type OptionError struct {
	Message string
	hint    string
}

func (e *OptionError) Error() string { return e.Message }

// Hint is the next step in words.
func (e *OptionError) Hint() string { return e.hint }

// complete checks the options and fills in what the machine decides.
func (o *Options) complete(t *Targets) error {
	if o.Sys == nil {
		o.Sys = os.DirFS("/sys")
	}
	if o.Proc == nil {
		o.Proc = os.DirFS("/proc")
	}
	switch {
	case o.Freq != 0 && o.Period != 0:
		return &OptionError{"cannot set frequency and period at the same time", "give one of -F and -c"}
	case o.MmapPages < 0 || o.MmapPages&(o.MmapPages-1) != 0:
		return &OptionError{fmt.Sprintf("a ring cannot have %d pages", o.MmapPages), "the number of pages (-m) is a power of two"}
	case o.StackSize > maxStackSize:
		return &OptionError{fmt.Sprintf("cannot keep %d bytes of stack", o.StackSize), fmt.Sprintf("at most %d", maxStackSize)}
	}
	if o.MmapPages == 0 {
		o.MmapPages = perfevent.DefaultRingPages()
		o.preferred = PreferredRing / os.Getpagesize()
	}
	if len(t.TIDs) > 0 && !o.Inherit {
		o.NoInherit = true
	}
	return o.limitFreq()
}

// limitFreq brings the frequency under the kernel's maximum, as
// record_opts__config_freq of perf does. The kernel itself lowers that maximum
// when sampling takes too long.
func (o *Options) limitFreq() error {
	limit, err := perfevent.MaxSampleRate()
	if err != nil {
		if o.Freq == FreqMax {
			return fmt.Errorf("the highest sampling frequency is unknown: %w", err)
		}
		return nil // the kernel will say
	}
	rate := uint64(limit)
	if o.Freq == FreqMax {
		o.Freq = rate
	}
	const tweak = "kernel.perf_event_max_sample_rate (sysctl) holds the maximum"
	switch {
	case o.Freq > rate && o.StrictFreq:
		return &OptionError{fmt.Sprintf("the frequency of %d Hz is above the kernel's maximum of %d Hz", o.Freq, rate), tweak}
	case o.Freq > rate:
		o.notify("maximum frequency rate (%d Hz) exceeded, throttling from %d Hz to %d Hz; %s", rate, o.Freq, rate, tweak)
		o.Freq = rate
	case o.Freq == 0 && o.Period == 0 && rate < DefaultFreq:
		o.notify("lowering the default frequency from %d Hz to %d Hz; %s", DefaultFreq, rate, tweak)
	}
	return nil
}

// defaultFreq is the frequency where neither user nor event say another.
func (o *Options) defaultFreq() uint64 {
	if limit, err := perfevent.MaxSampleRate(); err == nil && uint64(limit) < DefaultFreq {
		return uint64(limit)
	}
	return DefaultFreq
}
