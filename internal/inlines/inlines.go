// Package inlines tells which functions the compiler put into others at an address, by the debug information.
//
// Nothing is read before it is asked for: a unit's functions with the first address in it, what was put into a function with the first
// address in that.
package inlines

import (
	"sync"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// maxKept bounds the memory of a Table, in ranges of addresses, of some 24 bytes; beyond, it starts anew.
const maxKept = 1 << 21

// maxDepth bounds how many functions lie in each other; hostile files may go on for ever.
const maxDepth = 256

// Table finds inlined functions of one program. It is safe for concurrent use.
type Table struct {
	data *dwarfunit.Data

	mu    sync.Mutex
	where *dwarfunit.Spans // of units
	units map[int]*unit
	kept  int
	names map[int]string
}

// unit is the functions with code that a unit has.
type unit struct {
	c         *dwarfunit.Context
	functions *dwarfunit.Spans
	bodies    map[int]*body // by the entry's offset; nil for a function that nothing was put into
}

// New makes a Table of debug information, which must stay open as long as the Table is used.
func New(d *dwarfunit.Data) *Table {
	return &Table{data: d, units: make(map[int]*unit), names: make(map[int]string)}
}

// At appends the names of the functions that were put into the one at pc, innermost first, as symbol tables have them: C++'s and Rust's
// are mangled.
func (t *Table) At(dst []string, pc uint64) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.where == nil {
		t.where = t.data.UnitRanges(0)
	}
	for n := range t.where.At(pc) {
		u := t.unit(n)
		if u == nil {
			continue
		}
		for off := range u.functions.At(pc) {
			return t.append(dst, t.body(u, off), pc)
		}
	}
	return dst
}

// unit reads a unit's functions; nil if it has none that can be read.
func (t *Table) unit(n int) *unit {
	u, known := t.units[n]
	if known {
		return u
	}
	if c, err := t.data.Whole(n); err == nil {
		// What can be used of a damaged unit is used.
		if functions, _ := t.data.FunctionRanges(c); functions != nil && functions.Len() > 0 {
			u = &unit{c: c, functions: functions, bodies: make(map[int]*body)}
			t.keep(functions.Len())
		}
	}
	t.units[n] = u
	return u
}

// keep counts what is about to be kept.
func (t *Table) keep(n int) {
	if t.kept += n; t.kept > maxKept {
		clear(t.units)
		clear(t.names)
		t.kept = n
	}
}

// body reads what was put into a function.
func (t *Table) body(u *unit, off int) *body {
	b, known := u.bodies[off]
	if known {
		return b
	}
	var m maker
	_ = u.c.EachInlined(off, m.add) // what can be used of a damaged function is used
	if len(m.spans) > 0 {
		b = m.body()
		t.keep(len(b.begins))
	}
	u.bodies[off] = b
	return b
}

func (t *Table) append(dst []string, b *body, pc uint64) []string {
	if b == nil {
		return dst
	}
	for n := b.at(pc); n != none; n = b.nodes[n].parent {
		if name := t.name(b.nodes[n].origin); name != "" {
			dst = append(dst, name)
		}
	}
	return dst
}

// name is a function's linkage name, else its name.
func (t *Table) name(off int) string {
	name, known := t.names[off]
	if known {
		return name
	}
	at, plain := off, ""
	for range maxDepth {
		e, err := t.data.Entry(at)
		if err != nil || e == nil {
			break
		}
		if name = e.String(dwarfunit.AttrLinkageName); name == "" {
			name = e.String(dwarfunit.AttrMIPSLinkage)
		}
		if plain == "" {
			plain = e.String(dwarfunit.AttrName)
		}
		next, ok := e.Ref(dwarfunit.AttrAbstractOrigin)
		if !ok {
			next, ok = e.Ref(dwarfunit.AttrSpecification)
		}
		if name != "" || !ok {
			break
		}
		at = next
	}
	if name == "" {
		name = plain
	}
	t.names[off] = name
	return name
}
