package probe

import (
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/internal/symtab"
)

// UnsupportedPointError is a form of probe point that can be read but not resolved.
type UnsupportedPointError struct{ What, Instead string }

func (e *UnsupportedPointError) Error() string {
	return "probing by " + e.What + " is not supported yet"
}

// Hint returns the next step.
func (e *UnsupportedPointError) Hint() string { return e.Instead }

// NoFunctionError is a function that neither symbols nor debug information know.
type NoFunctionError struct {
	Name     string
	Where    string   // path of the file, or "the kernel"
	Nearest  []string // names that are like it, best first
	Modules  []string // kernel modules that have it
	Stripped bool     // the file has no symbols at all
	Kernel   bool
	Data     bool   // it is a variable
	Declared string // file that it is declared in, where another was asked for
	Debug    bool   // the debug information does not know it either
}

func (e *NoFunctionError) Error() string {
	if e.Data {
		return fmt.Sprintf("Probe point '%s' not found: it is a variable.", e.Name)
	}
	if e.Debug {
		return fmt.Sprintf("Probe point '%s' not found.", e.Name)
	}
	if e.Stripped {
		return fmt.Sprintf("Failed to load symbols from %s: it is stripped", e.Where)
	}
	return fmt.Sprintf("Failed to find symbol %s in %s", e.Name, e.Where)
}

// Hint returns the next step.
func (e *NoFunctionError) Hint() string {
	switch {
	case e.Declared != "":
		return "it is declared in " + e.Declared
	case e.Data:
		return "variables are read at a function: 'FUNC " + e.Name + "'"
	case e.Stripped:
		return "install its debug package, or probe an offset in the file: 0xOFFSET"
	case len(e.Modules) > 0:
		return "it is in a kernel module: -m " + strings.Join(e.Modules, ", -m ")
	case len(e.Nearest) > 0:
		return symtab.DidYouMean(e.Nearest)
	case e.Kernel:
		return "list functions with 'probe -F'; those of modules with -m MODULE"
	}
	return "list functions with 'probe -F'"
}

// InlinedReturnError is a return probe on a function that the compiler merged into its callers.
type InlinedReturnError struct {
	Function string
	Callers  []string
}

func (e *InlinedReturnError) Error() string {
	return fmt.Sprintf("Failed to find \"%s%%return\",\n because %s is an inlined function and has no return point.", e.Function, e.Function)
}

// Hint returns the next step.
func (e *InlinedReturnError) Hint() string {
	if len(e.Callers) == 0 {
		return ""
	}
	names := e.Callers
	if len(names) > 5 {
		names = names[:5]
	}
	return "it is part of " + strings.Join(names, ", ") + ": probe the return of these"
}

// BoundaryError is an offset that points into an instruction: a uprobe there would destroy the program.
type BoundaryError struct {
	Function              string
	Offset, Before, After uint64
	// Unknown is set if that cannot be told, since the function holds bytes that are no known instruction.
	Unknown bool
}

func (e *BoundaryError) Error() string {
	if e.Unknown {
		return fmt.Sprintf("%s+%d may be inside an instruction: not all of the function's code is known instructions", e.Function, e.Offset)
	}
	return fmt.Sprintf("%s+%d is inside an instruction", e.Function, e.Offset)
}

// Hint returns the next step.
func (e *BoundaryError) Hint() string {
	if e.Unknown {
		return "probe its first instruction, " + e.Function + ", or a line of it, FUNC:LINE"
	}
	return fmt.Sprintf("instructions begin at %s+%d and %s+%d", e.Function, e.Before, e.Function, e.After)
}

// ForbiddenError is a function of which the kernel takes no place.
type ForbiddenError struct {
	Function string
	Notes    []string
}

func (e *ForbiddenError) Error() string {
	return strings.Join(append(e.Notes[:len(e.Notes):len(e.Notes)], "no place of "+e.Function+" can be probed"), "\n")
}

// Hint returns the next step.
func (e *ForbiddenError) Hint() string {
	return "such functions are part of the tracing itself, or run only while the kernel starts: probe a caller"
}

// ArgumentError is a value that the kernel cannot fetch.
type ArgumentError struct {
	Arg  string // as typed
	Msg  string
	Next string

	local bool // it may be readable at another instance of the function
}

func (e *ArgumentError) Error() string { return e.Arg + ": " + e.Msg }

// Hint returns the next step.
func (e *ArgumentError) Hint() string { return e.Next }

// LimitError is an event beyond what the kernel takes.
type LimitError struct{ What, Text, Msg string }

func (e *LimitError) Error() string { return fmt.Sprintf("%s %q %s", e.What, e.Text, e.Msg) }

// Hint returns the next step.
func (e *LimitError) Hint() string {
	switch e.What {
	case "group name", "event name":
		return "name it yourself: GROUP:EVENT=FUNC"
	case "argument name":
		return "name it yourself: NAME=VALUE"
	case "argument":
		return "ask for a part of it, or split the way there over two probes"
	}
	return ""
}

// ShapeError is an event whose places have values of different types: the kernel has one format for all of them.
type ShapeError struct {
	Arg       string
	Types     [2]string // the kernel's; "" if the second place has no such value
	Functions [2]string
}

func (e *ShapeError) Error() string {
	if e.Types[1] == "" {
		return fmt.Sprintf("%s is read in %s, but not in %s: all places of an event have the same values", e.Arg, e.Functions[0], e.Functions[1])
	}
	return fmt.Sprintf("%s is %s in %s, but %s in %s: all places of an event have the same types", e.Arg, e.Types[0], e.Functions[0], e.Types[1], e.Functions[1])
}

// Hint returns the next step.
func (e *ShapeError) Hint() string {
	if e.Functions[0] != e.Functions[1] {
		return fmt.Sprintf("name one of the functions: '%s' or '%s'", e.Functions[0], e.Functions[1])
	}
	return "give the value a type, as in " + e.Arg + ":x64, or probe one place by its line or offset"
}

// IFuncError is a variable of a function whose symbol is only what chooses the implementation when the program starts.
type IFuncError struct {
	Function string
	Choices  []string // by their names
}

func (e *IFuncError) Error() string {
	return e.Function + " is a GNU indirect function: the code at its symbol chooses one that does the work, and has none of its variables"
}

// Hint returns the next step.
func (e *IFuncError) Hint() string {
	if len(e.Choices) == 0 {
		return "probe the function that it chooses"
	}
	names := e.Choices
	if len(names) > 8 {
		names = names[:8]
	}
	return "probe the one that it chooses on this machine: " + strings.Join(names, ", ")
}
