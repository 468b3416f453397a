package symtab

import "github.com/gperf-dev/gperf/internal/objfile"

// FromELF reads the symbols of a file: .symtab and .dynsym, and names for the slots of .plt ("malloc@plt"). f stays open as long as the
// table is in use. A file without symbols gives an empty table.
func FromELF(f *objfile.File) (*Table, error) { return nil, nil }

// FromSeparate is FromELF with .symtab taken from a separate debug file of the same build.
func FromSeparate(f, debug *objfile.File) (*Table, error) { return nil, nil }
