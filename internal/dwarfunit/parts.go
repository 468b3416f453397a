package dwarfunit

import "bytes"

// AddAlternate adds the sections of the file that dwz moved what several files share to. It is to be added before anything is
// searched; file names it in errors.
func (d *Data) AddAlternate(s Sections, file string) error {
	alt := &part{Sections: s, section: ".debug_info", file: file}
	if err := d.add(alt); err != nil {
		return err
	}
	for _, p := range d.parts {
		if p.file != file {
			p.alt = alt
		}
	}
	return nil
}

// Skeleton is a unit whose contents are in a split file.
type Skeleton struct {
	Unit    int
	ID      uint64
	Name    string // of the .dwo file, as the compiler had it
	CompDir string // what a relative Name is relative to
}

// attrGNUDwoID is of DWARF 4, where the header has no room for a skeleton's id.
const attrGNUDwoID = 0x2131

// Skeletons lists the units whose contents are elsewhere and not yet added.
func (d *Data) Skeletons() ([]Skeleton, error) {
	var out []Skeleton
	old := len(d.Addr) > 0 && bytes.Contains(d.Abbrev, []byte{AttrGNUDwoName&0x7f | 0x80, AttrGNUDwoName >> 7})
	var c Context
	for i := range d.Units {
		u := &d.Units[i]
		if u.split > 0 || u.part.dwo || u.Type != unitSkeleton && (!old || u.Version >= 5) {
			continue
		}
		if err := d.scratch(&c, i); err != nil {
			return nil, err
		}
		root, err := c.Root()
		if err != nil {
			return nil, err
		}
		s := Skeleton{Unit: i, ID: u.Signature, CompDir: root.String(AttrCompDir)}
		if u.Type == unitSkeleton {
			s.Name = root.String(AttrDwoName)
		} else {
			s.ID, _ = root.Uint(attrGNUDwoID)
			s.Name = root.String(AttrGNUDwoName)
		}
		if s.Name != "" || u.Type == unitSkeleton {
			out = append(out, s)
		}
	}
	return out, nil
}

// AddSplit adds the sections of a split file (their names end in .dwo), or of one unit of a .dwp file, and joins its units to
// the skeletons with their ids. It returns how many were joined.
func (d *Data) AddSplit(s Sections, file string, skeletons []Skeleton) (joined int, err error) {
	first := len(d.Units)
	if err := d.add(&part{Sections: s, section: ".debug_info.dwo", file: file, dwo: true}); err != nil {
		return 0, err
	}
	var c Context
	for i := first; i < len(d.Units); i++ {
		u := &d.Units[i]
		if u.ofType() {
			continue
		}
		id := u.Signature
		if u.Version < 5 {
			if err := d.scratch(&c, i); err != nil {
				return joined, err
			}
			root, err := c.Root()
			if err != nil {
				return joined, err
			}
			id, _ = root.Uint(attrGNUDwoID)
		}
		for _, k := range skeletons {
			if k.ID == id && d.Units[k.Unit].split == 0 {
				u.skeleton, d.Units[k.Unit].split = int32(k.Unit)+1, int32(i)+1
				joined++
				break
			}
		}
	}
	return joined, nil
}

// whole returns the context with a unit's contents: another one for a skeleton.
func (c *Context) whole() *Context {
	if c.U.split > 0 {
		if w, err := c.Data.Context(int(c.U.split) - 1); err == nil {
			return w
		}
	}
	return c
}

// OneFile tells whether all units are in the file's own .debug_info, so that offsets mean the same as long as the file does
// not change.
func (d *Data) OneFile() bool { return len(d.parts) == 1 }
