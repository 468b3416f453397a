package gobin

// Frame is how far the stack pointer is below the frame of the caller.
type Frame struct {
	Name  string // of the function
	Delta int64  // bytes between the stack pointer and what it was at the function's entry
	Top   bool   // the function has no caller: a goroutine or thread begins with it
}

const flagTop = 1 // internal/abi.FuncFlagTopFrame of Go

// Frame returns the frame at an address, by the table that the runtime unwinds with (pcsp).
func (t *Table) Frame(addr uint64) (Frame, bool) {
	i, ok := t.find(addr)
	if !ok {
		return Frame{}, false
	}
	data, begin := t.data(i), t.pointer
	if data == nil {
		return Frame{}, false
	}
	if t.offsets {
		begin = 4
	}
	pcsp := t.number(data, begin+3*4, 4) // behind nameoff, args and deferreturn
	f := Frame{Name: t.name(t.number(data, begin, 4))}
	if flags, ok := t.flags(data); ok {
		f.Top = flags&flagTop != 0
	}
	delta, ok := t.value(pcsp, addr-t.entry(i))
	f.Delta = int64(delta)
	return f, ok
}

// flags are those of a function; known from Go 1.17 on, which has a layout of 1.16 or later.
func (t *Table) flags(data []byte) (byte, bool) {
	at := t.pointer
	if t.offsets {
		at = 4
	}
	at += 8*4 + 1 // nameoff args deferreturn pcsp pcfile pcln npcdata cuOffset, then funcID and flag
	if t.version == version120 {
		at += 4 // startLine
	}
	if t.version == version12 || at >= len(data) {
		return 0, false
	}
	return data[at], true
}

// value looks up what a table of program counters has at a distance from a function's entry. Such a table is pairs of varints: by how much
// the value changes, then for how many units of code it holds. See step in the runtime's symtab.go.
func (t *Table) value(table, distance uint64) (int32, bool) {
	if table == 0 || table >= uint64(len(t.pctab)) {
		return 0, false
	}
	b := t.pctab[table:]
	value, pc := int32(-1), uint64(0)
	for first := true; ; first = false {
		change, n := varint(b)
		if n == 0 || change == 0 && !first {
			return 0, false
		}
		length, k := varint(b[n:])
		if k == 0 {
			return 0, false
		}
		b = b[n+k:]
		value += int32(change>>1) ^ -int32(change&1)
		if pc += uint64(length) * uint64(t.quantum); distance < pc {
			return value, true
		}
	}
}

// varint reads an unsigned number of at most 32 bits, and how many bytes it has; 0 if it does not end.
func varint(b []byte) (v uint32, n int) {
	for s := uint(0); n < len(b) && s < 35; s += 7 {
		c := b[n]
		n++
		v |= uint32(c&0x7f) << s
		if c < 0x80 {
			return v, n
		}
	}
	return 0, 0
}
