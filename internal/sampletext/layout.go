package sampletext

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/session"
)

// Options of a layout. The zero value is perf script's default.
type Options struct {
	Fields   Selection
	Nanos    bool // times with nine decimals
	NoChains bool // no call chains, the sampled address alone
	MaxStack int  // addresses shown of a chain; 0 means 127, as perf; negative: none, the sampled address alone on the line
	Machine  Machine
}

// Machine is what the text needs to know of the machine that recorded. The zero value is one like this.
type Machine struct {
	Order       binary.ByteOrder                 // of tracepoints' fields; nil is this machine's
	PointerSize int                              // bytes of a long; 0 means 8
	Printk      func(addr uint64) (string, bool) // the kernel's constant strings
	Registers   []string                         // names by bit of the register mask; without one it is "r12"
}

const defaultMaxStack = 127

// Layout is which fields each event's lines have, and how. It is immutable and safe for concurrent use.
type Layout struct {
	o      Options
	fields [kinds]Field
	chains bool
	width  int // of the longest event name
	plans  map[*session.Event]*plan
}

// plan is the layout of one event's lines.
type plan struct {
	fields  Field
	name    []byte         // right aligned, with the colon and blank behind it; escaped
	chains  bool           // the address comes as a call chain, and names are not padded
	typed   *argtype.Bound // nil unless it says more than the kernel's format
	keep    kept           // control characters that the event's own format contains
	addrSym bool           // Addr is that of data or code that has a name
	bpf     bool
	have    record.SampleFormat
}

// MissingError is a field that was asked for by name and that the samples of an event do not have.
type MissingError struct {
	Event string
	Field string
	Part  string // of a sample, as perf names it
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("Samples for '%s' event do not have %s attribute set. Cannot print '%s' field.", e.Event, e.Part, e.Field)
}

// Hint is the next step.
func (e *MissingError) Hint() string {
	return "record with an option that asks for it, or leave the field out of -F"
}

// New lays out the lines of the events. The error is a *MissingError for a field that was asked for and is not there.
func New(events []*session.Event, o Options) (*Layout, error) {
	if !o.Fields.ready {
		o.Fields.fields, o.Fields.ready = defaultFields(), true
	}
	if o.MaxStack == 0 {
		o.MaxStack = defaultMaxStack
	}
	fields := o.Fields.fields
	var checked [kinds]bool
	anyChain, traceChain, width := false, false, 0
	for _, e := range events {
		width = max(width, len(e.Name))
		k := kindOf(e.Attr.Type)
		// As in perf, the first event of a kind speaks for all of that kind.
		if !checked[k] && !isDummy(e) {
			checked[k] = true
			var err error
			if fields[k], err = possible(e, fields[k], o.Fields.asked[k]); err != nil {
				return nil, err
			}
		}
		if e.Layout.SampleType&record.SampleCallchain != 0 {
			anyChain = true
			traceChain = traceChain || k == tracepoint
		}
	}
	anyChain = anyChain && !o.NoChains
	if traceChain && anyChain && !o.Fields.byUser[tracepoint] {
		fields[tracepoint] |= IP | Sym | SymOff | DSO
	}
	l := &Layout{o: o, fields: fields, chains: anyChain, width: width, plans: make(map[*session.Event]*plan, len(events))}
	for _, e := range events {
		l.plans[e] = l.newPlan(e)
	}
	return l, nil
}

func isDummy(e *session.Event) bool {
	return e.Attr.Type == perfevent.TypeSoftware && e.Attr.Config == perfevent.SWDummy
}

func (l *Layout) newPlan(e *session.Event) *plan {
	p := &plan{fields: l.fields[kindOf(e.Attr.Type)], have: e.Layout.SampleType}
	p.chains = p.have&record.SampleCallchain != 0 && l.chains
	p.name = append(AppendEscaped(pad(nil, l.width-len(e.Name)), e.Name), ": "...)
	p.typed = typed(e)
	if e.Format != nil {
		if strings.Contains(e.Format.PrintFmt, `\n`) {
			p.keep |= keepNewline
		}
		if strings.Contains(e.Format.PrintFmt, `\t`) {
			p.keep |= keepTab
		}
	}
	if e.Attr.Type == perfevent.TypeSoftware {
		switch e.Attr.Config {
		case perfevent.SWPageFaults, perfevent.SWPageFaultsMin, perfevent.SWPageFaultsMaj:
			p.addrSym = true
		case perfevent.SWBPFOutput:
			p.bpf = true
		}
	}
	return p
}

// typed ties an event's types to its format. Types that the kernel's own format shows as well are left to that.
func typed(e *session.Event) *argtype.Bound {
	if e.Types == nil || e.Format == nil {
		return nil
	}
	more := slices.ContainsFunc(e.Types.Fields, func(f argtype.Field) bool {
		switch f.Type.Kind {
		case argtype.Bool, argtype.Char, argtype.Float32, argtype.Float64,
			argtype.Text, argtype.Slice, argtype.Map, argtype.Chan, argtype.Interface, argtype.Duration, argtype.Goroutine:
			return true
		case argtype.Int:
			return f.Type.Bits > 0 // the kernel knows bit-fields without signs only
		}
		return f.Type.Kind == argtype.Enum && len(f.Type.Values) > 0 || len(f.Via) > 0
	})
	if !more {
		return nil
	}
	b, err := argtype.Bind(e.Types, e.Format)
	if err != nil {
		return nil // made for another definition of the event
	}
	return b
}

// needs are the sample bits without which a field has nothing to show, in the order in which perf looks.
var needs = []struct {
	field Field
	bits  record.SampleFormat
	name  string
}{
	{IP, record.SampleIP, "IP"},
	{Addr, record.SampleAddr, "ADDR"},
	{Weight, record.SampleWeight | record.SampleWeightStruct, "WEIGHT"},
	{PID, record.SampleTID, "TID"},
	{TID, record.SampleTID, "TID"},
	{Time, record.SampleTime, "TIME"},
	{CPU, record.SampleCPU, "CPU"},
	{IRegs, record.SampleRegsIntr, "IREGS"},
	{URegs, record.SampleRegsUser, "UREGS"},
	{PhysAddr, record.SamplePhysAddr, "PHYS_ADDR"},
	{DataPageSize, record.SampleDataPageSize, "DATA_PAGE_SIZE"},
	{CodePageSize, record.SampleCodePageSize, "CODE_PAGE_SIZE"},
	{InsLat, record.SampleWeightStruct, "WEIGHT_STRUCT"},
}

// possible takes out the fields that the event's samples do not have. See evsel__check_attr in
// tools/perf/builtin-script.c.
func possible(e *session.Event, fields, asked Field) (Field, error) {
	st := e.Layout.SampleType
	for _, n := range needs {
		if fields&n.field == 0 || st&n.bits != 0 {
			continue
		}
		if asked&n.field != 0 {
			return 0, &MissingError{Event: e.Name, Field: fieldName(n.field), Part: n.name}
		}
		fields &^= n.field
	}
	if st&(record.SampleIP|record.SampleAddr) == 0 {
		for _, f := range []Field{Sym, DSO} {
			if asked&f != 0 {
				return 0, &MissingError{Event: e.Name, Field: fieldName(f), Part: "IP or ADDR"}
			}
		}
		fields &^= Sym | SymOff | DSO
	}
	if fields&SymOff != 0 && fields&Sym == 0 {
		if asked&SymOff != 0 {
			return 0, &FieldError{Arg: "symoff", What: "an offset needs the symbol that it belongs to", Next: "add sym"}
		}
		fields &^= SymOff
	}
	return fields, nil
}
