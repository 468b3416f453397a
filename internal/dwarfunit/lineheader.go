package dwarfunit

import "bytes"

// Contents of the directories and files that version 5 describes, DWARF 5 section 6.2.4.1.
const (
	contentPath = 1
	contentDir  = 2
)

// maxFormats bounds how many forms describe one file; the format counts them in a byte.
const maxFormats = 255

func (h *lineHeader) read(c *Context, off int) error {
	h.off = off
	in := cursor{b: c.sec.Line[off:]}
	offSize := uint8(4)
	length := uint64(in.u32())
	if length == 0xffffffff {
		offSize, length = 8, in.u64()
	}
	if in.bad || length > uint64(len(in.b)-in.p) {
		return lineError(off, "table is longer than its section")
	}
	in.b = in.b[:in.p+int(length)]
	if c.sec.Relocate != nil {
		in.b = bytes.Clone(in.b)
		c.sec.Relocate(".debug_line", in.b, off)
	}
	if h.version = in.u16(); h.version < 2 || h.version > 5 {
		return lineError(off, "table of a version that is not 2 to 5")
	}
	if h.version == 5 {
		in.u8() // size of an address: the unit's holds
		if in.u8() != 0 {
			return lineError(off, "table with segments")
		}
	}
	size := in.offset(offSize)
	if in.bad || size > uint64(len(in.b)-in.p) {
		return lineError(off, "header is longer than its table")
	}
	program := in.p + int(size)
	h.program = cursor{b: in.b, p: program}
	in.b = in.b[:program]
	h.minInst, h.maxOps = uint64(in.u8()), 1
	if h.version >= 4 {
		h.maxOps = max(1, uint64(in.u8()))
	}
	h.defaultStmt = in.u8() != 0
	h.lineBase, h.lineRange = int64(int8(in.u8())), uint64(in.u8())
	if h.opcodeBase = in.u8(); h.opcodeBase > 1 {
		h.lengths = in.bytes(uint64(h.opcodeBase) - 1)
	}
	if h.version == 5 {
		h.described(c, &in, offSize)
	} else {
		h.listed(&in)
	}
	if in.bad {
		return lineError(off, "header is cut short")
	}
	return nil
}

// listed reads the directories and files of versions 2 to 4, each list ended by an empty name.
func (h *lineHeader) listed(in *cursor) {
	h.dirs = append(h.dirs, nil) // 0 is the unit's directory
	for !in.bad {
		name := in.cstring()
		if len(name) == 0 {
			break
		}
		h.dirs = append(h.dirs, name)
	}
	h.files = append(h.files, lineFile{})
	for !in.bad {
		f, ok := h.file(in)
		if !ok {
			break
		}
		h.files = append(h.files, f)
	}
}

func (h *lineHeader) file(in *cursor) (lineFile, bool) {
	name := in.cstring()
	if len(name) == 0 {
		return lineFile{}, false
	}
	f := lineFile{name: name, dir: in.uleb()}
	in.uleb() // time
	in.uleb() // size
	return f, !in.bad
}

// described reads the directories and files of version 5, each list after a description of its entries.
func (h *lineHeader) described(c *Context, in *cursor, offSize uint8) {
	h.describedList(c, in, offSize, func(f lineFile) { h.dirs = append(h.dirs, f.name) })
	h.describedList(c, in, offSize, func(f lineFile) { h.files = append(h.files, f) })
}

func (h *lineHeader) describedList(c *Context, in *cursor, offSize uint8, add func(lineFile)) {
	type format struct {
		content uint64
		form    uint16
	}
	var formats [maxFormats]format
	n := int(in.u8())
	for i := range n {
		formats[i] = format{in.uleb(), uint16(min(in.uleb(), 1<<16-1))}
	}
	count := in.uleb()
	if n == 0 && count > 0 || count > uint64(len(in.b)-min(in.p, len(in.b))) {
		in.bad = true // an entry has a byte at least
	}
	unit := *c.U
	unit.OffSize = offSize
	reader := Context{Data: c.Data, U: &unit, sec: c.sec, strBase: c.strBase}
	for range count {
		if in.bad {
			return
		}
		var f lineFile
		for _, kind := range formats[:n] {
			v := Attr{Form: kind.form}
			reader.value(in, &v)
			switch kind.content {
			case contentPath:
				f.name, _ = c.text(&v)
			case contentDir:
				f.dir = v.U
			}
		}
		add(f)
	}
}

// cstring reads a string and its NUL.
func (c *cursor) cstring() []byte {
	s, ok := cstring(c.b, uint64(max(c.p, 0)))
	if !ok {
		c.bad = true
		return nil
	}
	c.p += len(s) + 1
	return s
}
