package funcname

import (
	"slices"
	"strings"
)

// Chooser collects the functions that a name can mean and keeps those that it means: those that fit best, and of those that are in
// namespaces that were not named, those that are no part of a standard library, if there are any.
type Chooser struct {
	best     Fit
	library  bool // what is kept is of a library
	Kept     []int
	families []string
}

// Add offers a function, by a number of the caller's.
func (c *Chooser) Add(number int, name Name, fit Fit) {
	library := fit == Tail && isLibrary(name.Path[0])
	switch {
	case fit == No || fit < c.best || fit == c.best && library && !c.library:
		return
	case fit > c.best || c.library && !library:
		c.best, c.library, c.Kept, c.families = fit, library, nil, nil
	}
	c.Kept = append(c.Kept, number)
	if f := name.family(); !slices.Contains(c.families, f) {
		c.families = append(c.families, f)
	}
}

// Families are the names of the functions kept, sorted. Overloads and instances of a template share theirs: if there are several, the
// name can mean different functions.
func (c *Chooser) Families() []string {
	slices.Sort(c.families)
	return c.families
}

// isLibrary tells what is of C++'s or Rust's own libraries by the first part of its path.
func isLibrary(part string) bool {
	if self, trait, ok := asTrait(part); ok {
		if part = strings.TrimLeft(self, "&*[( "); !strings.Contains(part, "::") {
			part = trait
		}
	}
	root, _, _ := strings.Cut(part, "::")
	switch Bare(root) {
	case "std", "__gnu_cxx", "__cxxabiv1", "core", "alloc":
		return true
	}
	return false
}
