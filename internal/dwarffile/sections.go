package dwarffile

import (
	"debug/elf"
	"fmt"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/objfile"
)

// sectionsOf maps a file's sections; suffix is what follows their names in a split file.
func (d *File) sectionsOf(f *objfile.File, suffix string) (s dwarfunit.Sections, err error) {
	for _, want := range []struct {
		name  string
		to    *[]byte
		extra bool // not of functions
	}{
		{".debug_info", &s.Info, false}, {".debug_abbrev", &s.Abbrev, false}, {".debug_str", &s.Str, false}, {".debug_line_str", &s.LineStr, false},
		{".debug_str_offsets", &s.StrOffsets, false}, {".debug_addr", &s.Addr, false}, {".debug_ranges", &s.Ranges, false},
		{".debug_rnglists", &s.RngLists, false}, {".debug_loc", &s.Loc, true}, {".debug_loclists", &s.LocLists, true},
		{".debug_aranges", &s.ARanges, false}, {".debug_line", &s.Line, true},
	} {
		if want.extra && d.o.Functions {
			continue
		}
		if *want.to, err = section(f, want.name+suffix); err != nil {
			return s, err
		}
	}
	index, err := moreUnits(f, suffix, &s)
	if f.Type() == elf.ET_REL && suffix == "" {
		s.Relocate = func(section string, dst []byte, off int) {
			if n, ok := index[section]; ok {
				f.Relocate(n, dst, off)
			} else if h, ok := f.SectionHeader(section); ok {
				f.Relocate(h.Index, dst, off)
			}
		}
	}
	return s, err
}

// moreUnits maps the sections of units beside the first: .debug_types, and those that an object file has in groups, which have all the same
// name. It returns the sections' numbers by the names given to them.
func moreUnits(f *objfile.File, suffix string, s *dwarfunit.Sections) (map[string]int, error) {
	index := map[string]int{}
	first := true
	for _, h := range f.Sections() {
		types := h.Name == ".debug_types"+suffix || h.Name == ".zdebug_types"+suffix
		info := h.Name == ".debug_info"+suffix || h.Name == ".zdebug_info"+suffix
		if info && first {
			first, info = false, false
		}
		if h.Type == elf.SHT_NOBITS || !types && !info {
			continue
		}
		b, err := f.Data(h.Index)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("%s[%d]", h.Name, h.Index)
		index[name] = h.Index
		s.More = append(s.More, dwarfunit.MoreUnits{Section: name, Data: b, Types: types})
	}
	return index, nil
}

func section(f *objfile.File, name string) ([]byte, error) {
	if !f.HasSection(name) {
		return nil, nil
	}
	return f.Section(name)
}
