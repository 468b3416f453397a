package dwarffile

import (
	"errors"
	"fmt"
	"io"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// minRead is how long .debug_info must be for reading of it to pay: small ones are mapped only.
const minRead = 1 << 20

// File is the debug information of one program.
type File struct {
	Data *dwarfunit.Data
	// Alternate is why the file that dwz made is not there; nil if it is, or none is needed. What is there can be used without.
	Alternate error
	Missing   *Missing // split files that are not there; nil if there are none. What is there can be used without

	program *objfile.File
	debug   *objfile.File   // what has the DWARF
	more    []*objfile.File // .dwo and .dwp files, dwz's alternate file
	reader  io.Closer       // of .debug_info; nil if it is mapped only
	o       Options
}

// Options say what of the debug information is wanted.
type Options struct {
	Find debugfile.Options // where the files are looked for that the debug information names
	// Functions leaves out what tells of lines and of where values are. It spares much work where sections are compressed.
	Functions bool
}

// Missing is what is known of split files that are not there.
type Missing struct {
	Dwo   string   // the first one, as the compiler called it
	Tried []string // where it was looked for
	Count int
}

// Load lists the units of debug, which is the program itself or the separate file that has its DWARF, and those of the files that it
// names. The files must stay open as long as the File is used. The caller closes it.
func Load(program, debug *objfile.File, o Options) (*File, error) {
	f := &File{program: program, debug: debug, o: o}
	if err := f.load(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (f *File) load() error {
	s, err := f.sectionsOf(f.debug, "")
	if err != nil {
		return err
	}
	if s.Relocate == nil && len(s.Info) >= minRead {
		if r, ok := f.debug.OpenSection(".debug_info"); ok {
			s.InfoReader, f.reader = r, r
		}
	}
	if f.Data, err = dwarfunit.New(s); err != nil {
		return f.wrap(err)
	}
	if err := f.loadAlternate(); err != nil {
		return err
	}
	return f.loadSplit()
}

// Close unmaps the files that Load opened.
func (f *File) Close() error {
	var errs []error
	if f.reader != nil {
		errs = append(errs, f.reader.Close())
	}
	for _, m := range f.more {
		errs = append(errs, m.Close())
	}
	return errors.Join(errs...)
}

func (f *File) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", f.debug.Path(), err)
}

// open opens a file that belongs to the debug information.
func (f *File) open(path string) (*objfile.File, error) {
	m, err := objfile.Open(path)
	if err == nil {
		f.more = append(f.more, m)
	}
	return m, err
}

// loadAlternate adds the file into which dwz moved what several files share.
func (f *File) loadAlternate() error {
	name, id, ok := f.debug.AltLink()
	if !ok {
		return nil
	}
	path, _, err := debugfile.Alternate(f.debug.Path(), name, id, f.o.Find)
	if err != nil {
		f.Alternate = err
		return nil
	}
	alt, err := f.open(path)
	if err != nil {
		return err
	}
	s, err := f.sectionsOf(alt, "")
	if err != nil {
		return err
	}
	if err := f.Data.AddAlternate(s, path); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
