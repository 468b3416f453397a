package dwarfunit

import "bytes"

// LineRow is one row of a line table: from Addr on, instructions come from Line of file number File.
type LineRow struct {
	Addr  uint64
	File  uint32 // for LineTable.Path; rows of the same path have the same number
	Line  uint32
	Flags LineFlags
}

// LineFlags are what else a row tells.
type LineFlags uint8

// The flags of a row.
const (
	LineStmt        LineFlags = 1 << iota // a good place to stop
	LinePrologueEnd                       // where a breakpoint on the function belongs
	LineEnd                               // first address after a sequence of instructions; has no line
)

// LineTable is the line table of one unit: its files, and its rows once they were asked for.
type LineTable struct {
	Rows []LineRow // by address; the end of a sequence comes before what begins at its address

	h        lineHeader
	paths    []string
	same     []uint32 // for each file the first of the same path
	compDir  string
	addrSize uint8
}

// lineFile is one entry of a table of files; its name is a part of a section.
type lineFile struct {
	name []byte
	dir  uint64
}

// lineHeader is what precedes a line program, DWARF 5 section 6.2.4.
type lineHeader struct {
	off         int // in .debug_line
	version     uint16
	minInst     uint64
	maxOps      uint64
	defaultStmt bool
	lineBase    int64
	lineRange   uint64
	opcodeBase  uint8
	lengths     []byte // of standard opcodes, from 1
	program     cursor
	dirs        [][]byte
	files       []lineFile // by number: from 0 in version 5, else from 1
}

func lineError(off int, reason string) error {
	return &FormatError{Section: ".debug_line", Offset: off, Reason: reason}
}

// Files reads the unit's table of files, without rows. It is nil for a unit without lines. A split unit has those of
// its skeleton.
func (c *Context) Files() (*LineTable, error) {
	c, err := c.withLines()
	if err != nil {
		return nil, err
	}
	root, err := c.Root()
	if err != nil {
		return nil, err
	}
	off, ok := root.Uint(AttrStmtList)
	if !ok {
		return nil, nil
	}
	if off >= uint64(len(c.sec.Line)) {
		return nil, lineError(len(c.sec.Line), "a unit's table begins behind the section's end")
	}
	t := &LineTable{compDir: root.String(AttrCompDir), addrSize: c.U.AddrSize}
	if err := t.h.read(c, int(off)); err != nil {
		return nil, err
	}
	if t.h.version >= 5 && len(t.h.dirs) > 0 && len(t.h.dirs[0]) > 0 {
		t.compDir = string(t.h.dirs[0])
	}
	return t, nil
}

// withLines returns the unit that has the line table: a split unit's skeleton, or the unit itself.
func (c *Context) withLines() (*Context, error) {
	if c.U.skeleton == 0 {
		return c, nil
	}
	return c.Data.Context(int(c.U.skeleton) - 1)
}

// Lines reads the unit's line table. It is nil for a unit without one. With an error comes what was read before it.
func (c *Context) Lines() (*LineTable, error) {
	t, err := c.Files()
	if t == nil || err != nil {
		return nil, err
	}
	t.unify()
	err = t.run()
	t.sort()
	return t, err
}

// unify finds files that are listed twice, as gcc lists the unit's own in version 5.
func (t *LineTable) unify() {
	t.same = make([]uint32, len(t.h.files))
	first := make(map[string]uint32, len(t.h.files))
	for i := range t.h.files {
		path := t.path(&t.h.files[i])
		t.paths = append(t.paths, path)
		n, ok := first[path]
		if !ok {
			n = uint32(i)
			first[path] = n
		}
		t.same[i] = n
	}
}

// number returns the number that rows have for a file's number in the debug information.
func (t *LineTable) number(n uint64) uint32 {
	if n < uint64(len(t.same)) {
		return t.same[n]
	}
	return uint32(min(n, 1<<32-1))
}

// NumFiles returns how many numbers there are for files.
func (t *LineTable) NumFiles() int { return len(t.h.files) }

// Path returns a file's path as libdw tells it: as the compiler was given it, below the directory that the compiler ran in
// if it is right there, else maybe relative to that. It is "" for a number that is none.
func (t *LineTable) Path(n uint64) string {
	if n < uint64(len(t.paths)) {
		return t.paths[n]
	}
	if n >= uint64(len(t.h.files)) {
		return ""
	}
	return t.path(&t.h.files[n])
}

func (t *LineTable) path(f *lineFile) string {
	name := string(f.name)
	if name == "" || name[0] == '/' {
		return name
	}
	switch {
	case f.dir == 0:
		return joinPath(t.compDir, name)
	case f.dir < uint64(len(t.h.dirs)):
		return joinPath(string(t.h.dirs[f.dir]), name)
	}
	return name
}

func joinPath(dir, name string) string {
	switch {
	case dir == "":
		return name
	case name == "":
		return dir
	}
	return dir + "/" + name
}

// Dir returns the directory that the compiler ran in, as the table has it.
func (t *LineTable) Dir() string { return t.compDir }

// hasBase tells whether some file's name ends in base, which has no directories: a quick no for most units.
func (t *LineTable) hasBase(base string) bool {
	for i := range t.h.files {
		if bytes.HasSuffix(t.h.files[i].name, []byte(base)) {
			return true
		}
	}
	return false
}
