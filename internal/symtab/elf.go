package symtab

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// elfEntry is one symbol of a file. Entries are sorted by address; among those of one address the one to show stands last.
type elfEntry struct {
	addr, end uint64
	name      uint32 // in the string table that flags name
	up        int32  // the nearest earlier entry to show that may reach over this one, -1 for none; before link: the place in the file
	section   uint16
	info      uint8 // ELF's st_info
	flags     uint8
}

const (
	inDynstr uint8 = 1 << iota // the name is in .dynstr
	isPLT                      // "@plt" follows the name
	shadowed                   // an alias that is not shown
	isHidden                   // its visibility is hidden
)

// elfTable implements source over a file's string tables.
type elfTable struct {
	entries  []elfEntry
	strings  [2][]byte // of the symbol table in use, and .dynstr
	versions map[uint32]string
}

// FromELF reads the symbols of a file as perf does: those of .symtab, then those of .dynsym that are not there, and names for the slots of
// .plt ("malloc@plt"). f stays open as long as the table is in use. A file without symbols gives an empty table. Where a file has no
// .symtab, those of .gnu_debugdata serve. In a relocatable file (a kernel module) sections stand where objfile lays them. See dso__load_sym in tools/perf/util/symbol-elf.c.
func FromELF(f *objfile.File) (*Table, error) { return FromSeparate(f, f) }

// FromSeparate is FromELF with .symtab taken from a separate debug file of the same build; without one there, it is FromELF of f. Both
// files stay open as long as the table is in use.
func FromSeparate(f, debug *objfile.File) (*Table, error) {
	t := &elfTable{}
	var errs []error
	err := objfile.Guard(f.Path(), func() error {
		if !debug.HasSection(".symtab") {
			debug = f
		}
		if debug.HasSection(".symtab") {
			errs = append(errs, t.read(debug, ".symtab", 0))
			t.finish()
		}
		if debug == f && !f.HasSection(".symtab") {
			errs = append(errs, t.readMini(f))
		}
		if debug == f && f.HasSection(".dynsym") {
			errs = append(errs, t.read(f, ".dynsym", inDynstr), t.readVersions(f))
			t.finish()
		}
		if f.HasSection(".dynsym") {
			errs = append(errs, t.readPLT(f))
		}
		t.link()
		return nil
	})
	if err := errors.Join(append(errs, err)...); err != nil && len(t.entries) == 0 {
		return nil, fmt.Errorf("symbols of %s: %w", f.Path(), err)
	}
	return &Table{src: t}, nil
}

// readMini reads the symbols of .gnu_debugdata, if there are any.
func (t *elfTable) readMini(f *objfile.File) error {
	mini, err := f.MiniDebug()
	if err != nil {
		if errors.Is(err, objfile.ErrNoMiniDebug) {
			return nil
		}
		return err
	}
	// It is in memory, where the table's names stay: nothing is to be closed.
	if !mini.HasSection(".symtab") {
		return nil
	}
	err = t.read(mini, ".symtab", 0)
	t.finish()
	return err
}

// symSize is the size of a symbol by class.
func symSize(f *objfile.File) int {
	if f.Is64() {
		return elf.Sym64Size
	}
	return elf.Sym32Size
}

// rawSym reads one symbol; b holds symSize bytes.
func rawSym(f *objfile.File, b []byte) elf.Sym64 {
	o := f.Order()
	if f.Is64() {
		return elf.Sym64{Name: o.Uint32(b), Info: b[4], Other: b[5], Shndx: o.Uint16(b[6:]), Value: o.Uint64(b[8:]), Size: o.Uint64(b[16:])}
	}
	return elf.Sym64{Name: o.Uint32(b), Value: uint64(o.Uint32(b[4:])), Size: uint64(o.Uint32(b[8:])), Info: b[12], Other: b[13], Shndx: o.Uint16(b[14:])}
}

// symbolSection gives the raw symbols of a section and their string table.
func symbolSection(f *objfile.File, name string) (syms, strs []byte, err error) {
	h, _ := f.SectionHeader(name)
	if syms, err = f.Section(name); err != nil {
		return nil, nil, err
	}
	strs, err = f.Data(int(h.Link))
	return syms, strs, err
}

