package dwarfvars

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/internal/symtab"
)

// ErrNoDebugInfo is what a *NoDebugInfoError unwraps to.
var ErrNoDebugInfo = errors.New("no debug information")

// NoDebugInfoError is a file without DWARF, for which none was found elsewhere.
type NoDebugInfoError struct {
	Path    string
	BuildID []byte
	Tried   []string // files that were looked for
}

func (e *NoDebugInfoError) Error() string {
	return e.Path + " has no debug information"
}

// Unwrap returns ErrNoDebugInfo.
func (e *NoDebugInfoError) Unwrap() error { return ErrNoDebugInfo }

// Hint names the ways to get it, and what works without.
func (e *NoDebugInfoError) Hint() string {
	hint := "rebuild it with -g or install its debug package (-dbg, -dbgsym, debuginfo)"
	if len(e.BuildID) > 0 {
		hint += fmt.Sprintf(" for build-id %x", e.BuildID)
	}
	hint += "; functions by name and registers such as %di work without"
	if len(e.Tried) > 0 {
		hint += "\nlooked at " + strings.Join(e.Tried, ", ")
	}
	return hint
}

// UnknownFunctionError is a function that the debug information does not define.
type UnknownFunctionError struct {
	Name    string
	Nearest []string // names that are like it, best first
	Missing error    // debug information that is not there and may have it, a *SplitError or of an alternate file; nil if all is there
}

func (e *UnknownFunctionError) Error() string {
	if e.Missing != nil {
		return fmt.Sprintf("debug information has no function %s: %v", e.Name, e.Missing)
	}
	return fmt.Sprintf("debug information has no function %s", e.Name)
}

// Unwrap returns Missing.
func (e *UnknownFunctionError) Unwrap() error { return e.Missing }

// Hint names functions that are called alike, or what to do for the debug information that is not there.
func (e *UnknownFunctionError) Hint() string {
	if h, ok := e.Missing.(interface{ Hint() string }); ok {
		return h.Hint()
	}
	return symtab.DidYouMean(e.Nearest)
}

// NoInstanceError is a function that is declared or was inlined somewhere, but of
// which no instruction is in the file.
type NoInstanceError struct{ Name string }

func (e *NoInstanceError) Error() string {
	return fmt.Sprintf("no code of function %s is in the file", e.Name)
}

// Hint says where the function may have gone.
func (e *NoInstanceError) Hint() string {
	return "the compiler removed it or merged it into its callers; probe one of these"
}

// OffsetError is a place outside of its function.
type OffsetError struct {
	Function     string
	Offset, Size uint64
}

func (e *OffsetError) Error() string {
	return fmt.Sprintf("offset %d is outside of %s, which has %d bytes", e.Offset, e.Function, e.Size)
}

// NotHereError is a variable without a place to read it from at this address: it was
// optimised away, or lives in other parts of the function only. At other
// instances of the function it may well be there.
type NotHereError struct {
	Name     string
	Function string
	Addr     uint64
	Symbol   string      // the function whose code Addr is in; another than Function where that is inlined
	Entry    uint64      // of Symbol
	Ranges   [][2]uint64 // addresses where it does have a location, end exclusive
}

func (e *NotHereError) Error() string {
	if len(e.Ranges) == 0 {
		return fmt.Sprintf("variable %s of %s is optimised out", e.Name, e.Function)
	}
	return fmt.Sprintf("variable %s of %s has no value at address %#x", e.Name, e.Function, e.Addr)
}

// Hint says where the variable can be read.
func (e *NotHereError) Hint() string {
	if len(e.Ranges) == 0 {
		return "leave it out, or rebuild with -Og or -O0"
	}
	var at []string
	symbol := symtab.Demangle(e.Symbol)
	for i, r := range e.Ranges {
		if i == 3 {
			at = append(at, "…")
			break
		}
		if e.Symbol == "" || r[0] < e.Entry {
			at = append(at, fmt.Sprintf("%#x to %#x", r[0], r[1]-1))
			continue
		}
		at = append(at, fmt.Sprintf("%s+%d to +%d", symbol, r[0]-e.Entry, r[1]-1-e.Entry))
	}
	return "it can be read at " + strings.Join(at, ", ")
}

