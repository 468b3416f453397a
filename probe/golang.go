package probe

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/glob"
	"github.com/gperf-dev/gperf/internal/gobin"
	"github.com/gperf-dev/gperf/internal/insn"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// goCode is what is known of a place in a function of Go. Places in C code have none.
type goCode struct {
	fn       gobin.Func
	internal bool // of ABIInternal: a register holds g
	state    dwarfvars.GoState
}

// golang returns what is known of the target as a program of Go; nil if it is none, or its table of functions cannot be read.
func (r *Resolver) golang() *gobin.Binary {
	if !r.user() {
		return nil
	}
	b, err := r.image.golang()
	if err != nil {
		return nil
	}
	return b
}

// checkReturn refuses variables at returns before anything is looked for, unless the function may be one of Go.
func (r *Resolver) checkReturn(d *Definition) error {
	if r.golang() != nil {
		return nil
	}
	return d.checkReturn()
}

// findGo is find for programs of Go.
func (r *Resolver) findGo(b *gobin.Binary, d *Definition, function string) ([]spot, []string, error) {
	if d.Point.Return {
		return r.goReturns(b, d, function)
	}
	spots, notes, err := r.findAny(d, function)
	if err != nil {
		return nil, nil, err
	}
	if spots = r.goPlaces(spots, d.Point.Offset); slices.ContainsFunc(spots, func(s spot) bool { return s.code != nil }) {
		notes = nil // of a prologue that was skipped
	}
	return spots, append(notes, inlineNote(function, spots)...), nil
}

// goPlaces brings places in functions of Go to where they can be probed, and leaves all others as they are.
func (r *Resolver) goPlaces(spots []spot, offset uint64) []spot {
	b := r.golang()
	if b == nil {
		return spots
	}
	var out []spot
	for _, s := range r.withoutWrappers(b, spots) {
		r.toGoPlace(b, &s, offset)
		if !slices.ContainsFunc(out, func(o spot) bool { return o.addr == s.addr }) {
			out = append(out, s)
		}
	}
	return out
}

// toGoPlace moves a place at a function's entry behind its stack check, which is executed again when the stack has grown. What the caller put into
// registers is there until the check is over.
func (r *Resolver) toGoPlace(b *gobin.Binary, s *spot, offset uint64) {
	fn, ok := b.Functions.Find(s.addr)
	if !ok {
		return
	}
	if s.dwarf != nil && s.dwarf.Skipped { // where its prologue ends does not matter: the calling convention tells where parameters are
		s.move(s.entry)
	}
	s.code = &goCode{fn: fn, internal: !b.IsABI0(r.image.file, fn)}
	check := uint64(insn.StackCheck(r.image.machine.ELF, gobin.Code(r.image.file, fn)).Len)
	if s.addr-fn.Entry < check && offset == 0 {
		s.move(fn.Entry + check)
	}
	if s.addr-fn.Entry <= check && s.code.internal {
		s.setState(dwarfvars.GoEntry)
	}
}

// move takes a place elsewhere in its function.
func (s *spot) move(to uint64) {
	s.offset += to - s.addr
	s.addr = to
	if s.dwarf != nil {
		p := *s.dwarf
		p.Offset += to - p.Addr
		p.Addr = to
		s.dwarf = &p
	}
}

func (s *spot) setState(state dwarfvars.GoState) {
	s.code.state = state
	if s.dwarf != nil {
		p := *s.dwarf
		p.Go = state
		s.dwarf = &p
	}
}

// withoutWrappers drops wrappers for the other calling convention, and what interfaces call of generic functions, which the debug information calls as
// what they wrap: calls through them would count twice.
func (r *Resolver) withoutWrappers(b *gobin.Binary, spots []spot) []spot {
	if len(spots) < 2 {
		return spots
	}
	shared := slices.ContainsFunc(spots, func(s spot) bool {
		fn, ok := b.Functions.Find(s.addr)
		return ok && !s.inlined && gobin.IsShared(fn.Name)
	})
	wrapper := func(s *spot) bool {
		fn, ok := b.Functions.Find(s.addr)
		if !ok || s.inlined {
			return false
		}
		return !fn.Asm && b.ABIInternal && b.IsABI0(r.image.file, fn) || shared && strings.Contains(fn.Name, "[") && !gobin.IsShared(fn.Name)
	}
	var kept []spot
	for i := range spots {
		if !wrapper(&spots[i]) {
			kept = append(kept, spots[i])
		}
	}
	if len(kept) == 0 {
		return spots
	}
	return kept
}

