package probe

import (
	"cmp"
	"debug/elf"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/gobin"
	"github.com/gperf-dev/gperf/perfevent/argtype"
)

// interfaced makes the arguments of a Go interface: the address of the type's descriptor, the pointer to the value, and what is there
// if the value is a number or a string, or begins with one, as most errors do.
func (t *translator) interfaced() ([]Arg, argtype.Field, error) {
	l := t.loc.Interface
	word := "x" + strconv.Itoa(8*t.r.image.machine.PointerSize)
	c := &counted{name: countedName(t.arg)}
	f := argtype.Field{Name: c.name, Type: argtype.Type{Kind: argtype.Interface, Name: t.loc.Type.Name}}
	n, err := t.capture()
	if err != nil {
		return nil, f, err
	}
	kind := *t
	kind.loc = &l.Type
	fetch, err := kind.fetch()
	if err != nil {
		return nil, f, err
	}
	data := *t
	data.loc = &l.Data
	if c.ptr, err = data.fetch(); err != nil {
		return nil, f, err
	}
	c.args = append(c.args, Arg{Name: c.name, Fetch: fetch, Type: word})
	f.Raw = []string{c.name}
	f.Ptr = c.part("ptr", c.ptr, word)
	at := argtype.Field{Name: c.name, Type: argtype.Type{Kind: argtype.Text}}
	at.Ptr = c.part("at", t.deref(0, c.ptr), word)
	at.Len = c.part("len", t.deref(int64(t.r.image.machine.PointerSize), c.ptr), word)
	at.Raw = c.bytes(c.partName("text"), func(off int64) string { return t.deref(off, t.deref(0, c.ptr)) }, orElse(n, defaultText))
	f.Elems = []argtype.Field{at}
	return c.args, f, t.concrete()
}

// Bounds of the types that an interface may hold and that travel with an event: with more they would not fit in a record.
const (
	maxConcrete      = 500
	maxConcreteBytes = 44 << 10 // of their names and what is written beside each
	concreteBytes    = 60       // beside a name
)

// concrete notes the types that the interface may hold, those first that are looked for most: those that the program converts to it, where
// that is known, else all.
func (t *translator) concrete() error {
	if t.loc.Type.Name == "goerror" {
		return t.held("error")
	}
	base, ok := t.r.goTypesAt()
	if !ok {
		return nil
	}
	info, err := t.r.debug()
	var none *dwarfvars.NoDebugInfoError
	if errors.As(err, &none) {
		return nil // a symbol table alone, as -ldflags=-w leaves it: types have no names
	}
	if err != nil {
		return err
	}
	holders, err := t.r.holders(t.loc.Type.Name)
	if err != nil {
		return err
	}
	have := make(map[uint64]bool)
	if len(holders) == 0 {
		for _, c := range t.event.Concrete {
			have[c.Addr] = true
		}
	}
	module := ""
	if b := t.r.golang(); b != nil {
		module = b.Module
	}
	var ranked [heldRanks][]argtype.Concrete
	err = info.GoTypes(t.loc.Interface, func(g dwarfvars.GoType) bool {
		if have[base+g.Offset] || len(holders) > 0 && !holders[g.Name] {
			return true
		}
		c := argtype.Concrete{Addr: base + g.Offset, Type: heldType(&g.Holds)}
		c.Name, c.Values = g.Name, nil
		rank := heldRank(g.Name, module)
		ranked[rank] = append(ranked[rank], c)
		return true
	})
	found := slices.Concat(ranked[:]...)
	if len(holders) > 0 {
		t.event.Concrete = append(found, t.event.Concrete...)
	} else {
		t.event.Concrete = append(t.event.Concrete, found...)
	}
	return err
}

// held notes the types of an interface that was asked for by its position, which the debug information does not tell.
func (t *translator) held(iface string) error {
	var found []argtype.Concrete
	for _, h := range gobin.Held(t.r.image.file, iface) {
		c := argtype.Concrete{Addr: h.Addr, Type: argtype.Type{Name: h.Name}}
		if h.Text {
			c.Kind, c.Size = argtype.Text, 2*t.r.image.machine.PointerSize
		}
		found = append(found, c)
	}
	t.event.Concrete = append(t.event.Concrete, found...)
	return nil
}

