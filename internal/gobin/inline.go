package gobin

import "debug/elf"

// The trees of inlined functions are read in the layouts since Go 1.18, to 1.26 as far as was tried.
const (
	treeIndex = 2 // PCDATA_InlTreeIndex of Go's internal/abi: which node of the tree an instruction belongs to
	treeData  = 3 // FUNCDATA_InlTree: the tree

	maxInlined = 256 // functions in each other; damaged files may go on for ever
)

// node is the layout of runtime.inlinedCall.
type node struct{ size, name, parent int }

func (t *Table) node() node {
	if t.version == version118 {
		return node{size: 20, name: 12, parent: 16}
	}
	return node{size: 16, name: 4, parent: 8}
}

// trees are the bytes from moduledata's gofunc on, if they are what they should be.
func (m *memory) trees(module, text uint64) []byte {
	field := textField + 18 // behind text: bounds of the parts of memory, each two
	if m.t.version == version118 {
		field = textField + 16 // without counters of coverage
	}
	at := m.pointerAt(module + uint64(field*m.t.pointer))
	h, ok := m.f.SectionOf(at)
	if !ok || h.Type == elf.SHT_NOBITS || at < text {
		return nil
	}
	b, err := m.f.Data(h.Index)
	if err != nil || at-h.Addr >= uint64(len(b)) {
		return nil
	}
	b = b[at-h.Addr:]
	if !m.t.plausible(b) {
		return nil
	}
	return b
}

// plausible looks whether the first trees have names of functions where nodes have them: versions of Go to come may have other layouts.
func (t *Table) plausible(trees []byte) bool {
	good := 0
	for i := 0; i < t.count && good < 20; i++ {
		tree, _, ok := t.tree(trees, t.data(i))
		if !ok {
			continue
		}
		name := t.number(tree, t.node().name, 4)
		if name >= uint64(len(t.names)) || name > 0 && t.names[name-1] != 0 || t.names[name] == 0 {
			return false
		}
		good++
	}
	return good > 0
}

// data is function i's own.
func (t *Table) data(i int) []byte {
	at := t.number(t.index, (2*i+1)*t.width, t.width)
	if at >= uint64(len(t.funcs)) {
		return nil
	}
	return t.funcs[at:]
}

// tree finds a function's tree of inlined functions, and the table of which node an instruction belongs to.
func (t *Table) tree(trees, data []byte) (tree []byte, indices uint64, ok bool) {
	head := 40 // of runtime._func: eight numbers, and four bytes of which the last counts the data of other kinds
	if t.version == version120 {
		head += 4 // startLine
	}
	tables := t.number(data, 7*4, 4)
	if len(data) < head || tables <= treeIndex || data[head-1] <= treeData || tables > uint64(len(data)) {
		return nil, 0, false
	}
	indices = t.number(data, head+4*treeIndex, 4)
	at := t.number(data, head+4*(int(tables)+treeData), 4)
	if indices == 0 || at >= uint64(len(trees)) { // all ones where there is none
		return nil, 0, false
	}
	return trees[at:], indices, true
}

// Inlined appends the names of the functions that were put into the one at an address, innermost first, by what Go's runtime has for its
// own traces. ok is false if the address is in no function of Go, or it is not known where the program has that.
func (t *Table) Inlined(dst []string, addr uint64) (names []string, ok bool) {
	i, found := t.find(addr)
	if !found || t.trees == nil {
		return dst, false
	}
	tree, indices, ok := t.tree(t.trees, t.data(i))
	if !ok {
		return dst, true
	}
	distance, layout := addr-t.entry(i), t.node()
	for range maxInlined {
		n, ok := t.value(indices, distance)
		at := int(n) * layout.size
		if !ok || n < 0 || at+layout.size > len(tree) {
			break
		}
		dst = append(dst, t.name(t.number(tree, at+layout.name, 4)))
		distance = t.number(tree, at+layout.parent, 4)
	}
	return dst, true
}