// inlineNote says what a count means if the compiler has put the function into others.
func inlineNote(function string, spots []spot) []string {
	inlined := 0
	for i := range spots {
		if spots[i].inlined {
			inlined++
		}
	}
	if inlined == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s is inlined at %d of %d places. Calls are counted exactly only where it has code of its own: "+
		"instructions of an inlined instance may be moved, dropped or run more than once. Build with -gcflags=-l to have it called everywhere.",
		function, inlined, len(spots))}
}

// goReturns finds the RET instructions of a function. A probe of the kernel's own at returns puts an address on the stack that the Go runtime finds
// there when it moves the stack, and ends the program.
func (r *Resolver) goReturns(b *gobin.Binary, d *Definition, function string) ([]spot, []string, error) {
	entries, err := r.returnSpots(d, function)
	if err != nil {
		return nil, nil, err
	}
	var spots []spot
	var notes []string
	goes := 0
	entries = r.withoutWrappers(b, entries)
	for i := range entries {
		s := &entries[i]
		fn, ok := b.Functions.Find(s.addr)
		if !ok {
			spots = append(spots, *s)
			continue
		}
		goes++
		more, jumps, err := r.returnsOf(b, fn, s)
		if err != nil {
			return nil, nil, err
		}
		if jumps > 0 {
			notes = append(notes, fmt.Sprintf("%s also ends by %d jumps to other functions, which return in its stead: these are not counted.", fn.Name, jumps))
		}
		spots = append(spots, more...)
	}
	if goes > 0 && goes < len(entries) && len(spots) > goes {
		return nil, nil, &GoReturnError{Function: function, Why: "functions of Go and of C have this name"}
	}
	if len(spots) > r.options.MaxPlaces {
		return nil, nil, &dwarfvars.TooManyError{Function: function, Max: r.options.MaxPlaces}
	}
	return spots, notes, nil
}

// returnsOf finds the returns of one function.
func (r *Resolver) returnsOf(b *gobin.Binary, fn gobin.Func, entry *spot) ([]spot, int, error) {
	exits, err := insn.FindExits(r.image.machine.ELF, gobin.Code(r.image.file, fn))
	if err != nil {
		return nil, 0, &GoReturnError{Function: fn.Name, Why: "it has an instruction whose length is not known, behind which a return cannot be told from data"}
	}
	if len(exits.Returns) == 0 {
		return nil, 0, &GoReturnError{Function: fn.Name, Why: "it has no RET instruction: it ends by jumping to another function, or never"}
	}
	place := r.placeAt(fn.Entry)
	code := goCode{fn: fn, internal: !b.IsABI0(r.image.file, fn)}
	var spots []spot
	for _, at := range exits.Returns {
		one := code
		s := spot{addr: fn.Entry, symbol: entry.symbol, entry: fn.Entry, dwarf: place, code: &one}
		s.move(fn.Entry + uint64(at))
		if code.internal {
			s.setState(dwarfvars.GoReturn)
		}
		spots = append(spots, s)
	}
	return spots, exits.Jumps, nil
}

// placeAt is the entry of the function at an address in the debug information; nil if that does not know it.
func (r *Resolver) placeAt(entry uint64) *dwarfvars.Place {
	info, err := r.debug()
	if err != nil {
		return nil
	}
	src, ok := info.PlaceOf(entry)
	if !ok || src.Symbol == "" {
		return nil
	}
	places, err := info.Places(src.Symbol, dwarfvars.PlaceOptions{NoInlines: true})
	if err != nil {
		return nil
	}
	for i := range places {
		if places[i].Entry == entry {
			return &places[i]
		}
	}
	return nil
}

// goSymbols returns the functions of a name in the table that stripping leaves.
func (r *Resolver) goSymbols(function string) []symtab.Symbol {
	b := r.golang()
	if b == nil {
		return nil
	}
	var symbols []symtab.Symbol
	for _, fn := range b.Lookup(r.image.file, function) {
		symbols = append(symbols, symtab.Symbol{Name: fn.Name, Addr: fn.Entry, Size: fn.End - fn.Entry, Type: symtab.Func})
	}
	return symbols
}

