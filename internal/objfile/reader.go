package objfile

import (
	"debug/elf"
	"io"
	"os"
)

// Stat describes the file as it was when it was mapped; nil if it came from memory or was decompressed.
func (f *File) Stat() os.FileInfo { return f.info }

// WithReader calls use with a reader of a section, for what touches a few bytes here and there of a section so large that
// mapping the pages would take longer than reading. It does not where the section is compressed, or the file is no
// longer the one that was mapped.
func (f *File) WithReader(section string, use func(io.ReaderAt)) {
	s, ok := f.byName[section]
	if !ok || f.info == nil || f.sections[s].Flags&elf.SHF_COMPRESSED != 0 {
		return
	}
	file, err := os.Open(f.path)
	if err != nil {
		return
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil || !os.SameFile(st, f.info) || st.Size() != f.info.Size() || !st.ModTime().Equal(f.info.ModTime()) {
		return
	}
	use(io.NewSectionReader(file, int64(f.sections[s].Offset), int64(f.sections[s].Size)))
}