// heldRanks is the number of ranks.
const heldRanks = 3

// heldRank orders types: those of the program and of the modules that it uses, those of the standard library and of the language, and those
// of the runtime and of the library's inner packages.
func heldRank(name, module string) int {
	path := strings.TrimLeft(name, "*[]0123456789")
	first, _, inPath := strings.Cut(path, "/")
	switch {
	case inPath && strings.Contains(first, "."), strings.Contains(path, "main."), module != "" && strings.Contains(path, module):
		return 0
	case strings.Contains(path, "runtime."), strings.Contains(path, "internal/"), strings.HasPrefix(path, "vendor/"),
		strings.HasPrefix(path, "noalg."), strings.HasPrefix(path, "func("):
		return 2
	}
	return 1
}

// kept are the first of types that fit in a record, ordered by address. They may name one twice.
func kept(all []argtype.Concrete) []argtype.Concrete {
	var out []argtype.Concrete
	have := make(map[uint64]bool)
	size := 0
	for _, c := range all {
		if have[c.Addr] {
			continue
		}
		if size += len(c.Name) + concreteBytes; size > maxConcreteBytes || len(out) == maxConcrete {
			break
		}
		have[c.Addr] = true
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b argtype.Concrete) int { return cmp.Compare(a.Addr, b.Addr) })
	return out
}

// heldType is how a value is shown that an interface points to.
func heldType(ty *dwarfvars.Type) argtype.Type {
	if ty.Kind == dwarfvars.TypeVoid {
		return argtype.Type{}
	}
	e := elementType(ty)
	if e.Kind == argtype.Text && ty.Kind != dwarfvars.TypeString {
		e.Kind = argtype.Uint
	}
	if e.Kind == argtype.Enum {
		e.Kind = argtype.Uint
		if ty.Signed {
			e.Kind = argtype.Int
		}
	}
	return *e
}

// goTypesAt is where the descriptors of a Go program's types begin, as the file is linked.
func (r *Resolver) goTypesAt() (uint64, bool) {
	table, err := r.image.symbols()
	if err != nil {
		return 0, false
	}
	for _, name := range []string{"runtime.types", "type:*", "type.*"} {
		for _, s := range table.Named(name) {
			return s.Addr, true
		}
	}
	return 0, false
}

// holders are the types that the linker knows to be converted to an interface with methods: there is a table for each pair
// (go:itab.TYPE,INTERFACE; go.itab before Go 1.20).
func (r *Resolver) holders(iface string) (map[string]bool, error) {
	table, err := r.image.symbols()
	if err != nil {
		return nil, err
	}
	out := make(map[string]bool)
	for s := range table.All() {
		if name, ok := strings.CutSuffix(s.Name, ","+iface); ok && len(name) > len("go:itab.") && (name[:8] == "go:itab." || name[:8] == "go.itab.") {
			out[name[8:]] = true
		}
	}
	return out, nil
}

// meaning is what is kept of the event's values. definition is its lines as the kernel lists them.
func (e *Event) meaning(definition string) *argtype.Event {
	out := &argtype.Event{Group: e.Group, Name: e.Name, Definition: definition, BuildID: e.BuildID, Fields: e.Fields, Concrete: kept(e.Concrete)}
	if !slices.ContainsFunc(e.Fields, func(f argtype.Field) bool { return f.Type.Kind == argtype.Interface }) {
		return out
	}
	out.Path = e.Target
	if e.moves {
		for i := range e.Places {
			out.Places = append(out.Places, e.Places[i].Address)
		}
	}
	return out
}

// loadedElsewhere tells whether a file's addresses change when it is loaded.
func (m *image) loadedElsewhere() bool { return m.file.Type() != elf.ET_EXEC }
