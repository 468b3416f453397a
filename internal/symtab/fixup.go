package symtab

// pageSize is what perf rounds the end of a last symbol without size to.
const pageSize = 4096

// finish does what perf does once a table is read: sorts by address (file order among equals), gives symbols without size the space up to
// the next one, and chooses the name to show at each address. See symbols__fixup_end and symbols__fixup_duplicate in
// tools/perf/util/symbol.c. The order of these steps shows: of several symbols without size at one address only the last gets one.
func (t *elfTable) finish() {
	t.entries = sortEntries(t.entries)
	t.fixEnds()
	es := t.entries
	for i := 0; i < len(es); {
		j := i + 1
		for j < len(es) && es[j].addr == es[i].addr {
			j++
		}
		if j-i > 1 {
			t.choose(i, j)
		}
		i = j
	}
}

// fixEnds gives symbols without size the space up to the next. Aliases that an earlier round sorted out do not count.
func (t *elfTable) fixEnds() {
	last := -1 // the symbol before, if it still lacks a size
	for i := range t.entries {
		e := &t.entries[i]
		if e.flags&shadowed != 0 {
			continue
		}
		if last >= 0 {
			t.entries[last].end = e.addr
		}
		last = -1
		if e.end == e.addr {
			last = i
		}
	}
	if last >= 0 {
		if end := (t.entries[last].addr+pageSize-1)&^(pageSize-1) + pageSize; end > t.entries[last].addr {
			t.entries[last].end = end
		}
	}
}

// choose marks all entries of [i, j) but the one to show as aliases and moves that to the end.
func (t *elfTable) choose(i, j int) {
	best := -1
	for k := i; k < j; k++ {
		if t.entries[k].flags&shadowed == 0 && (best < 0 || t.second(best, k)) {
			best = k
		}
	}
	for k := i; k < j; k++ {
		if k != best {
			t.entries[k].flags |= shadowed
		}
	}
	t.entries[best], t.entries[j-1] = t.entries[j-1], t.entries[best]
}

// second reports whether perf would show entry b rather than a, which comes first in the file: the one with a size, not weak, global, with
// fewer leading underscores, with the longer name (both demangled), not a system call's SyS alias; else the first. See choose_best_symbol.
func (t *elfTable) second(a, b int) bool {
	x, y := &t.entries[a], &t.entries[b]
	if p, q := x.end > x.addr, y.end > y.addr; p != q {
		return q
	}
	if p, q := x.bind() == Weak, y.bind() == Weak; p != q {
		return p
	}
	if p, q := x.bind() == Global, y.bind() == Global; p != q {
		return q
	}
	m, n := Demangle(string(t.name(a))), Demangle(string(t.name(b)))
	if p, q := underscores(m), underscores(n); p != q {
		return q < p
	}
	if len(m) != len(n) {
		return len(n) > len(m)
	}
	return hasPrefix(m, "SyS") || hasPrefix(m, "compat_SyS")
}

func hasPrefix(s, p string) bool { return len(s) >= len(p) && s[:len(p)] == p }

func underscores(s string) int {
	n := 0
	for n < len(s) && s[n] == '_' {
		n++
	}
	return n
}

func (e *elfEntry) bind() Bind { return Bind(e.info >> 4) }

// link sets up, by which find gets from a symbol that ended to one around it. Symbols overlap where assembly has labels inside functions, and
// where perf lengthens one without size (_init) over the .plt. perf's answer there depends on the shape of its tree; here it is always the
// symbol that begins last.
func (t *elfTable) link() {
	var open []int32
	for i := range t.entries {
		e := &t.entries[i]
		for len(open) > 0 && t.entries[open[len(open)-1]].end <= e.addr {
			open = open[:len(open)-1]
		}
		e.up = -1
		if len(open) > 0 {
			e.up = open[len(open)-1]
		}
		if e.flags&shadowed == 0 {
			open = append(open, int32(i))
		}
	}
}
