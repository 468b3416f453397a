package gobin

import (
	"slices"
	"strings"
)

// shapePrefix stands before a type that code is shared by: the compiler makes one function of a generic one for all types that are
// stored alike (cmd/compile's Reader.shapify), and names it by that, main.Max[go.shape.int].
const shapePrefix = "go.shape."

// Instance returns the function that a generic function was compiled to for types as its author writes them: main.Max[go.shape.int]
// for main.Max[int], main.F[go.shape.*uint8] for main.F[*main.T], since all pointers are alike. alike tells, if it is not nil, whether a type that has a
// name is stored as another one, which the table does not say. "" if the name has no types, or they do not tell which function it is.
func (t *Table) Instance(name string, alike func(typ, stored string) bool) string {
	types := authored(name)
	if types == nil {
		return ""
	}
	found := ""
	for _, fn := range t.instances(elided(name)) {
		if fn.Name == name || fn.Name == found {
			return fn.Name
		}
		if !serves(typesOf(fn.Name), types, alike) {
			continue
		}
		if found != "" {
			return ""
		}
		found = fn.Name
	}
	return found
}

// IsShared tells whether a function is one that types share. What has the types' own names beside it, main.(*Stack[main.Name]).Push beside
// main.(*Stack[go.shape.string]).Push, is what interfaces call, and calls the function in turn: all other calls pass it by.
func IsShared(name string) bool { return strings.Contains(name, shapePrefix) }

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
	if IsShared(name) || slices.Contains(types, "...") {
		return nil
	}
	return types
}

// serves tells whether code for these shapes is that for these types.
func serves(shapes, types []string, alike func(typ, stored string) bool) bool {
	if len(shapes) != len(types) {
		return false
	}
	for i, s := range shapes {
		stored, shared := strings.CutPrefix(s, shapePrefix)
		pointer := shared && stored == "*uint8" && strings.HasPrefix(types[i], "*")
		if stored != types[i] && !pointer && !(shared && alike != nil && alike(types[i], stored)) {
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