// UnsupportedError is a value that is known to the debug information but cannot be
// fetched at the place from one register or one chain of pointers.
type UnsupportedError struct {
	Name   string
	Addr   uint64
	Reason string // what it is that cannot be fetched

	Elsewhere string // where it can be fetched, in words; "" if nobody looked
	// ThreadLocal tells of a variable of which each thread has one: it is nowhere in registers or at a fixed place.
	ThreadLocal bool
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("value of %s at %#x cannot be fetched: %s", e.Name, e.Addr, e.Reason)
}

// Hint names a way around.
func (e *UnsupportedError) Hint() string {
	switch {
	case e.ThreadLocal:
		return "probes cannot find a thread's own storage: leave it out, or probe where the value is a parameter or a local variable"
	case e.Elsewhere != "":
		return e.Elsewhere
	}
	return "try another place in the function, or read a register or memory directly (%di, +8(%si))"
}

// UnknownVariableError is a name that is no variable at the place.
type UnknownVariableError struct {
	Name     string
	Function string
	Nearest  []string
}

func (e *UnknownVariableError) Error() string {
	return fmt.Sprintf("function %s has no variable %s", e.Function, e.Name)
}

// Hint names variables that are called alike.
func (e *UnknownVariableError) Hint() string { return symtab.DidYouMean(e.Nearest) }

// StepError is a step of an expression that its type does not allow.
type StepError struct {
	Expr    string
	Step    string // as written
	Type    string // of the value before the step
	Reason  string
	Nearest []string // members that are called alike
	Instead string   // the operator that would fit, if one does
}

func (e *StepError) Error() string {
	return fmt.Sprintf("%s: %s on %s: %s", e.Expr, e.Step, e.Type, e.Reason)
}

// Hint names the step that would do.
func (e *StepError) Hint() string {
	if e.Instead != "" {
		return "write " + e.Instead + " instead"
	}
	return symtab.DidYouMean(e.Nearest)
}

// TooManyError is a function with more places than allowed.
type TooManyError struct {
	Function string
	Max      int
}

func (e *TooManyError) Error() string {
	return fmt.Sprintf("function %s has more than %d places", e.Function, e.Max)
}

// Hint names the option that raises the bound.
func (e *TooManyError) Hint() string { return "raise the bound with --max-probes" }

// SplitError is a function that may be in .dwo files, into which the compiler put debug information, and that are not there.
type SplitError struct {
	Path  string
	Dwo   string   // name of one of them, as the compiler had it
	Tried []string // where it was looked for
	Count int      // of files that are not there
}

func (e *SplitError) Error() string {
	more := ""
	if e.Count > 1 {
		more = fmt.Sprintf(" and %d more", e.Count-1)
	}
	return fmt.Sprintf("%s keeps debug information in other files, of which %s%s is not found (tried %s)", e.Path, e.Dwo, more, strings.Join(e.Tried, ", "))
}

// Hint names the ways out.
func (e *SplitError) Hint() string {
	return "put the .dwo files where they were built, or a package of them beside the program as NAME.dwp, or rebuild without -gsplit-dwarf"
}

// RelocatableError is an object file or kernel module of a machine whose relocations are not known: its debug information has no
// addresses before it is linked.
type RelocatableError struct{ Path string }

func (e *RelocatableError) Error() string {
	return e.Path + " is a relocatable file (.o, .ko) for a machine whose relocations are not known"
}

// Hint says what works.
func (e *RelocatableError) Hint() string {
	return "name a linked program or library; functions by name and registers such as %di work without"
}
