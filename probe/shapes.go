package probe

import (
	"fmt"
	"strings"
)

// keepMost leaves out inlined instances of a function at which a value has another type than at most of them, where the compiler kept
// half of it for instance: the kernel has one format for an event. It reports whether there were some.
func (v *values) keepMost() bool {
	shapes, most := v.shapes()
	kept := 0
	before := len(v.left)
	for i := range v.e.Places {
		if s := v.spots[i]; shapes[i] != most && s.inlined && v.sameFunction(s, v.spots[0]) {
			v.left = append(v.left, fmt.Sprintf("%s+%d (%s)", s.symbol, s.offset, strings.TrimSpace(shapes[i])))
			continue
		}
		v.e.Places[kept], v.names[kept], v.all[kept], v.spots[kept] = v.e.Places[i], v.names[i], v.all[i], v.spots[i]
		kept++
	}
	v.e.Places, v.names, v.all, v.spots = v.e.Places[:kept], v.names[:kept], v.all[:kept], v.spots[:kept]
	return len(v.left) > before
}

// shapes are the names and types of the arguments at each place, and those that most places have.
func (v *values) shapes() (all []string, most string) {
	count := make(map[string]int)
	for i := range v.e.Places {
		var b strings.Builder
		for _, a := range v.e.Places[i].Args {
			b.WriteString(a.Name + ":" + a.Type + " ")
		}
		all = append(all, b.String())
		if count[all[i]]++; count[all[i]] > count[most] {
			most = all[i]
		}
	}
	return all, most
}

// sameFunction tells whether two places are of one function, not of two that a name stands for.
func (v *values) sameFunction(a, b *spot) bool {
	info, err := v.r.debug()
	return err == nil && a.dwarf != nil && b.dwarf != nil && info.FullName(*a.dwarf) == info.FullName(*b.dwarf)
}
