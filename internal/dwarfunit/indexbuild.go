package dwarfunit

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"
)

// maxIndexed is how long .debug_info may be for offsets of 4 bytes.
const maxIndexed = 1<<32 - 1

// IndexTable is one table of an index.
type IndexTable struct {
	Tag  string
	Data []byte
}

// BuildIndex makes the tables that UseIndex takes. The error is ErrNoIndex for what cannot be indexed, or says what is
// damaged: units that cannot be read are not indexed, lest they be missed.
func (d *Data) BuildIndex(workers int) ([]IndexTable, error) {
	if !d.OneFile() || d.Relocate != nil || len(d.Info) > maxIndexed {
		return nil, ErrNoIndex
	}
	b := &indexBuilder{d: d, cross: d.crossUnit()}
	parallel(len(d.Units), workers, b.worker)
	if b.err != nil {
		return nil, b.err
	}
	functions, variables, origins := b.pairs()
	return []IndexTable{
		{tagMeta, d.meta(b.cross)},
		{tagFunctions, encodePairs(functions)},
		{tagVariables, encodePairs(variables)},
		{tagRanges, b.encodeRanges()},
		{tagOrigins, encodePairs(slices.Compact(origins))},
	}, nil
}

// indexBuilder collects what all units have.
type indexBuilder struct {
	d     *Data
	cross bool

	mu      sync.Mutex
	err     error
	workers []*indexWorker
}

// indexWorker collects what some of the units have. Pairs are two numbers of 4 bytes, the first in the high half.
type indexWorker struct {
	b                             *indexBuilder
	c                             Context
	stack                         []frame
	functions, variables, origins []uint64
	ranges                        []arange
}

func (b *indexBuilder) worker() func(int) {
	w := &indexWorker{b: b, c: Context{once: true}}
	b.mu.Lock()
	b.workers = append(b.workers, w)
	b.mu.Unlock()
	return func(i int) {
		if err := w.unit(i); err != nil {
			b.mu.Lock()
			b.err = err
			b.mu.Unlock()
		}
	}
}

func (w *indexWorker) unit(i int) error {
	d, c := w.b.d, &w.c
	if d.Units[i].ofType() {
		return nil
	}
	if err := d.scratch(c, i); err != nil {
		return err
	}
	root, err := c.Root()
	if err != nil {
		return err
	}
	ranges, err := root.Ranges()
	if err != nil {
		return err
	}
	for _, r := range Normalize(slices.Clone(ranges)) {
		w.ranges = append(w.ranges, arange{r, i})
	}
	specified := c.table.specified()
	err = c.entries(isIndexed, c.flat(), func(a *abbrev, off, p int) bool {
		if a.decl && (!specified || a.tag != TagSubprogram) {
			return true // of no use to anybody
		}
		to := &w.functions
		if a.tag == TagVariable {
			to = &w.variables
		}
		w.add(to, c.textAt(a, p, &a.name), c.textAt(a, p, &a.linkage), off)
		return true
	})
	if err == nil && w.b.cross && c.table.foreign() {
		err = c.eachOrigin(&w.stack, func(origin int, _ Instance) {
			if origin < c.U.Off || origin >= c.U.End {
				w.origins = append(w.origins, uint64(origin)<<32|uint64(i))
			}
		})
	}
	return err
}

func isIndexed(tag uint16) bool { return tag == TagSubprogram || tag == TagVariable }

func (w *indexWorker) add(to *[]uint64, name, linkage []byte, off int) {
	first := nameSum(name)
	if len(name) > 0 {
		*to = append(*to, uint64(first)<<32|uint64(off))
	}
	if len(linkage) == 0 {
		return
	}
	if second := nameSum(linkage); len(name) == 0 || first != second {
		*to = append(*to, uint64(second)<<32|uint64(off))
	}
}

// pairs joins what the workers have, sorted.
func (b *indexBuilder) pairs() (functions, variables, origins []uint64) {
	for _, w := range b.workers {
		functions = append(functions, w.functions...)
		variables = append(variables, w.variables...)
		origins = append(origins, w.origins...)
	}
	return sortPairs(functions), sortPairs(variables), sortPairs(origins)
}

func encodePairs(pairs []uint64) []byte {
	out := make([]byte, 0, nameSize*len(pairs))
	for _, v := range pairs {
		out = binary.LittleEndian.AppendUint32(out, uint32(v>>32))
		out = binary.LittleEndian.AppendUint32(out, uint32(v))
	}
	return out
}

// encodeRanges writes begin, end, the highest end so far, and the unit.
func (b *indexBuilder) encodeRanges() []byte {
	var all []arange
	for _, w := range b.workers {
		all = append(all, w.ranges...)
	}
	slices.SortFunc(all, func(x, y arange) int { return cmp.Or(cmp.Compare(x.Lo, y.Lo), cmp.Compare(x.unit, y.unit)) })
	out := make([]byte, 0, rangeSize*len(all))
	highest := uint64(0)
	for _, r := range all {
		highest = max(highest, r.Hi)
		out = binary.LittleEndian.AppendUint64(out, r.Lo)
		out = binary.LittleEndian.AppendUint64(out, r.Hi)
		out = binary.LittleEndian.AppendUint64(out, highest)
		out = binary.LittleEndian.AppendUint32(out, uint32(r.unit))
	}
	return out
}
