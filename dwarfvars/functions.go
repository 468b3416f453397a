package dwarfvars

import (
	"sync"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
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
		if Match(pattern, f.Name) || f.Linkage != "" && Match(pattern, f.Linkage) {
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

// Match tells whether name matches a glob pattern as perf's: * any bytes, ? one byte, [abc] or [!a-c] one of
// a set, \ takes the next byte as it is.
func Match(pattern, name string) bool {
	for len(pattern) > 0 {
		switch pattern[0] {
		case '*':
			for len(pattern) > 0 && pattern[0] == '*' {
				pattern = pattern[1:]
			}
			for k := len(name); k >= 0; k-- {
				if Match(pattern, name[k:]) {
					return true
				}
			}
			return false
		case '[':
			rest, ok := matchSet(pattern[1:], name)
			if !ok {
				return false
			}
			pattern, name = rest, name[1:]
			continue
		case '\\':
			if len(pattern) > 1 {
				pattern = pattern[1:]
			}
		case '?':
			if name == "" {
				return false
			}
			pattern, name = pattern[1:], name[1:]
			continue
		}
		if name == "" || name[0] != pattern[0] {
			return false
		}
		pattern, name = pattern[1:], name[1:]
	}
	return name == ""
}

// matchSet matches one byte against a set and returns the pattern after it.
func matchSet(set, name string) (rest string, ok bool) {
	if name == "" {
		return "", false
	}
	negate := len(set) > 0 && set[0] == '!'
	if negate {
		set = set[1:]
	}
	hit := false
	for k := 0; k < len(set); k++ {
		if set[k] == ']' && k > 0 {
			return set[k+1:], hit != negate
		}
		hi := set[k]
		if k+2 < len(set) && set[k+1] == '-' && set[k+2] != ']' {
			hi = set[k+2]
		}
		hit = hit || name[0] >= set[k] && name[0] <= hi
		if hi != set[k] {
			k += 2
		}
	}
	return "", false
}
