package funcname

import (
	"slices"
	"strings"
)

// MatchInline is Match where parts of have's path, by their indexes in order, are inline namespaces, which authors of C++ leave out or
// write: lib::f and lib::v2::f are the same function then, and lib::Box and lib::v2::Box the same type of a parameter.
func (n *Name) MatchInline(have *Name, inline []int) Fit {
	if n.Typed && n.Suffix != "" && n.Suffix != have.Suffix || n.Typed && !have.Typed {
		return No
	}
	if n.Typed && !sameParams(n.Params, have.Params) && !sameParams(n.Params, have.plainParams(inline)) {
		return No
	}
	want, i := n.Path, len(n.Path)-1
	for k := len(have.Path) - 1; k >= 0; k-- {
		switch {
		case i >= 0 && samePart(want[i], have.Path[k]):
			i--
		case slices.Contains(inline, k):
		case i >= 0:
			return No
		default:
			return Tail
		}
	}
	if i >= 0 || len(want) == 0 {
		return No
	}
	return Full
}

// plainParams are the parameters without the inline namespaces.
func (n *Name) plainParams(inline []int) []string {
	out := slices.Clone(n.Params)
	for k := len(inline) - 1; k >= 0; k-- { // outer ones stand in the names of inner ones
		at := inline[k]
		with, without := strings.Join(n.Path[:at+1], "::")+"::", ""
		if at > 0 {
			without = strings.Join(n.Path[:at], "::") + "::"
		}
		for i := range out {
			out[i] = replacePath(out[i], with, without)
		}
	}
	return out
}

// replacePath replaces what paths in s begin with.
func replacePath(s, with, without string) string {
	var b strings.Builder
	for s != "" {
		n := pathEnd(s)
		if n == 0 {
			b.WriteByte(s[0])
			s = s[1:]
			continue
		}
		path := s[:n]
		if rest, ok := strings.CutPrefix(path, with); ok {
			path = without + rest
		}
		b.WriteString(path)
		s = s[n:]
	}
	return b.String()
}
