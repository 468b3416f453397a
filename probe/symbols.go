package probe

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/funcname"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// named returns the functions of that name in the symbol table; live tells that their addresses are those of the
// running kernel. The error is a *NoFunctionError if there is none.
func (r *Resolver) named(function string) (symbols []symtab.Symbol, live bool, err error) {
	if !r.byImage() {
		symbols, err = r.kernel.named(r, function)
		return symbols, true, err
	}
	if r.image == nil {
		return nil, false, r.kernel.missing
	}
	t, err := r.image.symbols()
	if err != nil {
		return nil, false, err
	}
	all, err := namedIn(t, function)
	if err != nil {
		return nil, false, err
	}
	for _, s := range all {
		if !s.PLT && r.image.file.InText(s.Addr) {
			symbols = append(symbols, s)
		}
	}
	if len(symbols) == 0 {
		symbols = r.goSymbols(function)
	}
	if len(symbols) == 0 {
		if b := r.golang(); b != nil && t.Len() == 0 {
			return nil, false, &NoFunctionError{Name: function, Where: r.image.path, Nearest: goNearest(b, function)}
		}
		return nil, false, &NoFunctionError{Name: function, Where: r.image.path, Nearest: r.nearest(t, function), Stripped: t.Len() == 0,
			Data: slices.ContainsFunc(all, func(s symtab.Symbol) bool { return s.Type == symtab.Object })}
	}
	return symbols, false, nil
}

// nearest names functions that are called alike.
func (r *Resolver) nearest(t *symtab.Table, function string) []string {
	names := slices.DeleteFunc(t.Nearest(function, 10), func(n string) bool {
		return r.user() && !slices.ContainsFunc(t.Named(n), r.isCode)
	})
	if want := funcname.Parse(function); len(names) == 0 || len(want.Path) > 1 || want.Typed {
		if names = nearestDemangled(t, &want); len(names) > 0 {
			return names[:min(len(names), 5)]
		}
	}
	if info, err := r.debug(); err == nil {
		for _, n := range info.Nearest(function) {
			names = appendNew(names, n)
		}
	}
	return names[:min(len(names), 5)]
}

// nearestDemangled names functions of C++ and Rust: other overloads, else those that are called alike, else those of the same name
// elsewhere.
func nearestDemangled(t *symtab.Table, want *funcname.Name) []string {
	var overloads, all, elsewhere []string
	plain := funcname.Name{Path: want.Path}
	for i := range t.Len() {
		typed, ok := symtab.DemangleTyped(string(t.Name(i)))
		if s := t.At(i); !ok || !s.IsFunc() || strings.HasSuffix(s.Name, ".cold") {
			continue
		}
		have := funcname.Parse(typed)
		switch {
		case want.Typed && plain.Match(&have) != funcname.No:
			overloads = appendNew(overloads, have.String())
		case have.Last() == want.Last():
			elsewhere = appendNew(elsewhere, have.Plain())
		default:
			all = append(all, have.Plain())
		}
	}
	if len(overloads) > 0 {
		return overloads
	}
	if near := symtab.NearestOf(want.Plain(), 5, slices.Values(append(all, elsewhere...))); len(near) > 0 {
		return near
	}
	return elsewhere
}

func appendNew(list []string, s string) []string {
	for _, o := range list {
		if o == s {
			return list
		}
	}
	return append(list, s)
}

// namedIn looks a name up as it is, then with its version, then among demangled names. The error is a *dwarfvars.AmbiguousError.
func namedIn(t *symtab.Table, function string) ([]symtab.Symbol, error) {
	if s := t.Named(function); len(s) > 0 {
		return current(s), nil
	}
	if base, version, ok := strings.Cut(function, "@"); ok {
		var found []symtab.Symbol
		for _, s := range t.Named(base) {
			if s.Version == strings.TrimPrefix(version, "@") {
				found = append(found, s)
			}
		}
		return found, nil
	}
	return demangledIn(t, function)
}

// demangledIn finds functions of C++ and Rust by the name that their authors gave them.
func demangledIn(t *symtab.Table, function string) ([]symtab.Symbol, error) {
	want := funcname.Parse(function)
	word := literal(&want)
	var c funcname.Chooser
	for i := range t.Len() {
		raw := t.Name(i)
		if len(raw) < 3 || raw[0] != '_' || !bytes.Contains(raw, word) || bytes.HasSuffix(raw, []byte(".cold")) {
			continue
		}
		typed, ok := symtab.DemangleTyped(string(raw))
		if s := t.At(i); !ok || !s.IsFunc() {
			continue
		}
		have := funcname.Parse(typed)
		c.Add(i, have, want.Match(&have))
	}
	if families := c.Families(); len(families) > 1 {
		return nil, &dwarfvars.AmbiguousError{Name: function, Candidates: families}
	}
	var found, deleting []symtab.Symbol
	for _, i := range c.Kept {
		if s := t.At(i); symtab.IsDeleting(s.Name) { // it calls another destructor
			deleting = append(deleting, s)
		} else {
			found = append(found, s)
		}
	}
	if len(found) == 0 {
		return deleting, nil
	}
	return found, nil
}

// literal is a word that the mangled form of a name has as it is; nil where there may be none.
func literal(n *funcname.Name) []byte {
	last := funcname.Bare(n.Last())
	if !isName(last) || len(n.Path) > 1 && last == funcname.Bare(n.Path[len(n.Path)-2]) {
		return nil
	}
	return []byte(last)
}

// current drops what only programs linked long ago use (memcpy@GLIBC_2.2.5), if there is a newer version (memcpy@@GLIBC_2.14).
func current(symbols []symtab.Symbol) []symtab.Symbol {
	var kept []symtab.Symbol
	for _, s := range symbols {
		if _, version, ok := strings.Cut(s.Name, "@"); !ok || strings.HasPrefix(version, "@") {
			kept = append(kept, s)
		}
	}
	if len(kept) == 0 {
		return symbols
	}
	return kept
}
