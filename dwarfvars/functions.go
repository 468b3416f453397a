package dwarfvars

import (
	"sync"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/glob"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// Function is a function that the debug information defines.
type Function struct {
	Name    string // as in the source
	Linkage string // as in the symbol table, if the debug information tells and it differs
	Inline  bool   // without code of its own: only instances
}

// nameList is the functions' names, read once.
type nameList struct {
	once sync.Once
	all  []Function
	err  error
}

// Functions returns the functions whose name or linkage name matches the glob
// pattern (* ? [set] \), each name once, in the order of the debug information.
func (i *Info) Functions(pattern string) ([]Function, error) {
	all, err := i.functions()
	if err != nil {
		return nil, err
	}
	var out []Function
	for _, f := range all {
		if glob.Match(pattern, f.Name) || f.Linkage != "" && glob.Match(pattern, f.Linkage) {
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
			n.all = append(n.all, Function{Name: name, Linkage: linkage, Inline: !f.Code})
		}))
	})
	return n.all, n.err
}

// Nearest returns up to five names of functions that are like name, best first.
func (i *Info) Nearest(name string) []string {
	all, err := i.functions()
	if err != nil {
		return nil
	}
	return symtab.NearestOf(name, 5, func(yield func(string) bool) {
		for _, f := range all {
			if !yield(f.Name) {
				return
			}
		}
	})
}
