package objfile

import (
	"debug/elf"
	"io"
	"os"
)

// Stat describes the file as it was when it was mapped; nil if it came from memory or was decompressed.
func (f *File) Stat() os.FileInfo { return f.info }

// SectionReader reads the bytes of a section. The caller closes it.
type SectionReader struct {
	io.ReaderAt
	io.Closer
}

// OpenSection opens the file once more, to read a section without mapping it: for a look at a few bytes here and there, or once at all of
// it, reading costs less than to map and unmap the pages. It is false where the section is compressed, or the file is no longer
// the one that was mapped.
func (f *File) OpenSection(section string) (SectionReader, bool) {
	s, ok := f.byName[section]
	if !ok || f.info == nil || f.sections[s].Flags&elf.SHF_COMPRESSED != 0 {
		return SectionReader{}, false
	}
	file, err := os.Open(f.path)
	if err != nil {
		return SectionReader{}, false
	}
	st, err := file.Stat()
	if err != nil || !os.SameFile(st, f.info) || st.Size() != f.info.Size() || !st.ModTime().Equal(f.info.ModTime()) {
		_ = file.Close() // opened for reading
		return SectionReader{}, false
	}
	return SectionReader{io.NewSectionReader(file, int64(f.sections[s].Offset), int64(f.sections[s].Size)), file}, true
}