func (t *elfTable) read(f *objfile.File, section string, flags uint8) error {
	syms, strs, err := symbolSection(f, section)
	if err != nil {
		return err
	}
	t.strings[flags&inDynstr] = strs
	size := symSize(f)
	sections := f.Sections()
	known := t.entries
	t.entries = slices.Grow(t.entries, len(syms)/size)
	for i := 0; (i+1)*size <= len(syms); i++ {
		s := rawSym(f, syms[i*size:])
		if !wanted(f, sections, &s, strs) {
			continue
		}
		if f.Type() == elf.ET_REL && int(s.Shndx) < len(sections) {
			s.Value += sections[s.Shndx].Addr
		}
		if f.Machine() == elf.EM_ARM && elf.ST_TYPE(s.Info) == elf.STT_FUNC {
			s.Value &^= 1 // the Thumb flag
		}
		end := s.Value + s.Size
		if end < s.Value {
			end = s.Value
		}
		flags := flags
		if elf.ST_VISIBILITY(s.Other) == elf.STV_HIDDEN {
			flags |= isHidden
		}
		e := elfEntry{addr: s.Value, end: end, name: s.Name, up: int32(len(t.entries)), section: s.Shndx, info: s.Info, flags: flags}
		if !t.has(known, e.addr, cString(strs, s.Name)) {
			t.entries = append(t.entries, e)
		}
	}
	return nil
}

// has reports whether the sorted entries have one of that address and name.
func (t *elfTable) has(known []elfEntry, addr uint64, name []byte) bool {
	i := sort.Search(len(known), func(i int) bool { return known[i].addr >= addr })
	for ; i < len(known) && known[i].addr == addr; i++ {
		if bytes.Equal(cString(t.strings[known[i].flags&inDynstr], known[i].name), name) {
			return true
		}
	}
	return false
}

// wanted is perf's filter: functions and objects, and labels in text and data; all of them in memory.
func wanted(f *objfile.File, sections []objfile.Section, s *elf.Sym64, strs []byte) bool {
	idx := elf.SectionIndex(s.Shndx)
	if s.Name == 0 || uint64(s.Name) >= uint64(len(strs)) || strs[s.Name] == 0 || idx == elf.SHN_UNDEF || int(idx) >= len(sections) {
		return false
	}
	sec := &sections[idx]
	if sec.Flags&elf.SHF_ALLOC == 0 || isMappingSymbol(f.Machine(), strs[s.Name:]) {
		return false
	}
	switch elf.ST_TYPE(s.Info) {
	case elf.STT_FUNC, elf.STT_GNU_IFUNC, elf.STT_OBJECT:
		return true
	case elf.STT_NOTYPE:
		vis := elf.ST_VISIBILITY(s.Other)
		return vis != elf.STV_HIDDEN && vis != elf.STV_INTERNAL && (strings.Contains(sec.Name, "text") || strings.Contains(sec.Name, "data"))
	}
	return false
}

// isMappingSymbol tells the names that ARM's tools use to mark code and data: "$x", "$d.12".
func isMappingSymbol(m elf.Machine, name []byte) bool {
	if m != elf.EM_ARM && m != elf.EM_AARCH64 || len(name) < 3 || name[0] != '$' {
		return false
	}
	return bytes.IndexByte([]byte("adtx"), name[1]) >= 0 && (name[2] == 0 || name[2] == '.')
}

func (t *elfTable) len() int          { return len(t.entries) }
func (t *elfTable) addr(i int) uint64 { return t.entries[i].addr }

func (t *elfTable) find(addr uint64) int {
	i := sort.Search(len(t.entries), func(i int) bool { return t.entries[i].addr > addr }) - 1
	for i >= 0 {
		e := &t.entries[i]
		if addr < e.end || addr == e.addr {
			return i
		}
		i = int(e.up)
	}
	return -1
}

func (t *elfTable) name(i int) []byte {
	e := &t.entries[i]
	tab := t.strings[e.flags&inDynstr]
	n := cString(tab, e.name)
	if e.flags&isPLT != 0 {
		return append(n[:len(n):len(n)], "@plt"...)
	}
	return n
}

// named compares without a search for the name's end.
func (t *elfTable) named(i int, want string) bool {
	e := &t.entries[i]
	tab := t.strings[e.flags&inDynstr]
	if end := uint64(e.name) + uint64(len(want)); e.flags&isPLT == 0 && end < uint64(len(tab)) && tab[end] != '@' {
		return tab[end] == 0 && string(tab[e.name:end]) == want
	}
	return sameName(t.name(i), want)
}

func cString(tab []byte, off uint32) []byte {
	if uint64(off) >= uint64(len(tab)) {
		return nil
	}
	if end := bytes.IndexByte(tab[off:], 0); end >= 0 {
		return tab[off : int(off)+end]
	}
	return tab[off:]
}

func (t *elfTable) symbol(i int) Symbol {
	e := &t.entries[i]
	s := Symbol{
		Name: string(t.name(i)), Addr: e.addr, Size: e.end - e.addr, Section: int(e.section),
		Type: Type(e.info & 0xf), Bind: Bind(e.info >> 4), Shadow: e.flags&shadowed != 0, PLT: e.flags&isPLT != 0,
		Hidden: e.flags&isHidden != 0,
	}
	if !s.PLT {
		if base, v, ok := strings.Cut(s.Name, "@"); ok && base != "" {
			s.Version = strings.TrimPrefix(v, "@")
		} else if e.flags&inDynstr != 0 {
			s.Version = t.versions[e.name]
		}
	}
	return s
}
