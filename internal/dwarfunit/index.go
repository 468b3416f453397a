package dwarfunit

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// IndexVersion is that of the tables' layout, which docs/formats.md describes. It changes with what they mean.
const IndexVersion = 1

// Tags of an index's tables.
const (
	tagMeta      = "META" // what the index is of
	tagFunctions = "FUNC" // sum of a name, offset of a function's entry
	tagVariables = "VARS" // the same of variables of file level
	tagRanges    = "RNGS" // addresses of units
	tagOrigins   = "ORIG" // functions that entries of other units refer to
)

const (
	metaSize  = 24
	nameSize  = 8
	rangeSize = 28
	crossBit  = 1 // in META: origins may lie in other units
)

// ErrNoIndex is what UseIndex returns when the index cannot be used.
var ErrNoIndex = errors.New("the index is not of these units")

// nameIndex is a table of contents of a file's units, made before. Nothing in it is believed that is not compared with the
// units themselves: what does not hold turns the whole index bad, and the units are searched.
type nameIndex struct {
	table func(tag string) ([]byte, error)
	cross bool
	bad   atomic.Bool
}

// UseIndex makes searches look into an index that BuildIndex made, whose tables table returns. It is for Data that is OneFile and
// not yet searched. Tables stay mapped as long as Data is in use.
func (d *Data) UseIndex(table func(tag string) ([]byte, error)) error {
	b, err := table(tagMeta)
	if err != nil {
		return err
	}
	if len(b) != metaSize || !d.OneFile() || !bytesEqual(b, d.meta(b[16]&crossBit != 0)) {
		return ErrNoIndex
	}
	d.index = &nameIndex{table: table, cross: b[16]&crossBit != 0}
	return nil
}

func bytesEqual(a, b []byte) bool { return string(a) == string(b) }

// Indexed tells whether an index is in use and everything looked up so far was right.
func (d *Data) Indexed() bool { return d.index != nil && !d.index.bad.Load() }

// meta is the number of units, a sum of their headers, the length of .debug_info and flags.
func (d *Data) meta(cross bool) []byte {
	le := binary.LittleEndian
	sum := uint32(0)
	var h []byte
	for i := range d.Units {
		u := &d.Units[i]
		h = le.AppendUint64(h[:0], uint64(u.Off))
		h = le.AppendUint64(h, uint64(u.End))
		h = le.AppendUint64(h, uint64(u.Abbrev))
		sum = crc32.Update(sum, sumTable(), append(h, u.Version, u.AddrSize, u.OffSize, u.Type))
	}
	b := le.AppendUint32(nil, uint32(len(d.Units)))
	b = le.AppendUint32(b, sum)
	b = le.AppendUint64(b, uint64(len(d.Info)))
	flags := uint64(0)
	if cross {
		flags = crossBit
	}
	return le.AppendUint64(b, flags)
}

func sumTable() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// nameSum is what names are sorted by.
func nameSum(name []byte) uint32 { return crc32.Checksum(name, sumTable()) }

// fail turns the index bad.
func (x *nameIndex) fail() { x.bad.Store(true) }

// named returns the offsets that a table has for a name, in order. It is false if the index cannot tell.
func (x *nameIndex) named(tag, name string) ([]int, bool) {
	b, err := x.table(tag)
	if err != nil || len(b)%nameSize != 0 {
		x.fail()
		return nil, false
	}
	le := binary.LittleEndian
	sum, n := nameSum([]byte(name)), len(b)/nameSize
	var out []int
	for i := sort.Search(n, func(i int) bool { return le.Uint32(b[i*nameSize:]) >= sum }); i < n && le.Uint32(b[i*nameSize:]) == sum; i++ {
		off := int(le.Uint32(b[i*nameSize+4:]))
		if len(out) > 0 && off <= out[len(out)-1] {
			x.fail()
			return nil, false
		}
		out = append(out, off)
	}
	return out, true
}

// lookUp finds by the index what findIn finds by a scan. It is false if the index cannot tell, which includes that it has
// no such name: that is rare, and a scan knows it for certain.
func (d *Data) lookUp(m *matcherOf, name, tag string, workers int) ([]Func, bool) {
	if !d.Indexed() {
		return nil, false
	}
	offs, ok := d.index.named(tag, name)
	if !ok {
		return nil, false
	}
	var units []unitOffsets
	for len(offs) > 0 {
		unit := d.unitOf(offs[0])
		if unit < 0 {
			d.index.fail()
			return nil, false
		}
		n := sort.Search(len(offs), func(i int) bool { return offs[i] >= d.Units[unit].End })
		units = append(units, unitOffsets{unit, offs[:n]})
		offs = offs[n:]
	}
	found := d.known(units, m, name, workers)
	return found, len(found) > 0 && d.Indexed()
}

// unitOffsets are entries of one unit.
type unitOffsets struct {
	unit int
	offs []int
}

