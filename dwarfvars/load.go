package dwarfvars

import (
	"debug/elf"

	"github.com/gperf-dev/gperf/internal/dwarffile"
)

// load lists the units of the file with debug information, and of the files that this one names.
func (i *Info) load(o Options) error {
	if i.debug.Type() == elf.ET_REL && i.debug.CanRelocate() != nil {
		return &RelocatableError{Path: i.debug.Path()}
	}
	var err error
	if i.units, err = dwarffile.Load(i.file, i.debug, dwarffile.Options{Find: o.debugfile()}); err != nil {
		return err
	}
	i.data = i.units.Data
	i.useIndex(o)
	return i.loadFrames()
}
