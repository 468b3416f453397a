package unwind

import (
	"cmp"
	"debug/elf"
	"slices"
	"sync"

	"github.com/gperf-dev/gperf/internal/arch"
	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/gobin"
	"github.com/gperf-dev/gperf/internal/objfile"
)

// Table is what a file tells of its functions' frames. It is safe for concurrent use.
type Table struct {
	f      *objfile.File
	m      *arch.Machine
	frames []*dwarfunit.FrameTable // .eh_frame, .debug_frame
	golang *gobin.Table            // nil if the program is not Go's
	plt    []objfile.Section

	debug  func() []byte // of a separate debug file
	once   sync.Once
	second *dwarfunit.FrameTable // its .debug_frame, nil without
}

// New makes the table of an ELF file. debug, which may be nil, returns a separate debug file; it is called at most once, when an address is
// asked for that the file itself does not know. The files must stay as they are as long as the table is used.
func New(image []byte, debug func() []byte) (*Table, error) {
	f, err := objfile.New(image, "")
	if err != nil {
		return nil, err
	}
	t := &Table{f: f, debug: debug}
	if t.m, err = arch.ForMachine(f.Machine()); err != nil {
		return nil, err
	}
	err = objfile.Guard("", func() error { t.load(); return nil })
	return t, err
}

// load opens the tables. One that cannot be read is as if it were not there.
func (t *Table) load() {
	for _, name := range [...]string{".eh_frame", ".debug_frame"} {
		if frames := frameTable(t.f, name); frames != nil {
			t.frames = append(t.frames, frames)
		}
	}
	if gobin.Is(t.f) {
		if b, err := gobin.Open(t.f); err == nil {
			t.golang = b.Functions
		}
	}
	for _, name := range [...]string{".plt", ".plt.sec", ".plt.got", ".iplt"} {
		if s, ok := t.f.SectionHeader(name); ok && s.Type != elf.SHT_NOBITS {
			t.plt = append(t.plt, s)
		}
	}
}

func frameTable(f *objfile.File, name string) *dwarfunit.FrameTable {
	if !f.HasSection(name) {
		return nil
	}
	b, err := f.Section(name)
	if err != nil {
		return nil
	}
	h, _ := f.SectionHeader(name)
	s := dwarfunit.FrameSection{Data: b, Addr: h.Addr, EH: name == ".eh_frame"}
	if hdr, ok := f.SectionHeader(".eh_frame_hdr"); ok && s.EH {
		if s.Header, err = f.Data(hdr.Index); err == nil {
			s.HeaderAddr = hdr.Addr
		}
	}
	return dwarfunit.NewFrameTable(s)
}

// fromDebug is the .debug_frame of the separate debug file.
func (t *Table) fromDebug() *dwarfunit.FrameTable {
	t.once.Do(func() {
		if t.debug == nil {
			return
		}
		image := t.debug()
		if image == nil {
			return
		}
		if f, err := objfile.New(image, ""); err == nil && f.Machine() == t.f.Machine() {
			t.second = frameTable(f, ".debug_frame")
		}
	})
	return t.second
}

// entrySize is about how much code there is at a file's entry point, which the C library's dynamic linker has no table for: nobody calls it.
const entrySize = 128

// step is how the caller of the code at one address is found.
type step struct {
	how    how
	stop   Stop // why there is none, or byFramePointer may find none
	cfa    dwarfunit.Rule
	rules  []dwarfunit.RegisterRule // each of another register, all below maxRegisters
	ret    int                      // register that has the return address when the rules were applied
	signal bool                     // the frame is one that the kernel made for a signal
	popped bool                     // what was saved below the stack pointer is in its register again
	signed bool                     // the return address has an authentication code
	bias   uint64                   // where the file is in the process
}

type how uint8

const (
	byRules how = iota
	byFramePointer
	stopsHere
)

func ends(why Stop, signal bool) *step { return &step{how: stopsHere, stop: why, signal: signal} }

// step finds how the caller of the code at an address is found; before is true for a return address, which may be the first behind a function.
func (t *Table) step(pc uint64, before bool) *step {
	var s *step
	err := objfile.Guard("", func() error {
		s = t.find(pc, before)
		return nil
	})
	if err != nil {
		return ends(BadTable, false)
	}
	return s
}

func (t *Table) find(pc uint64, before bool) *step {
	at := pc
	if before {
		at--
	}
	if t.trampoline(pc) {
		return t.signalStep()
	}
	if t.golang != nil {
		if s := t.goStep(at); s != nil {
			return s
		}
	}
	bad := false
	for _, frames := range t.frames {
		s, err := t.tableStep(frames, at)
		if s != nil {
			return s
		}
		bad = bad || err != nil
	}
	if frames := t.fromDebug(); frames != nil {
		if s, err := t.tableStep(frames, at); s != nil || err != nil {
			return cmp.Or(s, ends(BadTable, false))
		}
	}
	if s := t.pltStep(at); s != nil {
		return s
	}
	if bad {
		return ends(BadTable, false)
	}
	why := NoTable
	if at-t.f.Entry() < entrySize {
		why = Outermost
	}
	return &step{how: byFramePointer, stop: why, ret: t.m.PC}
}

// tableStep is nil if the table does not have the address.
func (t *Table) tableStep(frames *dwarfunit.FrameTable, at uint64) (*step, error) {
	row, ok, err := frames.Row(at)
	if err != nil || !ok {
		return nil, err
	}
	s := &step{cfa: row.CFA, signal: row.Signal, signed: row.Signed, ret: row.Return, popped: t.returning(at)}
	if row.Return >= maxRegisters || s.cfa.Expr == nil && s.cfa.Reg >= maxRegisters {
		return ends(BadTable, false), nil
	}
	lost := t.m.PC == t.m.IP // x86-64 has no register with the return address: without a rule there is none
	for _, r := range row.Registers {
		if r.Reg == row.Return && r.Kind == dwarfunit.RuleUndefined {
			return ends(Outermost, row.Signal), nil
		}
		if r.Reg < maxRegisters && (r.Kind != dwarfunit.RuleRegister || r.From < maxRegisters) {
			lost = lost && r.Reg != row.Return
			s.rules = append(s.rules, r)
		}
	}
	if lost {
		return ends(Outermost, row.Signal), nil
	}
	s.rules = slices.Clip(s.rules)
	return s, nil
}
