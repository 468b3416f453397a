package buildids

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/gperf-dev/gperf/internal/buildidcache"
	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/symbolize"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// Packed tells what an archive holds.
type Packed struct {
	Builds  int      // whose file or symbols are in it
	Bytes   int64    // of files, before compression
	Missing []string // names of those that are not on this machine any more
}

// Pack writes an archive (tar, gzip) of the files, their separate debug files and the kernel's symbols, laid out as the build-id cache is: unpacked
// there, a recording can be read where these files are not. Builds without an id are left out.
func Pack(w io.Writer, list []*Build, cache *buildidcache.Cache) (Packed, error) {
	zip := gzip.NewWriter(w)
	p := packer{tar: tar.NewWriter(zip), cache: cache}
	for _, b := range list {
		if err := p.build(b); err != nil {
			return p.Packed, err
		}
	}
	return p.Packed, errors.Join(p.tar.Close(), zip.Close())
}

type packer struct {
	Packed
	tar   *tar.Writer
	cache *buildidcache.Cache
}

func (p *packer) build(b *Build) error {
	id := hex.EncodeToString(b.ID)
	dir, err := buildidcache.EntryDir(b.Name, id)
	if err != nil {
		return nil // no file: anonymous memory, or a name that leads elsewhere
	}
	kind := buildidcache.FileName(b.Name)
	path, content := p.find(b, id, kind)
	debug := ""
	if kind == "elf" {
		if d, _, err := debugfile.ByBuildID(b.ID, debugfile.Options{Section: ".symtab", Cache: p.cache.Dir}); err == nil && d != path {
			debug = d
		}
	}
	if path == "" && content == nil && debug == "" {
		p.Missing = append(p.Missing, b.Name)
		return nil
	}
	p.Builds++
	switch {
	case content != nil:
		err = p.bytes(dir+"/"+kind, content)
	case path != "":
		err = p.file(dir+"/"+kind, path)
	}
	if err == nil && debug != "" && filepath.Base(debug) != "elf" {
		err = p.file(dir+"/debug", debug)
	}
	if err != nil {
		return err
	}
	return p.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: buildidcache.LinkName(id), Linkname: "../../" + dir, Mode: 0o777})
}

// find gives the file of a build, or its content where it is no file: at its place if the same build is still there, else out of the cache.
func (p *packer) find(b *Build, id, kind string) (path string, content []byte) {
	switch b.Name {
	case symbolize.KernelModule:
		if slices.Equal(debugfile.KernelBuildID(), b.ID) {
			if text, err := os.ReadFile("/proc/kallsyms"); err == nil {
				return "", text
			}
		}
	case objfile.VDSOName:
		if f, err := objfile.VDSO(); err == nil {
			defer f.Close()
			if slices.Equal(f.BuildID(), b.ID) {
				return "", bytes.Clone(f.Bytes())
			}
		}
	default:
		if have, err := buildidcache.FileID(b.Name); err == nil && filepath.IsAbs(b.Name) && slices.Equal(have, b.ID) {
			return b.Name, nil
		}
	}
	return p.cache.Find(id, kind), nil
}

func (p *packer) bytes(name string, content []byte) error {
	if err := p.header(name, int64(len(content))); err != nil {
		return err
	}
	_, err := p.tar.Write(content)
	return err
}

func (p *packer) file(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if err := p.header(name, st.Size()); err != nil {
		return err
	}
	_, err = io.Copy(p.tar, f)
	return err
}

func (p *packer) header(name string, size int64) error {
	p.Bytes += size
	return p.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644})
}
