package dwarfvars

import (
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// PlaceOptions say which places of a function are meant.
type PlaceOptions struct {
	Offset       uint64 // bytes from the instance's entry
	File         string // only functions declared in a file whose path ends so; "" for all
	Entry        uint64 // only the instance whose code begins at this address, of whatever function of that name; 0 for all
	NoInlines    bool   // leave inlined instances out
	SkipPrologue bool   // in units compiled without optimisation, take the place after the prologue, where parameters live; not with Offset
	Max          int    // stop with *TooManyError above this number; 0: no bound
}

// Place is an address in a function where a probe can be.
type Place struct {
	Addr     uint64 // virtual address as the file is linked
	Entry    uint64 // of the instance; differs from Addr by an offset or a skipped prologue
	Function string // name of the function meant
	Symbol   string // name of the out-of-line function that Addr lies in, as the symbol table should have it
	Offset   uint64 // of Addr from the entry of Symbol
	Inlined  bool   // an inlined instance
	Skipped  bool   // the prologue was skipped
	Go       GoState

	die  int // offset of the instance's entry
	real int // offset of the out-of-line function's entry
}

// Places returns the places of every function called fn: its out-of-line code and
// all inlined instances, in the order of the debug information as perf has them.
// Errors: *UnknownFunctionError, *AmbiguousError, *NoInstanceError, *OffsetError, *TooManyError.
func (i *Info) Places(fn string, o PlaceOptions) ([]Place, error) {
	found, err := i.namedFor(fn, o.Entry)
	if err != nil {
		return nil, i.wrap(err)
	}
	c := placeCollector{i: i, fn: fn, o: o, seen: map[uint64]bool{}}
	defined := false
	for k := range found {
		f := &found[k]
		if f.Decl && len(f.Instances) == 0 {
			continue
		}
		defined = true
		if err := c.add(f); err != nil {
			return nil, i.wrap(err)
		}
	}
	c.out = withoutDeleting(c.out)
	switch {
	case !defined:
		return nil, &UnknownFunctionError{Name: fn, Nearest: i.Nearest(fn), Missing: i.Missing()}
	case len(c.out) == 0 && c.outside != nil:
		return nil, c.outside
	case len(c.out) == 0:
		return nil, &NoInstanceError{Name: fn}
	}
	return c.out, nil
}

// withoutDeleting leaves C++'s deleting destructors out, which call the destructor itself: an object that is deleted would count twice.
func withoutDeleting(places []Place) []Place {
	others := slices.DeleteFunc(slices.Clone(places), func(p Place) bool { return !p.Inlined && symtab.IsDeleting(p.Symbol) })
	if len(others) == 0 {
		return places // asked for by its own name
	}
	return others
}

// namedFor returns the functions of a name, which may be of several functions if the code's address is known.
func (i *Info) namedFor(fn string, entry uint64) ([]dwarfunit.Func, error) {
	if entry == 0 {
		return i.called(fn)
	}
	return i.data.Find(dwarfunit.Search{Name: fn, Workers: i.workers})
}

// Missing tells of files with a part of the debug information that are not there: a *SplitError, or that of dwz's alternate file. What is
// there can be used.
func (i *Info) Missing() error {
	if m := i.units.Missing; m != nil {
		return &SplitError{Path: i.Path(), Dwo: m.Dwo, Tried: m.Tried, Count: m.Count}
	}
	return i.units.Alternate
}

type placeCollector struct {
	i       *Info
	fn      string
	o       PlaceOptions
	out     []Place
	seen    map[uint64]bool
	outside error // the offset is not in this instance; it may be in another
}

func (c *placeCollector) add(f *dwarfunit.Func) error {
	if c.o.File != "" {
		e, err := c.i.definition(f)
		if err != nil || e == nil {
			return err
		}
		if file, _ := c.i.decl(e); !strings.HasSuffix(file, c.o.File) {
			return nil
		}
	}
	if f.Code {
		return c.instance(f.Off, f.Off, false)
	}
	for _, inst := range f.Instances {
		if inst.Inlined && c.o.NoInlines || inst.Real == 0 {
			continue
		}
		if err := c.instance(inst.Off, inst.Real, inst.Inlined); err != nil {
			return err
		}
	}
	return nil
}

// definition returns the entry that tells where a function is written: of a method that is not the declaration in its class.
func (i *Info) definition(f *dwarfunit.Func) (*dwarfunit.Entry, error) {
	if f.Decl && len(f.Instances) > 0 {
		return i.data.Entry(f.Instances[0].Off)
	}
	return i.data.Entry(f.Off)
}

func (c *placeCollector) instance(off, realOff int, inlined bool) error {
	e, err := c.i.data.Entry(off)
	if err != nil || e == nil {
		return err
	}
	real := e
	if realOff != off {
		if real, err = c.i.data.Entry(realOff); err != nil || real == nil {
			return err
		}
	}
	if inlined && c.i.redundant(e) {
		return nil
	}
	entry, ok := e.EntryPC()
	if !ok || entry == 0 || c.o.Entry != 0 && entry != c.o.Entry { // 0: dropped by the linker
		return nil
	}
	p := Place{Addr: entry, Entry: entry, Function: c.fn, Inlined: inlined, die: off, real: realOff, Symbol: c.i.linkage(real)}
	if err := c.move(&p, real); err != nil {
		return err
	}
	if begin, ok := real.EntryPC(); ok {
		p.Offset = p.Addr - begin
	}
	if c.seen[p.Addr] || p.Addr-p.Entry != c.o.Offset && !p.Skipped {
		return nil
	}
	c.seen[p.Addr] = true
	c.out = append(c.out, p)
	if c.o.Max > 0 && len(c.out) > c.o.Max {
		return &TooManyError{Function: c.fn, Max: c.o.Max}
	}
	return nil
}

// move takes the place to where the options want it.
func (c *placeCollector) move(p *Place, real *dwarfunit.Entry) error {
	if c.o.Offset > 0 {
		ranges, err := real.Ranges()
		if err != nil {
			return err
		}
		if !dwarfunit.Contains(ranges, p.Entry+c.o.Offset) {
			c.outside = &OffsetError{Function: c.fn, Offset: c.o.Offset, Size: sizeFrom(ranges, p.Entry)}
			return nil
		}
		p.Addr += c.o.Offset
		return nil
	}
	if c.o.SkipPrologue && !p.Inlined && (!real.Unit.HasLocationLists() || c.i.keepsParameters(p, real)) {
		if after, ok := c.i.afterPrologue(real, p.Entry); ok {
			p.Addr, p.Skipped = after, after != p.Entry
		}
	}
	return nil
}

// sizeFrom returns how many bytes there are from pc to the end of its range.
func sizeFrom(ranges []dwarfunit.Range, pc uint64) uint64 {
	for _, r := range ranges {
		if pc >= r.Lo && pc < r.Hi {
			return r.Hi - pc
		}
	}
	return 0
}

// redundant tells whether an inlined instance is called from where its function is declared: such
// entries describe the function itself (perf ignores them too, see die_walk_instances).
func (i *Info) redundant(e *dwarfunit.Entry) bool {
	line, ok := e.Uint(dwarfunit.AttrCallLine)
	if !ok {
		return false
	}
	declLine, ok := i.number(e, dwarfunit.AttrDeclLine)
	if !ok || declLine != line {
		return false
	}
	file, ok := e.Uint(dwarfunit.AttrCallFile)
	declFile, ok2 := i.number(e, dwarfunit.AttrDeclFile)
	return ok && ok2 && file == declFile
}

// pairs gives ranges in the form of this package, sorted and joined.
func pairs(in []dwarfunit.Range) [][2]uint64 {
	in = dwarfunit.Normalize(slices.Clone(in))
	out := make([][2]uint64, 0, len(in))
	for _, r := range in {
		out = append(out, [2]uint64{r.Lo, r.Hi})
	}
	return out
}
