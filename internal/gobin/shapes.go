package gobin

import (
	"slices"
	"strings"
)

// shapePrefix stands before a type that code is shared by: the compiler makes one function of a generic one for all types that are
// stored alike (cmd/compile's Reader.shapify), and names it by that, main.Max[go.shape.int].
const shapePrefix = "go.shape."

// Instance returns the function that a generic function was compiled to for types as its author writes them: main.Max[go.shape.int]
// for main.Max[int], main.F[go.shape.*uint8] for main.F[*main.T], since all pointers are alike. "" if the name has no types, or it cannot be told from
// the name alone: of a type that has a name the table does not say how it is stored.
func (t *Table) Instance(name string) string {
	types := authored(name)
	if types == nil {
		return ""
	}
	found := ""
	for _, fn := range t.instances(elided(name)) {
		if fn.Name == name || fn.Name == found {
			return fn.Name
		}
		if !serves(typesOf(fn.Name), types) {
			continue
		}
		if found != "" {
			return ""
		}
		found = fn.Name
	}
	return found
}

// Instances returns the names of all functions that the generic function of a name with types, as its author writes them, was compiled to.
func (t *Table) Instances(name string) []string {
	if authored(name) == nil {
		return nil
	}
	var names []string
	for _, fn := range t.instances(elided(name)) {
		if !slices.Contains(names, fn.Name) {
			names = append(names, fn.Name)
		}
	}
	slices.Sort(names)
	return names
}

// authored are the types in a name if they are as an author writes them: neither [...] nor those that the linker knows.
func authored(name string) []string {
	types := typesOf(name)
	if strings.Contains(name, shapePrefix) || slices.Contains(types, "...") {
		return nil
	}
	return types
}

// serves tells whether code for these shapes is that for these types.
func serves(shapes, types []string) bool {
	if len(shapes) != len(types) {
		return false
	}
	for i, s := range shapes {
		stored, shared := strings.CutPrefix(s, shapePrefix)
		pointer := shared && stored == "*uint8" && strings.HasPrefix(types[i], "*")
		if stored != types[i] && !pointer {
			return false
		}
	}
	return true
}

// typesOf are the types between the brackets of a generic function's name.
func typesOf(name string) []string {
	begin, end := strings.IndexByte(name, '['), strings.LastIndexByte(name, ']')
	if begin < 0 || end < begin {
		return nil
	}
	var types []string
	depth, from := 0, begin+1
	for i := from; i < end; i++ {
		switch name[i] {
		case '[', '(', '{':
			depth++
		case ']', ')', '}':
			depth--
		case ',':
			if depth == 0 {
				types = append(types, strings.TrimSpace(name[from:i]))
				from = i + 1
			}
		}
	}
	return append(types, strings.TrimSpace(name[from:end]))
}