func goNearest(b *gobin.Binary, function string) []string {
	return symtab.NearestOf(function, 5, func(yield func(string) bool) {
		for fn := range b.Functions.All() {
			if !yield(fn.Name) {
				return
			}
		}
	})
}

// isPattern tells a glob from a name. The stars and brackets of Go's names are none where there is a function of that name.
func (r *Resolver) isPattern(d *Definition) bool {
	name := d.Point.Function
	if d.Point.Kind != FunctionPoint || !isGlob(name) {
		return false
	}
	b := r.golang()
	if b == nil || !strings.Contains(name, "(*") {
		return true
	}
	if len(b.Lookup(r.image.file, name)) > 0 || !isGlob(strings.ReplaceAll(name, "(*", "(")) {
		return false
	}
	return true
}

// goMatching returns the functions of Go that a glob stands for: those with code of their own, and those that are inlined everywhere.
func (r *Resolver) goMatching(d *Definition) []string {
	b := r.golang()
	if b == nil {
		return nil
	}
	pattern := goPattern(d.Point.Function)
	seen := make(map[string]bool)
	var names []string
	for fn := range b.Functions.All() {
		if !seen[fn.Name] && glob.Match(pattern, fn.Name) {
			seen[fn.Name] = true
			names = append(names, fn.Name)
		}
	}
	info, err := r.debug()
	if err != nil || d.Point.Return {
		return names
	}
	functions, err := info.Functions(pattern)
	if err != nil {
		return names // those with code are all that is known
	}
	for _, f := range functions {
		if f.Inline && !seen[f.Name] && len(b.Functions.Named(f.Name)) == 0 {
			seen[f.Name] = true
			names = append(names, f.Name)
		}
	}
	return names
}

// goPoint tells where a probe of findGo stands: behind the stack check, or at a return, of the function that begins at entry.
func (r *Resolver) goPoint(addr uint64) (entry uint64, atReturn, atEntry bool) {
	b := r.golang()
	if b == nil {
		return 0, false, false
	}
	fn, ok := b.Functions.Find(addr)
	if !ok {
		return 0, false, false
	}
	m, code := r.image.machine.ELF, gobin.Code(r.image.file, fn)
	if check := insn.StackCheck(m, code).Len; uint64(check) == addr-fn.Entry {
		return fn.Entry, false, true
	}
	exits, err := insn.FindExits(m, code)
	return fn.Entry, err == nil && slices.Contains(exits.Returns, int(addr-fn.Entry)), false
}

// goPattern takes what is part of Go's names from a glob: (*T) and [...].
func goPattern(pattern string) string {
	return strings.NewReplacer("(*", `(\*`, "[...]", `\[...]`, "[go.shape", `\[go.shape`).Replace(pattern)
}

// GoReturnError is a function of Go, C++ or Rust whose returns cannot be probed.
type GoReturnError struct{ Function, Why string }

func (e *GoReturnError) Error() string {
	return fmt.Sprintf("the returns of %s cannot be probed: %s", e.Function, e.Why)
}

// Hint returns the next step.
func (e *GoReturnError) Hint() string {
	return "probe its entry, or the returns of its callers"
}

// golang returns what is known of a program of Go.
func (m *image) golang() (*gobin.Binary, error) {
	m.goOnce.Do(func() { m.goBinary, m.goErr = gobin.Open(m.file) })
	return m.goBinary, m.goErr
}

// isGo reports whether the program was built by the Go tool.
func (m *image) isGo() bool {
	_, err := m.golang()
	return !errors.Is(err, gobin.ErrNotGo)
}

// GoDebugError is a program of Go without debug information.
type GoDebugError struct{ *dwarfvars.NoDebugInfoError }

// Unwrap returns what any program without debug information gives.
func (e *GoDebugError) Unwrap() error { return e.NoDebugInfoError }

// Hint returns the next step.
func (e *GoDebugError) Hint() string {
	return "build it without -ldflags -s or -w. Without debug information there are functions, %return and $goid, and arguments and\n" +
		"results by position with a type that you give: $arg1:gostring $arg3:int, $retval:int $retval2:goerror"
}