// known reads entries whose offsets are known. What is wrong with one of them turns the index bad.
func (d *Data) known(units []unitOffsets, m *matcherOf, name string, workers int) (found []Func) {
	var mu sync.Mutex
	parallel(len(units), workers, func() func(int) {
		s := &scanner{d: d, m: m}
		return func(i int) {
			hits, err := s.known(units[i].unit, units[i].offs, name)
			mu.Lock()
			defer mu.Unlock()
			if found = append(found, hits...); err != nil {
				d.index.fail()
			}
		}
	})
	return found
}

// known is unit for entries whose offsets are known. It compares their names.
func (s *scanner) known(unit int, offs []int, name string) ([]Func, error) {
	if err := s.d.scratch(&s.c, unit); err != nil {
		return nil, err
	}
	s.hits = s.hits[:0]
	sum := nameSum([]byte(name))
	for _, off := range offs {
		a, p := s.c.at(off)
		if a == nil || !s.m.wants(a.tag) {
			return nil, ErrNoIndex
		}
		own, linkage := s.c.textAt(a, p, &a.name), s.c.textAt(a, p, &a.linkage)
		switch {
		case string(own) == name || string(linkage) == name:
			s.hits = append(s.hits, Func{Unit: unit, Off: off, Code: a.code, Decl: a.decl})
		case nameSum(own) != sum && nameSum(linkage) != sum:
			return nil, ErrNoIndex
		}
	}
	return s.withInstances()
}

// at returns the abbreviation of the entry at off and where its attributes begin; nil if there is none.
func (c *Context) at(off int) (*abbrev, int) {
	if off < c.U.First || off >= c.U.End {
		return nil, 0
	}
	code, p := uleb(c.info, off-c.base)
	if p < 0 || code == 0 || code >= uint64(len(c.table.a)) || !c.table.a[code].known {
		return nil, 0
	}
	return &c.table.a[code], p
}

// unitAt returns the number of the unit that has code at pc, if the index has one.
func (x *nameIndex) unitAt(d *Data, pc uint64) (unit int, ok bool) {
	b, err := x.table(tagRanges)
	if err != nil || len(b)%rangeSize != 0 {
		x.fail()
		return -1, false
	}
	le := binary.LittleEndian
	n := len(b) / rangeSize
	field := func(i, at int) uint64 { return le.Uint64(b[i*rangeSize+at:]) }
	i := sort.Search(n, func(i int) bool { return field(i, 0) > pc }) - 1
	// Ranges of units may overlap. The third number is the highest end up to here.
	for ; i >= 0 && field(i, 16) > pc; i-- {
		if pc < field(i, 8) {
			unit := int(le.Uint32(b[i*rangeSize+24:]))
			if unit >= len(d.Units) || !d.hasCode(unit, pc) {
				x.fail()
				return -1, false
			}
			return unit, true
		}
	}
	return -1, false
}

// hasCode asks a unit for its ranges.
func (d *Data) hasCode(unit int, pc uint64) bool {
	c, err := d.Context(unit)
	if err != nil {
		return false
	}
	root, err := c.Root()
	if err != nil {
		return false
	}
	r, err := root.Ranges()
	return err == nil && Contains(r, pc)
}

// referring returns the units with entries whose origin or specification is one of the targets, in units other than the function's. It is
// false if the index cannot tell.
func (d *Data) referring(targets map[int]*Func) (map[int]bool, bool) {
	if !d.Indexed() {
		return nil, false
	}
	b, err := d.index.table(tagOrigins)
	if err != nil || len(b)%nameSize != 0 {
		d.index.fail()
		return nil, false
	}
	le := binary.LittleEndian
	units, n := map[int]bool{}, len(b)/nameSize
	for off, f := range targets {
		if own := d.unitOf(off); own != f.Unit { // a definition elsewhere may have instances beside it, which the table has not
			units[own] = true
		}
		for i := sort.Search(n, func(i int) bool { return int(le.Uint32(b[i*nameSize:])) >= off }); i < n && int(le.Uint32(b[i*nameSize:])) == off; i++ {
			units[int(le.Uint32(b[i*nameSize+4:]))] = true
		}
	}
	return units, true
}

// sortPairs sorts numbers whose high half counts first, by bytes: there are several 100,000.
func sortPairs(a []uint64) []uint64 {
	if len(a) < 512 {
		slices.Sort(a)
		return a
	}
	var counts [8][256]int
	for _, v := range a {
		for b := range counts {
			counts[b][byte(v>>(8*b))]++
		}
	}
	from, to := a, make([]uint64, len(a))
	for b := range counts {
		begin := 0
		if counts[b][byte(from[0]>>(8*b))] == len(a) {
			continue
		}
		for v, n := range counts[b] {
			counts[b][v] = begin
			begin += n
		}
		for _, v := range from {
			at := &counts[b][byte(v>>(8*b))]
			to[*at] = v
			*at++
		}
		from, to = to, from
	}
	return from
}
