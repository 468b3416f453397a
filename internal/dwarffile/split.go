package dwarffile

import (
	"fmt"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// loadSplit adds the units that the compiler put into .dwo files, from a .dwp file if there is one. Without them, what is there can
// still be used.
func (f *File) loadSplit() error {
	skeletons, err := f.Data.Skeletons()
	if err != nil || len(skeletons) == 0 {
		return f.wrap(err)
	}
	if err := f.loadPackage(skeletons); err != nil {
		return err
	}
	if skeletons, err = f.Data.Skeletons(); err != nil { // those that are left
		return f.wrap(err)
	}
	opened := map[string]bool{}
	for _, k := range skeletons {
		if err := f.loadDwo(k, skeletons, opened); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) loadDwo(k dwarfunit.Skeleton, all []dwarfunit.Skeleton, opened map[string]bool) error {
	path, tried := debugfile.Split(f.program.Path(), k.CompDir, k.Name, f.o.Find)
	if path == "" {
		f.addMissing(k.Name, tried)
		return nil
	}
	if opened[path] {
		return nil
	}
	opened[path] = true
	split, err := f.open(path)
	if err != nil {
		return err
	}
	s, err := f.sectionsOf(split, ".dwo")
	if err != nil {
		return err
	}
	joined, err := f.Data.AddSplit(s, path, all)
	if err == nil && joined == 0 {
		f.addMissing(k.Name, []string{path + " (of another build)"})
	}
	return err
}

func (f *File) addMissing(name string, tried []string) {
	if f.Missing == nil {
		f.Missing = &Missing{Dwo: name, Tried: tried}
	}
	f.Missing.Count++
}

// loadPackage adds what a .dwp file beside the program has of the skeletons.
func (f *File) loadPackage(skeletons []dwarfunit.Skeleton) error {
	path := debugfile.Package(f.program.Path(), f.debug.Path())
	if path == "" {
		return nil
	}
	split, err := f.open(path)
	if err != nil {
		return err
	}
	s, err := f.sectionsOf(split, ".dwo")
	if err != nil {
		return err
	}
	for _, index := range []string{".debug_cu_index", ".debug_tu_index"} {
		b, err := section(split, index)
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
			if _, err := f.Data.AddSplit(units[k].Of(&s), path, skeletons); err != nil {
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
