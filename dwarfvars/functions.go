package dwarfvars

import (
	"slices"
	"strings"
	"sync"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/funcname"
	"github.com/gperf-dev/gperf/internal/glob"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// Function is a function that the debug information defines.
type Function struct {
	Name    string // as in the source
	Linkage string // as in the symbol table, if the debug information tells and it differs
	Inline  bool   // without code of its own: only instances

	flat bool // a function of C or Go: its name is all there is
	off  int  // of the entry that has the name
}

// nameList is the functions' names, read once.
type nameList struct {
	once sync.Once
	all  []Function
	err  error
}

// Functions returns the functions whose name, linkage name, or name in full matches the glob pattern (* ? [set] \), each name once, in
// the order of the debug information. Those of C++ and Rust have their names in full, which all overloads share.
func (i *Info) Functions(pattern string) ([]Function, error) {
	all, err := i.functions()
	if err != nil {
		return nil, err
	}
	last := pattern[strings.LastIndexByte(pattern, ':')+1:]
	var out []Function
	seen := map[string]bool{}
	for _, f := range all {
		hit := glob.Match(pattern, f.Name) || f.Linkage != "" && glob.Match(pattern, f.Linkage)
		if !f.flat && (hit || last != pattern && glob.Match(last, f.Name) || strings.HasSuffix(pattern, "*") || strings.ContainsAny(last, "(<")) {
			names, err := i.namesOf(&dwarfunit.Func{Off: f.off})
			if err != nil {
				return nil, err
			}
			for k := range names {
				hit = hit || glob.Match(pattern, names[k].Plain()) || glob.Match(pattern, names[k].String())
			}
			if len(names) > 0 {
				f.Name = names[len(names)-1].Plain()
			}
			if hit && seen[f.Name] {
				continue
			}
			seen[f.Name] = true
		}
		if hit {
			out = append(out, f)
		}
	}
	return out, nil
}

func (i *Info) functions() ([]Function, error) {
	n := &i.names
	n.once.Do(func() {
		seen := map[string]bool{}
		n.err = i.wrap(i.data.EachFunction(i.workers, func(f dwarfunit.Named) {
			// A name is a part of the mapped file; the copy is what a caller may keep.
			if seen[string(f.Name)+"\x00"+string(f.Linkage)] {
				return
			}
			name, linkage := string(f.Name), string(f.Linkage)
			seen[name+"\x00"+linkage] = true
			if linkage == name {
				linkage = ""
			}
			n.all = append(n.all, Function{Name: name, Linkage: linkage, Inline: !f.Code, flat: f.Flat, off: f.Off})
		}))
	})
	return n.all, n.err
}

// Nearest returns up to five names of functions that are like name, best first. Of C++ and Rust the names are in full.
func (i *Info) Nearest(name string) []string {
	all, err := i.functions()
	if err != nil {
		return nil
	}
	want := funcname.Parse(name)
	near := symtab.NearestOf(want.Last(), 5, func(yield func(string) bool) {
		for _, f := range all {
			if !yield(f.Name) {
				return
			}
		}
	})
	var full, same []string
	for _, f := range all {
		at := slices.Index(near, f.Name)
		switch {
		case at < 0:
			continue
		case f.flat:
			full = appendNew(full, f.Name)
			continue
		}
		names, err := i.namesOf(&dwarfunit.Func{Off: f.off})
		if err != nil || len(names) == 0 {
			continue
		}
		if c := (candidate{names: names}); f.Name == want.Last() && want.Typed { // another overload
			same = appendNew(same, c.shown().String())
		} else {
			full = appendNew(full, c.shown().Plain())
		}
	}
	return nearestFirst(name, append(same, full...))
}

// nearestFirst sorts names by how like they are, and keeps five. Names in full that are not like the one asked for are of use only if
// there are no others.
func nearestFirst(name string, names []string) []string {
	if sorted := symtab.NearestOf(name, 5, slices.Values(names)); len(sorted) > 0 {
		return sorted
	}
	return names[:min(5, len(names))]
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
