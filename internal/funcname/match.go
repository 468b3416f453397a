package funcname

import "strings"

// Fit says how well one name fits another.
type Fit uint8

// The degrees of a Fit.
const (
	No   Fit = iota
	Tail     // the name asked for is the end of the path
	Full     // it is the path
)

// Match tells whether a name that was asked for means have. What was not said is not compared: namespaces before the first part,
// template arguments, parameters.
func (n *Name) Match(have *Name) Fit {
	if n.Typed && (!have.Typed || !sameParams(n.Params, have.Params) || n.Suffix != "" && n.Suffix != have.Suffix) {
		return No
	}
	best := matchPath(n.Path, have.Path)
	// A method of a trait is called by its type's name too.
	for k, part := range have.Path {
		if self, _, ok := asTrait(part); ok && best != Full {
			s := Parse(self)
			best = max(best, min(matchPath(n.Path, append(append([]string(nil), s.Path...), have.Path[k+1:]...)), Full))
		}
	}
	return best
}

func matchPath(want, have []string) Fit {
	if len(want) == 0 || len(want) > len(have) {
		return No
	}
	tail := have[len(have)-len(want):]
	for i := range want {
		if !samePart(want[i], tail[i]) {
			return No
		}
	}
	if len(want) == len(have) {
		return Full
	}
	return Tail
}

func samePart(want, have string) bool {
	if want == have || want == Bare(have) {
		return true
	}
	if want == "{{closure}}" || want == "{closure}" {
		return have == "{{closure}}" || strings.HasPrefix(have, "{closure#")
	}
	if want == "{lambda}" || want == "<lambda>" {
		return strings.HasPrefix(have, "{lambda(") || strings.HasPrefix(have, "<lambda")
	}
	if sign, _, ok := strings.Cut(want, "#"); ok && strings.HasPrefix(sign, "{lambda(") { // debug information has no numbers
		return have == "<"+strings.TrimSuffix(sign[1:], "}")+">"
	}
	wantSelf, wantTrait, ok := asTrait(want)
	haveSelf, haveTrait, ok2 := asTrait(have)
	return ok && ok2 && sameType(wantSelf, haveSelf) && sameType(wantTrait, haveTrait)
}

func sameType(want, have string) bool {
	if want == have {
		return true
	}
	w, h := Parse(want), Parse(have)
	return w.Match(&h) != No
}

// asTrait takes "<T as Trait>" apart.
func asTrait(part string) (self, trait string, ok bool) {
	if !strings.HasPrefix(part, "<") {
		return "", "", false
	}
	i := find(part[1:], " as ")
	if i < 0 {
		return "", "", false
	}
	return part[1 : 1+i], part[1+i+4 : len(part)-1], true
}

func sameParams(want, have []string) bool {
	if len(want) != len(have) {
		return false
	}
	for i := range want {
		if !sameParam(want[i], have[i]) {
			return false
		}
	}
	return true
}

// sameParam lets namespaces be left out: "std::vector<Item>" is "std::vector<ns::Item>".
func sameParam(want, have string) bool {
	for want != "" && have != "" {
		w, h := pathEnd(want), pathEnd(have)
		if w == 0 || h == 0 {
			if want[0] != have[0] {
				return false
			}
			want, have = want[1:], have[1:]
			continue
		}
		if rest, ok := strings.CutSuffix(have[:h], want[:w]); !ok || rest != "" && !strings.HasSuffix(rest, "::") {
			return false
		}
		want, have = want[w:], have[h:]
	}
	return want == have
}

// pathEnd returns the length of the words joined by "::" that s begins with.
func pathEnd(s string) int {
	i := 0
	for i < len(s) && (isIdent(s[i]) || strings.HasPrefix(s[i:], "::") || i > 0 && s[i] == ':' && s[i-1] == ':') {
		i++
	}
	return i
}
