package gobin

import (
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/insn"
	"github.com/gperf-dev/gperf/internal/objfile"
)

// Code returns the bytes of a function, with what fills up to the next; nil if the file does not have them.
func Code(f *objfile.File, fn Func) []byte {
	s, ok := f.SectionOf(fn.Entry)
	if !ok || fn.End < fn.Entry || fn.Entry < s.Addr {
		return nil
	}
	b, err := f.Data(s.Index)
	if err != nil || fn.Entry-s.Addr > uint64(len(b)) {
		return nil
	}
	b = b[fn.Entry-s.Addr:]
	return b[:min(fn.End-fn.Entry, uint64(len(b)))]
}

// Lookup returns the functions of a name: several, if it is that of a generic function with [...] for its types. Of a function that has a
// wrapper for the other calling convention, which has its name in the table, it returns what the symbol table knows by the name: the
// function if it is written in Go, else its wrapper. The other one has ".abi0" behind its name.
func (b *Binary) Lookup(f *objfile.File, name string) []Func {
	base, abi0 := strings.CutSuffix(name, ".abi0")
	all := b.Functions.Named(base)
	if strings.Contains(base, "[...]") && !abi0 {
		return b.Functions.instances(base)
	}
	var out []Func
	for _, fn := range all {
		if b.isABI0(f, fn, all) == abi0 {
			out = append(out, fn)
		}
	}
	if len(out) == 0 && !abi0 {
		return all // assembly without a wrapper has its own name
	}
	return out
}

// instances returns the functions that a generic function was compiled to, without what interfaces call in their stead.
func (t *Table) instances(name string) []Func {
	var out []Func
	for fn := range t.All() {
		if strings.IndexByte(fn.Name, '[') >= 0 && elided(fn.Name) == name {
			out = append(out, fn)
		}
	}
	if slices.ContainsFunc(out, func(fn Func) bool { return IsShared(fn.Name) }) {
		out = slices.DeleteFunc(out, func(fn Func) bool { return !IsShared(fn.Name) })
	}
	return out
}

// elided puts [...] for the types in the name of a generic function's instance, as Go's own traces do.
func elided(name string) string {
	begin, end := strings.IndexByte(name, '['), strings.LastIndexByte(name, ']')
	if begin < 0 || end < begin {
		return name
	}
	return name[:begin] + "[...]" + name[end+1:]
}

// IsABI0 reports whether a function has its parameters on the stack, and nothing in the register for g: assembly, and what lets assembly
// call Go.
func (b *Binary) IsABI0(f *objfile.File, fn Func) bool {
	return !b.ABIInternal || fn.Asm || b.isABI0(f, fn, b.Functions.Named(fn.Name))
}

// isABI0 looks among the functions of one name. A wrapper for assembly is what calls, or
// jumps to, its namesake that is no assembly.
func (b *Binary) isABI0(f *objfile.File, fn Func, namesakes []Func) bool {
	if fn.Asm {
		return true
	}
	if len(namesakes) < 2 || strings.Contains(fn.Name, "[") {
		return false
	}
	targets := insn.Targets(b.Machine.ELF, Code(f, fn))
	for _, other := range namesakes {
		if other.Entry == fn.Entry || other.Asm {
			continue
		}
		for _, to := range targets {
			if fn.Entry+uint64(to) == other.Entry {
				return true
			}
		}
	}
	return false
}
