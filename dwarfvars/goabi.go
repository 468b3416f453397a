package dwarfvars

import (
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/gobin"
)

// GoState says that a place is one at which Go's calling convention tells where parameters or results are. The debug information does not
// always: without optimisation it has the frame in which the prologue will put a parameter, and a result has no location at RET.
type GoState uint8

// The states of a [Place].
const (
	NotGo    GoState = iota // the debug information tells all
	GoEntry                 // between a function's first instruction and the end of its stack check: parameters are where the caller put them
	GoReturn                // at a RET: results are where the caller will take them
)

// GoValue is a parameter or a result of a Go function.
type GoValue struct {
	Name   string // ~r0, ~r1, … of results without a name; ~p0, … of parameters without
	Type   string
	Result bool
}

// GoSignature returns the parameters, the receiver first, and then the results of the Go function that p is in.
func (i *Info) GoSignature(p Place) ([]GoValue, error) {
	_, real, err := i.functionOf(&p)
	if err != nil {
		return nil, i.wrap(err)
	}
	all, err := i.goVariables(real)
	if err != nil {
		return nil, i.wrap(err)
	}
	var out []GoValue
	for k := range all {
		if v := &all[k]; v.e != nil {
			out = append(out, GoValue{Name: i.name(v.e), Type: i.displayName(v.t), Result: v.result})
		}
	}
	return out, nil
}

// goVariable is a parameter or result with its place in the calling convention. A generic function's dictionary has no entry.
type goVariable struct {
	e      *dwarfunit.Entry
	t      typ
	result bool
	also   []int // further entries of the same result
	shape  gobin.Shape
	slot   gobin.Slot
}

// is tells whether an entry is that of the variable.
func (g *goVariable) is(v *dwarfunit.Entry) bool {
	return g.e != nil && (g.e.Off == v.Off || slices.Contains(g.also, v.Off))
}

// goVariables lists a function's parameters, then its results, as declared.
func (i *Info) goVariables(real *dwarfunit.Entry) ([]goVariable, error) {
	var params, results []goVariable
	var inner error
	err := real.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag != dwarfunit.TagFormalParameter {
			return true
		}
		v := goVariable{e: kid, result: i.isGoResult(kid)}
		// The compiler (seen with Go 1.26) lists results without a name twice where the function has a defer.
		if k := slices.IndexFunc(results, func(r goVariable) bool { return i.name(r.e) == i.name(kid) }); v.result && k >= 0 {
			results[k].also = append(results[k].also, kid.Off)
			return true
		}
		if v.t, inner = i.typeOf(kid); inner != nil {
			return false
		}
		if v.shape, inner = i.goShape(v.t); inner != nil {
			return false
		}
		if v.result {
			results = append(results, v)
		} else {
			params = append(params, v)
		}
		return true
	})
	if err == nil {
		err = inner
	}
	if err != nil {
		return nil, err
	}
	if at, yes := dictionary(i.name(real)); yes && at <= len(params) {
		size := int64(i.machine.PointerSize)
		word := gobin.Shape{Size: size, Align: size, Words: []gobin.Word{{Size: size}}}
		params = append(params[:at:at], append([]goVariable{{shape: word}}, params[at:]...)...)
	}
	in, out := gobin.Assign(i.machine, shapesOf(params), shapesOf(results))
	for k := range params {
		params[k].slot = in[k]
	}
	for k := range results {
		results[k].slot = out[k]
	}
	return append(params, results...), nil
}

func shapesOf(v []goVariable) []gobin.Shape {
	shapes := make([]gobin.Shape, len(v))
	for i := range v {
		shapes[i] = v[i].shape
	}
	return shapes
}

func (i *Info) isGoResult(v *dwarfunit.Entry) bool {
	h := i.holder(v, dwarfunit.AttrVariableParam)
	return h != nil && h.Flag(dwarfunit.AttrVariableParam)
}

// dictionary tells at which position a generic function that is compiled once for types of one shape gets a pointer to what differs:
// behind the receiver. The debug information has no entry for it. A closure in such a function has it among its captured variables.
func dictionary(function string) (at int, yes bool) {
	begin := strings.Index(function, "[")
	end := strings.LastIndexByte(function, ']')
	if begin < 0 || end < begin || strings.HasPrefix(function, "type:") || !strings.Contains(function[begin:end], "go.shape.") {
		return 0, false
	}
	switch rest := function[end+1:]; {
	case rest == "" && !strings.Contains(function[:begin], "(*"):
		return 0, true
	case strings.HasPrefix(rest, ".func"), strings.HasPrefix(rest, ".gowrap"), strings.HasPrefix(rest, ".deferwrap"):
		return 0, false
	case strings.Count(rest, ".") == 1 && (rest[0] == '.' || rest[0] == ')'):
		return 1, true
	}
	return 0, false
}

// goLocate returns where a parameter or result of the function itself is; ok is false if the calling convention does not tell.
func (i *Info) goLocate(p *Place, real, v *dwarfunit.Entry) (o operand, ok bool, err error) {
	if p.Go == NotGo || p.Inlined || v.Tag != dwarfunit.TagFormalParameter || i.isGoResult(v) != (p.Go == GoReturn) {
		return operand{}, false, nil
	}
	all, err := i.goVariables(real)
	if err != nil {
		return operand{}, false, err
	}
	for k := range all {
		if g := &all[k]; g.is(v) {
			return i.goOperand(g), true, nil
		}
	}
	return operand{}, false, nil // a parameter of a function that is inlined here
}

func (i *Info) goOperand(g *goVariable) operand {
	if g.slot.Regs == nil {
		return operand{holds: inMemory, at: chain{reg: i.machine.SP, off: g.slot.Stack}}
	}
	if len(g.slot.Regs) == 1 && g.shape.Words[0].Size == g.shape.Size {
		return operand{holds: asValue, at: chain{reg: g.slot.Regs[0]}}
	}
	var pieces []piece
	end := int64(0)
	for k, w := range g.shape.Words {
		if w.Offset > end {
			pieces = append(pieces, piece{size: w.Offset - end, empty: true})
		}
		pieces = append(pieces, piece{operand: operand{holds: asValue, at: chain{reg: g.slot.Regs[k]}}, size: w.Size})
		end = w.Offset + w.Size
	}
	if end < g.shape.Size {
		pieces = append(pieces, piece{size: g.shape.Size - end, empty: true})
	}
	return operand{holds: asPieces, pieces: pieces}
}

// MemberOffset returns where in a structure a member is, in bytes; ok is false if there is no such structure or member.
func (i *Info) MemberOffset(structure, name string) (offset int64, ok bool) {
	offs, err := i.data.Named(dwarfunit.Search{Name: structure, Workers: i.workers}, dwarfunit.TagStructureType)
	if err != nil {
		return 0, false
	}
	for _, off := range offs {
		e, err := i.data.Entry(off)
		if err != nil || e == nil {
			continue
		}
		if m, err := i.member(e, name); err == nil && m != nil && m.static == nil && m.bits == nil {
			return m.offset, true
		}
	}
	return 0, false
}
