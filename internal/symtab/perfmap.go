package symtab

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"strconv"
)

// mapEntry is a function of which its addresses are known.
type mapEntry struct {
	addr, end uint64
	name      string
}

// mapTable implements source over functions that may leave gaps, as in a perf-PID.map file.
type mapTable []mapEntry

// FromPerfMap reads a perf-PID.map file: lines of start address and size in hexadecimal and a name that may contain spaces. Lines that are
// something else are left out. Of two functions at one address the later one counts: memory is used again.
func FromPerfMap(text []byte) *Table {
	var t mapTable
	for line := range bytes.Lines(text) {
		start, rest, ok1 := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte{' '})
		size, name, ok2 := bytes.Cut(rest, []byte{' '})
		addr, err1 := strconv.ParseUint(string(bytes.TrimPrefix(start, []byte("0x"))), 16, 64)
		n, err2 := strconv.ParseUint(string(bytes.TrimPrefix(size, []byte("0x"))), 16, 64)
		if !ok1 || !ok2 || err1 != nil || err2 != nil || len(name) == 0 || addr+n < addr {
			continue
		}
		t = append(t, mapEntry{addr, addr + n, string(name)})
	}
	return t.sorted()
}

// FromFunctions makes a table of functions that are told by something else than symbols, each with its first address, that behind its
// last, and its name.
func FromFunctions(yield func(add func(addr, end uint64, name string))) *Table {
	var t mapTable
	yield(func(addr, end uint64, name string) { t = append(t, mapEntry{addr, end, name}) })
	return t.sorted()
}

func (t mapTable) sorted() *Table {
	slices.SortStableFunc(t, func(a, b mapEntry) int { return cmp.Compare(a.addr, b.addr) })
	return &Table{src: t}
}

func (t mapTable) len() int          { return len(t) }
func (t mapTable) addr(i int) uint64 { return t[i].addr }
func (t mapTable) name(i int) []byte { return []byte(t[i].name) }

func (t mapTable) named(i int, want string) bool { return sameName(t.name(i), want) }

func (t mapTable) find(addr uint64) int {
	i := sort.Search(len(t), func(i int) bool { return t[i].addr > addr }) - 1
	if i < 0 || addr >= t[i].end && addr != t[i].addr {
		return -1
	}
	return i
}

func (t mapTable) symbol(i int) Symbol {
	return Symbol{Name: t[i].name, Addr: t[i].addr, Size: t[i].end - t[i].addr, Type: Func, Bind: Global}
}
