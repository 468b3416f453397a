package symtab

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"sort"
)

// ErrNoKallsyms is what FromKallsyms returns for text without a single symbol.
var ErrNoKallsyms = errors.New("no kernel symbols: the text has no line as /proc/kallsyms has")

// kallEntry is a kernel symbol in 8 bytes: the low half of the address and where its name is.
type kallEntry struct{ lo, name uint32 }

// kallGroup begins a run of entries whose addresses share their high half.
type kallGroup struct {
	hi    uint32
	first int
}

// kallTable implements source. Entries [0, shown) take part in lookups by address: code and data. Behind them is the rest (read-only data,
// absolute symbols). Both parts are sorted by address.
type kallTable struct {
	entries []kallEntry
	groups  []kallGroup
	shown   int
	names   []byte // for each symbol: type letter, module number and length as uvarints, name
	modules []string
}

// rawKall is a symbol on its way into a table; rest says that lookups by address pass it over.
type rawKall struct {
	addr uint64
	name uint32
	rest bool
}

// FromKallsyms reads the text of /proc/kallsyms. It keeps 8 bytes a symbol and one blob of names, nothing of text. Lines that it does not
// understand are left out. The error is ErrNoKallsyms when there is none that it does.
func FromKallsyms(text []byte) (*Table, error) {
	t := &kallTable{modules: []string{""}, names: make([]byte, 0, len(text)/2)}
	all := t.parse(text)
	if len(all) == 0 {
		return nil, ErrNoKallsyms
	}
	t.names = slices.Clip(t.names)
	slices.SortFunc(all, func(a, b rawKall) int {
		if a.rest != b.rest {
			if b.rest {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.addr, b.addr), cmp.Compare(a.name, b.name))
	})
	t.fill(all)
	hidden := !slices.ContainsFunc(all, func(r rawKall) bool { return r.addr != 0 })
	return &Table{src: t, hidden: hidden}, nil
}

// parse reads all lines and fills names and modules.
func (t *kallTable) parse(text []byte) []rawKall {
	modules := map[string]int{"": 0}
	all := make([]rawKall, 0, bytes.Count(text, []byte{'\n'})+1)
	for line := range bytes.Lines(text) {
		addr, typ, name, module, ok := kallsymsLine(line)
		if !ok || uint64(len(t.names)) > 1<<32-uint64(len(line))-16 {
			continue
		}
		m, ok := modules[string(module)]
		if !ok {
			m = len(t.modules)
			t.modules = append(t.modules, string(module))
			modules[string(module)] = m
		}
		all = append(all, rawKall{addr, uint32(len(t.names)), !shownType(typ) || name[0] == '$'})
		t.names = append(t.names, typ)
		t.names = binary.AppendUvarint(t.names, uint64(m))
		t.names = binary.AppendUvarint(t.names, uint64(len(name)))
		t.names = append(t.names, name...)
	}
	return all
}

// fill makes the entries and groups of sorted symbols.
func (t *kallTable) fill(all []rawKall) {
	t.entries = make([]kallEntry, len(all))
	for i, r := range all {
		hi := uint32(r.addr >> 32)
		if !r.rest {
			t.shown = i + 1
		}
		if len(t.groups) == 0 || t.groups[len(t.groups)-1].hi != hi || i > 0 && r.rest != all[i-1].rest {
			t.groups = append(t.groups, kallGroup{hi, i})
		}
		t.entries[i] = kallEntry{uint32(r.addr), r.name}
	}
}

// shownType tells the letters that perf takes from kallsyms: text, weak, data and bss.
func shownType(c byte) bool {
	switch c {
	case 'T', 't', 'W', 'w', 'D', 'd', 'B', 'b':
		return true
	}
	return false
}

