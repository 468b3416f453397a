package dwarfvars

import (
	"debug/elf"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/arch"
	"github.com/gperf-dev/gperf/internal/dwarffile"
	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// Options say how to open debug information. The zero value is perf's behaviour.
type Options struct {
	Root    string // directory in which debug files are looked for instead of /; perf's --symfs
	NoFind  bool   // take the file's own DWARF only; look for no separate debug file
	Workers int    // how many units are read at a time; 0: one per CPU
	Cache   string // directory with indexes of large files; "" for none. SaveIndex adds to it
	// Fetch gets the file with debug information for a build-id from elsewhere, when no place on this machine has it;
	// see package debuginfod. nil: nothing is fetched.
	Fetch func(buildID []byte) (path string, err error)

	indexFrom int // from how many bytes of debug information on it is indexed; 0: minIndexed. For tests
}

func (o *Options) debugfile() debugfile.Options {
	return debugfile.Options{Root: o.Root, Fetch: o.Fetch}
}

// Info is the debug information of one file. Its methods may be called concurrently.
type Info struct {
	file    *objfile.File   // what was asked for; has .eh_frame
	debug   *objfile.File   // what has the DWARF; often the same
	units   *dwarffile.File // with what lies in other files; nil until loaded
	data    *dwarfunit.Data // of units
	machine *arch.Machine
	frames  []*dwarfunit.FrameTable
	workers int
	names   nameList
	lines   lineTables
	index   fileIndex
	symbols fileSymbols
}

// Open maps the file and its debug information, which may be in a separate file.
// The error is a *NoDebugInfoError if there is none. The caller closes the Info.
func Open(path string, o Options) (*Info, error) {
	file, err := objfile.Open(path)
	if err != nil {
		return nil, err
	}
	return openFile(file, path, o)
}

// openFile takes the file over: it is closed with the Info, or at once if there is an error.
func openFile(file *objfile.File, path string, o Options) (*Info, error) {
	i := &Info{file: file, debug: file, workers: o.Workers}
	if err := i.open(path, o); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

func (i *Info) open(path string, o Options) error {
	var err error
	if i.machine, err = arch.ForMachine(i.file.Machine()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if !i.file.HasSection(".debug_info") {
		if err := i.find(path, o); err != nil {
			return err
		}
	}
	return i.load(o)
}

func (i *Info) find(path string, o Options) error {
	none := &NoDebugInfoError{Path: path, BuildID: i.file.BuildID()}
	if o.NoFind {
		return none
	}
	if o.Root != "" { // a file below it is named by its whole path here
		path = strings.TrimPrefix(path, o.Root)
	}
	found, tried, err := debugfile.Find(path, o.debugfile())
	none.Tried = tried
	if err != nil || found == "" {
		return none
	}
	debug, err := objfile.Open(found)
	if err != nil {
		return err
	}
	i.debug = debug
	if !debug.HasSection(".debug_info") {
		return none
	}
	if debug.Machine() != i.file.Machine() {
		return fmt.Errorf("%s: made for %v, not for %v as %s", found, debug.Machine(), i.file.Machine(), path)
	}
	return nil
}

// loadFrames takes the call frame information as perf does: .eh_frame, then .debug_frame. A
// separate debug file has the former without contents.
func (i *Info) loadFrames() error {
	for _, name := range []string{".eh_frame", ".debug_frame"} {
		for _, f := range []*objfile.File{i.file, i.debug} {
			h, ok := f.SectionHeader(name)
			if !ok || h.Type == elf.SHT_NOBITS {
				continue
			}
			b, err := f.Section(name)
			if err != nil {
				return err
			}
			if f.Type() == elf.ET_REL {
				b = slices.Clone(b)
				f.Relocate(h.Index, b, 0)
			}
			i.frames = append(i.frames, dwarfunit.NewFrameTable(dwarfunit.FrameSection{Data: b, Addr: h.Addr, EH: name == ".eh_frame"}))
			break
		}
	}
	return nil
}

// Close unmaps the files. Nothing returned by Info's methods refers to them.
func (i *Info) Close() error {
	err := i.file.Close()
	if i.debug != i.file {
		err = errors.Join(err, i.debug.Close())
	}
	if i.units != nil {
		err = errors.Join(err, i.units.Close())
	}
	if i.index.file != nil {
		err = errors.Join(err, i.index.file.Close())
	}
	return err
}

// Path returns the path of the file that holds the DWARF.
func (i *Info) Path() string { return i.debug.Path() }

// Machine returns the file's machine, by which DWARF register numbers are read.
func (i *Info) Machine() elf.Machine { return i.machine.ELF }

// wrap names the file in an error about its bytes.
func (i *Info) wrap(err error) error {
	var format *dwarfunit.FormatError
	if errors.As(err, &format) {
		return fmt.Errorf("%s: %w", i.debug.Path(), err)
	}
	return err
}
