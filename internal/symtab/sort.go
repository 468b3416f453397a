package symtab

import (
	"cmp"
	"slices"
)

// sortKey is an entry's address and its place in the table.
type sortKey struct {
	addr uint64
	at   uint32
}

// fewEntries is below how many entries the general sort is as fast.
const fewEntries = 512

// sortEntries sorts by address, and by place in the file among equals: byte by byte of the address from the lowest, since
// a kernel's 130,000 symbols take a general sort longer than all else that is done with them.
func sortEntries(es []elfEntry) []elfEntry {
	if len(es) < fewEntries {
		slices.SortFunc(es, func(a, b elfEntry) int {
			return cmp.Or(cmp.Compare(a.addr, b.addr), cmp.Compare(a.up, b.up))
		})
		return es
	}
	keys := make([]sortKey, len(es))
	for i := range es {
		keys[i] = sortKey{es[i].addr, uint32(i)}
	}
	sorted := make([]elfEntry, len(es), cap(es))
	for i, k := range radixSort(keys) {
		sorted[i] = es[k.at]
		// The sort keeps the order of equals, which is the file's but for what an earlier round moved.
		for j := i; j > 0 && sorted[j-1].addr == sorted[j].addr && sorted[j-1].up > sorted[j].up; j-- {
			sorted[j-1], sorted[j] = sorted[j], sorted[j-1]
		}
	}
	return sorted
}

// radixSort sorts by address and keeps the order of equals. It reuses keys.
func radixSort(keys []sortKey) []sortKey {
	var counts [8][256]uint32
	for _, k := range keys {
		for b := range counts {
			counts[b][byte(k.addr>>(8*b))]++
		}
	}
	from, to := keys, make([]sortKey, len(keys))
	for b := range counts {
		shift := 8 * b
		if counts[b][byte(from[0].addr>>shift)] == uint32(len(keys)) {
			continue // all alike
		}
		next := uint32(0)
		var begin [256]uint32
		for v, n := range counts[b] {
			begin[v] = next
			next += n
		}
		for _, k := range from {
			v := byte(k.addr >> shift)
			to[begin[v]] = k
			begin[v]++
		}
		from, to = to, from
	}
	return from
}