// kallsymsLine takes "ffffffff81000000 T _text" or "ffffffffc0201000 t name\t[module]" apart.
func kallsymsLine(line []byte) (addr uint64, typ byte, name, module []byte, ok bool) {
	i := 0
	for ; i < len(line) && line[i] != ' '; i++ {
		d := hexDigit(line[i])
		if d < 0 || i >= 16 {
			return
		}
		addr = addr<<4 | uint64(d)
	}
	if i == 0 || len(line) < i+4 || line[i+2] != ' ' {
		return
	}
	typ = line[i+1]
	name = bytes.TrimRight(line[i+3:], "\r\n")
	if tab := bytes.IndexByte(name, '\t'); tab >= 0 {
		module = bytes.TrimSpace(name[tab+1:])
		name = name[:tab]
	}
	name = bytes.TrimSpace(name)
	return addr, typ, name, module, len(name) > 0
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (t *kallTable) len() int { return len(t.entries) }

func (t *kallTable) addr(i int) uint64 {
	g := sort.Search(len(t.groups), func(g int) bool { return t.groups[g].first > i }) - 1
	return uint64(t.groups[g].hi)<<32 | uint64(t.entries[i].lo)
}

// find looks among the shown entries. Of several at one address the last in the file counts, since perf gives only that one a size.
func (t *kallTable) find(addr uint64) int {
	g := sort.Search(len(t.groups), func(g int) bool {
		return t.groups[g].first >= t.shown || uint64(t.groups[g].hi) > addr>>32
	}) - 1
	if g < 0 {
		return -1
	}
	first, end := t.groups[g].first, t.shown
	if g+1 < len(t.groups) {
		end = min(end, t.groups[g+1].first)
	}
	i := end - 1
	if t.groups[g].hi == uint32(addr>>32) {
		part := t.entries[first:end]
		i = first + sort.Search(len(part), func(k int) bool { return part[k].lo > uint32(addr) }) - 1
	}
	if i < 0 || addr >= t.end(i) && addr != t.addr(i) {
		return -1
	}
	return i
}

// maxGap is more than any kernel's text: what lies further apart are parts of the address space, such as per-CPU offsets that begin at 0.
const maxGap = 1 << 31

// end is where symbol i ends for perf: at the next one, but at the end of the next page if that is of another module or there is none.
// See symbols__fixup_end.
func (t *kallTable) end(i int) uint64 {
	start := t.addr(i)
	part := t.shown
	if i >= t.shown {
		part = len(t.entries)
	}
	next := i + 1
	for next < part && t.addr(next) == start {
		next++
	}
	_, module, _ := t.record(i)
	if next < part {
		if _, m, _ := t.record(next); m == module && t.addr(next)-start < maxGap {
			return t.addr(next)
		}
	}
	return (start+pageSize-1)&^(pageSize-1) + pageSize
}

// record reads what names holds of entry i.
func (t *kallTable) record(i int) (typ byte, module int, name []byte) {
	b := t.names[t.entries[i].name:]
	m, n := binary.Uvarint(b[1:])
	size, k := binary.Uvarint(b[1+n:])
	at := 1 + n + k
	return b[0], int(m), b[at : at+int(size)]
}

func (t *kallTable) moduleBase(module string) (base uint64, ok bool) {
	want := slices.Index(t.modules, module)
	if want <= 0 {
		return 0, false
	}
	for i := range t.shown { // sorted by address
		typ, m, _ := t.record(i)
		if m == want && (typ == 'T' || typ == 't' || typ == 'W' || typ == 'w') {
			return t.addr(i) &^ (pageSize - 1), true
		}
	}
	return 0, false
}

func (t *kallTable) name(i int) []byte {
	_, _, n := t.record(i)
	return n
}

func (t *kallTable) named(i int, want string) bool { return sameName(t.name(i), want) }

func (t *kallTable) symbol(i int) Symbol {
	typ, m, name := t.record(i)
	s := Symbol{Name: string(name), Addr: t.addr(i), Module: t.modules[m], Type: Object, Bind: Local}
	s.Size = max(t.end(i), s.Addr) - s.Addr
	switch typ {
	case 'T', 't', 'W', 'w', 'i', 'I':
		s.Type = Func
	}
	switch {
	case typ == 'W' || typ == 'w' || typ == 'V' || typ == 'v':
		s.Bind = Weak
	case typ >= 'A' && typ <= 'Z':
		s.Bind = Global
	}
	s.Shadow = i >= t.shown || i+1 < t.shown && t.addr(i+1) == s.Addr
	return s
}
