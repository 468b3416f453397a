package dwarfvars

import (
	"debug/elf"
	"fmt"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// load lists the units of the file with debug information, and of the files that this one names.
func (i *Info) load(o Options) error {
	if i.debug.Type() == elf.ET_REL && i.debug.CanRelocate() != nil {
		return &RelocatableError{Path: i.debug.Path()}
	}
	s, err := sectionsOf(i.debug, "")
	if err != nil {
		return err
	}
	if err := i.units(s); err != nil {
		return fmt.Errorf("%s: %w", i.debug.Path(), err)
	}
	if err := i.loadAlternate(o); err != nil {
		return err
	}
	if err := i.loadSplit(o); err != nil {
		return err
	}
	i.useIndex(o)
	return i.loadFrames()
}

// sectionsOf maps a file's sections; suffix is what follows their names in a split file.
func sectionsOf(f *objfile.File, suffix string) (s dwarfunit.Sections, err error) {
	for _, want := range []struct {
		name string
		to   *[]byte
	}{
		{".debug_info", &s.Info}, {".debug_abbrev", &s.Abbrev}, {".debug_str", &s.Str},
		{".debug_line_str", &s.LineStr}, {".debug_str_offsets", &s.StrOffsets}, {".debug_addr", &s.Addr}, {".debug_ranges", &s.Ranges},
		{".debug_rnglists", &s.RngLists}, {".debug_loc", &s.Loc}, {".debug_loclists", &s.LocLists},
		{".debug_aranges", &s.ARanges}, {".debug_line", &s.Line},
	} {
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

// openMore opens a file that belongs to the debug information; it is closed with the Info.
func (i *Info) openMore(path string) (*objfile.File, error) {
	f, err := objfile.Open(path)
	if err == nil {
		i.more = append(i.more, f)
	}
	return f, err
}

// loadAlternate adds the file into which dwz moved what several files share. Without it, what is there can still be used.
func (i *Info) loadAlternate(o Options) error {
	name, id, ok := i.debug.AltLink()
	if !ok {
		return nil
	}
	path, _, err := debugfile.Alternate(i.debug.Path(), name, id, o.debugfile())
	if err != nil {
		i.alt = err
		return nil
	}
	f, err := i.openMore(path)
	if err != nil {
		return err
	}
	s, err := sectionsOf(f, "")
	if err != nil {
		return err
	}
	if err := i.data.AddAlternate(s, path); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// loadSplit adds the units that the compiler put into .dwo files, from a .dwp file if there is one. Without them, what is there can
// still be used.
func (i *Info) loadSplit(o Options) error {
	skeletons, err := i.data.Skeletons()
	if err != nil || len(skeletons) == 0 {
		return i.wrap(err)
	}
	if err := i.loadPackage(skeletons, o); err != nil {
		return err
	}
	if skeletons, err = i.data.Skeletons(); err != nil { // those that are left
		return i.wrap(err)
	}
	opened := map[string]bool{}
	for _, k := range skeletons {
		if err := i.loadDwo(k, skeletons, opened, o); err != nil {
			return err
		}
	}
	return nil
}

func (i *Info) loadDwo(k dwarfunit.Skeleton, all []dwarfunit.Skeleton, opened map[string]bool, o Options) error {
	path, tried := debugfile.Split(i.file.Path(), k.CompDir, k.Name, o.debugfile())
	if path == "" {
		i.addMissing(k.Name, tried)
		return nil
	}
	if opened[path] {
		return nil
	}
	opened[path] = true
	f, err := i.openMore(path)
	if err != nil {
		return err
	}
	s, err := sectionsOf(f, ".dwo")
	if err != nil {
		return err
	}
	joined, err := i.data.AddSplit(s, path, all)
	if err == nil && joined == 0 {
		i.addMissing(k.Name, []string{path + " (of another build)"})
	}
	return err
}

func (i *Info) addMissing(name string, tried []string) {
	if i.missing == nil {
		i.missing = &SplitError{Path: i.Path(), Dwo: name, Tried: tried}
	}
	i.missing.Count++
}

// loadPackage adds what a .dwp file beside the program has of the skeletons.
func (i *Info) loadPackage(skeletons []dwarfunit.Skeleton, o Options) error {
	path := debugfile.Package(i.file.Path(), i.debug.Path())
	if path == "" {
		return nil
	}
	f, err := i.openMore(path)
	if err != nil {
		return err
	}
	s, err := sectionsOf(f, ".dwo")
	if err != nil {
		return err
	}
	for _, index := range []string{".debug_cu_index", ".debug_tu_index"} {
		b, err := section(f, index)
		if err != nil || b == nil {
			continue
		}
		units, err := dwarfunit.ParsePackage(index, b)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if index == ".debug_cu_index" {
			units = inOrder(units, skeletons)
		}
		for k := range units {
			if _, err := i.data.AddSplit(units[k].Of(&s), path, skeletons); err != nil {
				return err
			}
		}
	}
	return nil
}

// inOrder picks those of a package's units that belong to skeletons, in their order.
func inOrder(units []dwarfunit.PackageUnit, skeletons []dwarfunit.Skeleton) []dwarfunit.PackageUnit {
	byID := make(map[uint64]dwarfunit.PackageUnit, len(units))
	for _, u := range units {
		byID[u.ID] = u
	}
	var out []dwarfunit.PackageUnit
	for _, k := range skeletons {
		if u, ok := byID[k.ID]; ok {
			out = append(out, u)
			delete(byID, k.ID)
		}
	}
	return out
}
