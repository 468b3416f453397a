package symtab

import (
	"github.com/gperf-dev/gperf/internal/objfile"
)

// versionHidden marks a version that is not the default one.
const versionHidden = 0x8000

// readVersions notes the version of each defined dynamic symbol, by its name's place in .dynstr. Two versions of one name share a string only
// if the linker merged them; then the default one is kept.
func (t *elfTable) readVersions(f *objfile.File) error {
	if !f.HasSection(".gnu.version") || !f.HasSection(".gnu.version_d") {
		return nil
	}
	index, err := f.Section(".gnu.version")
	if err != nil {
		return err
	}
	names, err := versionNames(f)
	if err != nil {
		return err
	}
	syms, _, err := symbolSection(f, ".dynsym")
	if err != nil {
		return err
	}
	t.versions = make(map[uint32]string)
	size := symSize(f)
	for i := 0; (i+1)*size <= len(syms) && 2*i+2 <= len(index); i++ {
		s, v := rawSym(f, syms[i*size:]), f.Order().Uint16(index[2*i:])
		if s.Shndx == 0 || v&^versionHidden < 2 {
			continue
		}
		if _, have := t.versions[s.Name]; !have || v&versionHidden == 0 {
			t.versions[s.Name] = names[v&^versionHidden]
		}
	}
	return nil
}

// versionNames reads .gnu.version_d: the versions that the file defines, by number.
func versionNames(f *objfile.File) (map[uint16]string, error) {
	h, _ := f.SectionHeader(".gnu.version_d")
	b, err := f.Section(".gnu.version_d")
	if err != nil {
		return nil, err
	}
	strs, err := f.Data(int(h.Link))
	if err != nil {
		return nil, err
	}
	o := f.Order()
	names := make(map[uint16]string)
	for range len(b) / 20 {
		if len(b) < 20 {
			break
		}
		aux, next := o.Uint32(b[12:]), o.Uint32(b[16:])
		if uint64(aux)+4 <= uint64(len(b)) {
			names[o.Uint16(b[4:])] = string(cString(strs, o.Uint32(b[aux:])))
		}
		if next == 0 || uint64(next) > uint64(len(b)) {
			break
		}
		b = b[next:]
	}
	return names, nil
}
