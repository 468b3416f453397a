package dwarfvars

import (
	"debug/elf"
	"errors"
)

// Options say how to open debug information. The zero value is perf's behaviour.
type Options struct {
	Root    string // directory in which debug files are looked for instead of /; perf's --symfs
	NoFind  bool   // take the file's own DWARF only; look for no separate debug file
	Workers int    // how many units are read at a time; 0: one per CPU
}

// Function is a function that the debug information defines.
type Function struct {
	Name    string // as in the source
	Linkage string // as in the symbol table, if the debug information tells and it differs
	File    string // where it is declared; "" if unknown
	Line    int
	Inline  bool // there are inlined instances or there may be
}

// PlaceOptions say which places of a function are meant.
type PlaceOptions struct {
	Offset       uint64 // bytes from the instance's entry
	File         string // only functions declared in a file whose path ends so; "" for all
	NoInlines    bool   // leave inlined instances out
	SkipPrologue bool   // in units compiled without optimisation, take the place after the prologue, where parameters live; not with Offset
	Max          int    // stop with *TooManyError above this number; 0: no bound
}

// Place is an address in a function where a probe can be.
type Place struct {
	Addr     uint64 // virtual address as the file is linked
	Entry    uint64 // of the instance; differs from Addr by an offset or a skipped prologue
	Function string // name of the function meant
	Symbol   string // name of the out-of-line function that Addr lies in
	Offset   uint64 // of Addr in Symbol
	Inlined  bool   // an inlined instance
	Skipped  bool   // the prologue was skipped
	File     string // where Function is declared
	Line     int

	unit int    // number of the unit
	die  uint64 // offset of the instance's DIE
	real uint64 // offset of the out-of-line function's DIE
}

// VarsOptions say which variables are meant.
type VarsOptions struct {
	Externs bool // also the variables of the unit's file level
	Params  bool // parameters only
	Missing bool // also those that live elsewhere in the function, for perf's --range
}

// Variable is a variable at a place.
type Variable struct {
	Name   string
	Type   string // as perf probe -V spells it
	Param  bool
	Extern bool        // of file level
	Here   bool        // has a location at the place
	Ranges [][2]uint64 // where it has a location, end exclusive, if that is limited to parts
}

// Source is where an address comes from.
type Source struct {
	Function string // innermost function, inlined ones included
	Symbol   string // out-of-line function
	Offset   uint64 // of the address from the entry of Function's instance
	Inlined  bool
	DeclFile string // where Function is declared
	DeclLine int
	File     string // of the address
	Line     int    // of the address; 0 if unknown
	IsStmt   bool   // a statement begins exactly at the address
}

// Info is the debug information of one file. Its methods may be called concurrently.
type Info struct{}

var errSoon = errors.New("not yet")

// Open maps the file and its debug information, which may be in a separate file.
// The error is a *NoDebugInfoError if there is none. The caller closes the Info.
func Open(path string, o Options) (*Info, error) { return nil, errSoon }

// Close unmaps the files. Nothing returned by Info's methods refers to them.
func (i *Info) Close() error { return nil }

// Path returns the path of the file that holds the DWARF.
func (i *Info) Path() string { return "" }

// Machine returns the file's machine, by which DWARF register numbers are read.
func (i *Info) Machine() elf.Machine { return 0 }

// Functions returns the functions whose name or linkage name matches the glob
// pattern (* ? [set]), in the order of the debug information.
func (i *Info) Functions(pattern string) ([]Function, error) { return nil, errSoon }

// Places returns the places of every function called fn: its out-of-line code and
// all inlined instances, in the order of the debug information as perf has them.
// Errors: *UnknownFunctionError, *NoInstanceError, *OffsetError, *TooManyError.
func (i *Info) Places(fn string, o PlaceOptions) ([]Place, error) { return nil, errSoon }

// Value tells where the value of e is at p. Errors: *UnknownVariableError,
// *NotHereError, *UnsupportedError, *StepError.
func (i *Info) Value(p Place, e *Expr) (Location, error) { return Location{}, errSoon }

// Vars returns the variables that can be seen at p, in the order of the debug
// information. [SortVariables] gives the order of perf probe -V.
func (i *Info) Vars(p Place, o VarsOptions) ([]Variable, error) { return nil, errSoon }

// PlaceOf tells which function and line an address belongs to.
func (i *Info) PlaceOf(addr uint64) (Source, bool) { return Source{}, false }

// Nearest returns up to five names of functions that are like name, best first.
func (i *Info) Nearest(name string) []string { return nil }

// SortVariables sorts by type and name and drops what is listed twice, as perf probe -V prints them.
func SortVariables(vars []Variable) []Variable { return vars }
