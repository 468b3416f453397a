package probe

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/insn"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// The kernel's own probe at returns puts the address of its trampoline on the stack. The unwinder of C++ and Rust knows no function there: an
// exception or a panic that comes by ends the program. So their functions are probed at their RET instructions, as those of Go are.

// personalities are functions that a program has if exceptions or panics can pass through it.
var personalities = [...]string{"__gxx_personality_v0", "rust_eh_personality"}

// unwinds tells whether an exception may leave the function.
func (r *Resolver) unwinds(symbol string) bool {
	if !r.user() || r.image == nil {
		return false
	}
	if strings.HasPrefix(symbol, "_Z") || strings.HasPrefix(symbol, "_R") {
		return true
	}
	t, err := r.image.symbols()
	return err == nil && slices.ContainsFunc(personalities[:], func(name string) bool { return len(t.Named(name)) > 0 })
}

// nativeReturns goes from the entries of functions that an exception may leave to their returns. All others stay as they are.
func (r *Resolver) nativeReturns(function string, entries []spot) (spots []spot, notes []string, err error) {
	if !slices.ContainsFunc(entries, func(s spot) bool { return r.unwinds(s.symbol) }) {
		return entries, nil, nil
	}
	var without []string // functions whose returns are not found
	for i := range entries {
		s := &entries[i]
		exits, err := r.exits(s.entry)
		name := readable(s.symbol)
		if err != nil || len(exits.Returns) == 0 {
			without = append(without, name)
			continue
		}
		if exits.Jumps > 0 {
			notes = append(notes, fmt.Sprintf("%s also ends by %d jumps to other functions, which return in its stead: these are not counted.", name, exits.Jumps))
		}
		for _, at := range exits.Returns {
			one := *s
			one.move(s.entry + uint64(at))
			one.atReturn = true
			spots = append(spots, one)
		}
	}
	if len(spots) > r.options.MaxPlaces {
		return nil, nil, &dwarfvars.TooManyError{Function: function, Max: r.options.MaxPlaces}
	}
	if len(spots) == 0 {
		return nil, nil, &GoReturnError{Function: without[0], Why: "it has no return instruction that can be told, and a changed return address " +
			"would end the program at an exception or panic"}
	}
	for _, name := range without {
		notes = append(notes, name+" is left out: it has no return instruction that can be told")
	}
	return spots, notes, nil
}

// errUnknownEnd tells that the symbol table does not say where a function ends.
var errUnknownEnd = errors.New("the end of the function is not known")

// exits finds the ways out of the function that begins at an address.
func (r *Resolver) exits(entry uint64) (insn.Exits, error) {
	t, err := r.image.symbols()
	if err != nil {
		return insn.Exits{}, err
	}
	f, ok := t.Lookup(entry)
	if !ok || f.Addr != entry || f.Size == 0 || f.Type == symtab.Object {
		return insn.Exits{}, errUnknownEnd
	}
	return insn.FindExits(r.image.machine.ELF, r.image.code(entry, entry+f.Size))
}

// returnOf tells whether there is a return instruction at an address, of a function that nativeReturns probes at its returns, and where that begins.
func (r *Resolver) returnOf(addr uint64) (entry uint64, ok bool) {
	if !r.user() || r.golang() != nil {
		return 0, false
	}
	name, offset, ok := r.image.symbolAt(addr)
	if !ok || offset == 0 || !r.unwinds(name) {
		return 0, false
	}
	exits, err := r.exits(addr - offset)
	return addr - offset, err == nil && slices.Contains(exits.Returns, int(offset))
}

// returned puts the register of a function's result into what the kernel is to fetch at a RET instruction.
func (r *Resolver) returned(fetch string) string {
	m := r.image.machine
	name, ok := m.FetchName(m.C.IntResults[0])
	if !ok {
		return fetch
	}
	return strings.ReplaceAll(fetch, "$retval", "%"+name)
}
