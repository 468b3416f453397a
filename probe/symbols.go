package probe

import (
	"strings"

	"github.com/gperf-dev/gperf/internal/symtab"
)

// named returns the functions of that name in the symbol table; live tells that their addresses are those of the
// running kernel. The error is a *NoFunctionError if there is none.
func (r *Resolver) named(function string) (symbols []symtab.Symbol, live bool, err error) {
	if r.kernel != nil && r.kernel.table != nil {
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
	for _, s := range namedIn(t, function) {
		if !s.PLT && r.image.file.InText(s.Addr) {
			symbols = append(symbols, s)
		}
	}
	if len(symbols) == 0 {
		return nil, false, &NoFunctionError{Name: function, Where: r.image.path, Nearest: r.nearest(t, function), Stripped: t.Len() == 0}
	}
	return symbols, false, nil
}

// nearest names functions that are called alike.
func (r *Resolver) nearest(t *symtab.Table, function string) []string {
	names := t.Nearest(function, 5)
	if info, err := r.debug(); err == nil {
		for _, n := range info.Nearest(function) {
			names = appendNew(names, n)
		}
	}
	return names[:min(len(names), 5)]
}

func appendNew(list []string, s string) []string {
	for _, o := range list {
		if o == s {
			return list
		}
	}
	return append(list, s)
}

// namedIn looks a name up as it is, then with its version, then among demangled names.
func namedIn(t *symtab.Table, function string) []symtab.Symbol {
	if s := t.Named(function); len(s) > 0 {
		return current(s)
	}
	if base, version, ok := strings.Cut(function, "@"); ok {
		var found []symtab.Symbol
		for _, s := range t.Named(base) {
			if s.Version == strings.TrimPrefix(version, "@") {
				found = append(found, s)
			}
		}
		return found
	}
	var found []symtab.Symbol
	if strings.Contains(function, "::") {
		for s := range t.All() {
			if symtab.Demangle(s.Name) == function && s.IsFunc() {
				found = append(found, s)
			}
		}
	}
	return found
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
