package probe

import (
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
)

// MaxArgs is how many arguments the kernel takes for one probe (MAX_TRACE_ARGS in kernel/trace/trace_probe.h).
const MaxArgs = 128

// Definition is one probe definition, taken apart. It says what was typed, not what exists.
type Definition struct {
	Text  string // as typed
	Group string // "" for the default
	Event string // "" for the default
	Point Point
	Args  []Argument
}

// PointKind tells the forms of a probe point.
type PointKind uint8

// The forms of a probe point.
const (
	FunctionPoint PointKind = iota // FUNC[@SRC][+OFF|%return|:RLN|;PATTERN]
	SourcePoint                    // SRC:ALN or SRC;PATTERN
	AddressPoint                   // 0xADDR, an absolute address in the file
	SDTPoint                       // %[PROVIDER:]NAME[@FILE], a static marker
)

// Point is where a definition asks to probe.
type Point struct {
	Kind     PointKind
	Function string // FUNC, may be a glob; for SDTPoint the marker's name
	Source   string // SRC, compared with the tail of file names; for SDTPoint the file or build-id behind '@'
	Provider string // SDTPoint only
	Offset   uint64 // bytes behind the function's entry
	Line     int    // RLN, counted from the function's own line, or ALN; 0 is none
	Pattern  string // a glob that the source line must match
	Address  uint64 // AddressPoint only
	Return   bool
	Column   int // of the point in Definition.Text, from 1
}

// Argument is one value to be recorded with each hit.
type Argument struct {
	Text   string          // the whole word as typed
	Name   string          // NAME of NAME=VALUE, "" if none was given
	Value  string          // without NAME= and :TYPE
	Type   string          // TYPE, "" if none was given
	Count  int             // elements that [FIRST-LAST] asks for; Expr is the first. 0 without
	User   bool            // @user: read user memory, from a kernel probe
	Expr   *dwarfvars.Expr // the value as an expression over variables; nil for what the kernel fetches itself ($stack, %di, …)
	Column int             // in Definition.Text, from 1
}

// NeedsDebugInfo reports whether the definition cannot be resolved from a symbol table alone.
func (d *Definition) NeedsDebugInfo() bool {
	p := &d.Point
	if p.Source != "" || p.Line != 0 || p.Pattern != "" {
		return true
	}
	for i := range d.Args {
		if d.Args[i].Expr != nil || d.Args[i].isSet() {
			return true
		}
	}
	return false
}

// isSet reports whether the argument stands for all variables or all parameters.
func (a *Argument) isSet() bool { return a.Value == "$vars" || a.Value == "$params" }

// String returns the point as perf's lists show it.
func (p *Point) String() string {
	s := p.text(shortFile)
	if p.Kind == SourcePoint {
		return "@" + s
	}
	return s
}

// text returns the point as it can be typed; file is how files' names are written.
func (p *Point) text(file func(path string) string) string {
	var b strings.Builder
	switch p.Kind {
	case AddressPoint:
		return "0x" + strconv.FormatUint(p.Address, 16)
	case SDTPoint:
		return "%" + p.Function
	case SourcePoint:
		b.WriteString(file(p.Source))
	default:
		b.WriteString(p.Function)
		if p.Return {
			b.WriteString("%return")
		}
		if p.Offset != 0 {
			b.WriteString("+" + strconv.FormatUint(p.Offset, 10))
		}
	}
	if p.Line != 0 {
		b.WriteString(":" + strconv.Itoa(p.Line))
	}
	if p.Pattern != "" {
		b.WriteString(";" + p.Pattern)
	}
	if p.Kind == FunctionPoint && p.Source != "" {
		b.WriteString("@" + file(p.Source))
	}
	return b.String()
}

// shortFile cuts a long path as perf's lists do: of a path over 30 characters what follows the first slash within its
// last 30, or these 30 (synthesize_perf_probe_point in tools/perf/util/probe-event.c).
func shortFile(path string) string {
	const keep = 30
	if len(path) <= keep {
		return path
	}
	tail := path[len(path)-keep:]
	if i := strings.IndexByte(tail, '/'); i >= 0 {
		return tail[i+1:]
	}
	return tail
}
