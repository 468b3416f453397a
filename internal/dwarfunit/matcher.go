package dwarfunit

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sort"
	"sync"
)

// matcherOf is a name, the kinds of entries that may have it, and how each section of strings has it.
type matcherOf struct {
	name []byte
	tags []uint16

	mu     sync.Mutex
	byPart map[*part]*matcher
	byStr  map[*byte]*matcher // parts of one .dwp file share their strings
}

func (d *Data) newMatcher(name string, tags ...uint16) *matcherOf {
	return &matcherOf{name: []byte(name), tags: tags, byPart: map[*part]*matcher{}, byStr: map[*byte]*matcher{}}
}

func (m *matcherOf) wants(tag uint16) bool { return slices.Contains(m.tags, tag) }

// of returns the matcher for a part's units.
func (m *matcherOf) of(p *part) *matcher {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := m.byPart[p]
	if found != nil {
		return found
	}
	var key *byte
	if len(p.Str) > 0 {
		key = &p.Str[0]
		found = m.byStr[key]
	}
	if found == nil || p.alt != nil {
		found = newMatcher(m.name, p)
		m.byStr[key] = found
	}
	m.byPart[p] = found
	return found
}

// matcher compares names without reading them: by where they are in .debug_str.
type matcher struct {
	name    []byte
	offs    []uint32 // where the name begins in .debug_str; a linker merges tails, so it may be inside of another
	pats    [][]byte // offs as units hold them, also of an alternate file's strings
	inline  []byte   // the name as a string in place
	indexed bool     // units may name by index
}

// maxPatterns is from how many patterns on a search through bytes is slower than
// stepping over the entries.
const maxPatterns = 4

func newMatcher(name []byte, p *part) *matcher {
	m := &matcher{name: name, inline: append(slices.Clip(name), 0), indexed: len(p.StrOffsets) > 0}
	m.offs = m.find(p.Str)
	for _, o := range m.offs {
		m.pats = append(m.pats, binary.LittleEndian.AppendUint32(nil, o))
	}
	if p.alt != nil {
		for _, o := range m.find(p.alt.Str) {
			m.pats = append(m.pats, binary.LittleEndian.AppendUint32(nil, o))
		}
	}
	return m
}

// find returns where the name begins in a section of strings.
func (m *matcher) find(str []byte) (offs []uint32) {
	for o := 0; ; o++ {
		i := bytes.Index(str[o:], m.inline)
		if i < 0 {
			return offs
		}
		if o += i; o <= 1<<32-1 {
			offs = append(offs, uint32(o))
		}
	}
}

// selective tells whether a search through a unit's bytes is of use.
func (m *matcher) selective() bool { return !m.indexed && len(m.pats) <= maxPatterns }

// maybe tells whether the unit's bytes may hold the name; inline, that it may be there as a string in place.
func (m *matcher) maybe(b []byte, inline bool) bool {
	for _, p := range m.pats {
		if bytes.Contains(b, p) {
			return true
		}
	}
	return inline && bytes.Contains(b, m.inline)
}

// inlineNames tells whether the unit's abbreviations have names as strings in place for entries of the kinds. It may say so
// wrongly: bytes that look like an abbreviation will do. Compilers have few such names, those that are shorter than an offset.
func (m *matcherOf) inlineNames(d *Data, u *Unit) bool {
	table := d.abbrevBytes(u)
	for _, tag := range m.tags {
		if tag >= 0x80 {
			return true
		}
		for p := 0; ; p++ {
			i := bytes.IndexByte(table[p:], byte(tag))
			if i < 0 {
				break
			}
			if p += i; p+2 < len(table) && table[p+1] <= 1 && namedInPlace(table[p+2:]) {
				return true
			}
		}
	}
	return false
}

// namedInPlace tells whether a list of attributes has a name as a string in place.
func namedInPlace(specs []byte) bool {
	c := cursor{b: specs}
	for range 64 {
		at, form := c.uleb(), c.uleb()
		switch {
		case c.bad || at == 0 && form == 0:
			return c.bad
		case form == FormImplicitConst:
			c.sleb()
		case (form == FormString || form == FormIndirect) && (at == AttrName || at == AttrLinkageName || at == AttrMIPSLinkage):
			return true
		}
	}
	return true // more than any abbreviation has
}

// abbrevBytes returns the unit's abbreviations, and what follows up to the next unit's.
func (d *Data) abbrevBytes(u *Unit) []byte {
	b, all := u.part.Abbrev, u.part.tables()
	if u.Abbrev > len(b) {
		return nil
	}
	end := len(b)
	if i := sort.SearchInts(all, u.Abbrev+1); i < len(all) {
		end = min(end, all[i])
	}
	return b[u.Abbrev:end]
}
