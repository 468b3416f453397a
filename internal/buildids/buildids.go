// Package buildids lists the build-ids of a recording and packs the files that they stand for.
package buildids

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/sampletext"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/session"
	"github.com/gperf-dev/gperf/symbolize"
)

// Build is one file of a recording.
type Build struct {
	Name string // path, "[kernel.kallsyms]", "[vdso]", or what perf calls a mapping without a file
	ID   []byte // nil if the recording does not tell it
	Hit  bool   // a sample lies in it
}

// builds collects files in the order in which they show up.
type builds struct {
	list []*Build
	at   map[string]*Build // by name and id
	bare map[string]*Build // by name, of records without an id
}

func (b *builds) add(name string, id []byte) *Build {
	if id == nil {
		if n := b.bare[name]; n != nil {
			return n
		}
	}
	key := name + "\x00" + string(id)
	n := b.at[key]
	if n == nil {
		n = &Build{Name: name, ID: id}
		b.list = append(b.list, n)
		b.at[key] = n
		if b.bare[name] == nil {
			b.bare[name] = n
		}
	}
	return n
}

// Of reads which files a recording is of: those that its header lists or, with hits, those in which samples lie, for which all records are read. Of
// a stream it is all that it lists and all in which samples lie. What was found before an error comes back with it.
func Of(r *perfdata.Reader, hits bool) ([]*Build, error) {
	b := &builds{at: map[string]*Build{}, bare: map[string]*Build{}}
	var err error
	b.header(r)
	if hits || r.Info().Stream {
		err = b.samples(r)
		b.header(r) // what a stream told at its end
	}
	list := slices.DeleteFunc(b.list, func(n *Build) bool { return !n.Hit && (hits || n.ID == nil) })
	return list, err
}

func (b *builds) header(r *perfdata.Reader) {
	list := r.Features().BuildIDs
	for i := range list {
		n := b.add(list[i].Filename, list[i].Bytes())
		if bare := b.bare[n.Name]; bare != n && bare.ID == nil { // of a stream, whose ids come behind the samples
			n.Hit = n.Hit || bare.Hit
			bare.Hit = false
		}
	}
}

// samples marks the files in which samples lie.
func (b *builds) samples(r *perfdata.Reader) error {
	s, err := session.New(session.File(r), session.Options{Records: []record.Type{record.TypeMmap, record.TypeMmap2}})
	if err != nil {
		return err
	}
	var batch session.Batch
	var sample record.Sample
	marked := map[*session.Mapping]bool{}
	for {
		if err := s.Next(&batch); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		for i := range batch.Items {
			it := &batch.Items[i]
			if it.Header.Type != record.TypeSample {
				b.mapped(it)
				continue
			}
			if it.Layout.DecodeSample(it.Bytes, &sample) != nil {
				continue // damaged
			}
			maps := it.Maps
			if it.Mode() == record.MiscKernel {
				maps = it.Kernel
			}
			if m := maps.Find(sample.IP); m != nil && !marked[m] {
				marked[m] = true
				b.add(fileName(m.Path), m.BuildID).Hit = true
			}
		}
		batch.Release()
	}
}

// mapped takes a file in the order of the mappings, as perf lists them.
func (b *builds) mapped(it *session.Item) {
	body, err := record.Decode(it.Layout, it.Bytes)
	if err != nil || it.Header.Misc&record.MiscMmapData != 0 {
		return
	}
	switch m := body.(type) {
	case *record.Mmap:
		b.add(fileName(m.Filename), nil)
	case *record.Mmap2:
		var id []byte
		if m.Misc&record.MiscMmapBuildID != 0 {
			id = m.BuildID[:min(int(m.BuildIDSize), len(m.BuildID))]
		}
		b.add(fileName(m.Filename), id)
	}
}

// fileName is the name under which a mapping's file stands in the header.
func fileName(path string) string {
	if strings.HasPrefix(path, symbolize.KernelModule) {
		return symbolize.KernelModule
	}
	return path
}

// List is the text of perf buildid-list.
func List(r *perfdata.Reader, hits bool) ([]byte, error) {
	list, err := Of(r, hits)
	var out []byte
	for _, b := range list {
		out = fmt.Appendf(out, "%-40x ", b.ID)
		out = append(sampletext.AppendEscaped(out, b.Name), '\n')
	}
	return out, err
}

// KernelMaps is the text of perf buildid-list -m: the running kernel and its modules, with the addresses that kallsyms has of them. root is the root
// of a file system with /proc and /sys.
func KernelMaps(root fs.FS) ([]byte, error) {
	notes, err := fs.ReadFile(root, "sys/kernel/notes")
	if err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(root, "proc/kallsyms")
	if err != nil {
		return nil, err
	}
	table, err := symtab.FromKallsyms(text)
	if err != nil {
		return nil, err
	}
	bounds := [2]uint64{}
	for i, name := range []string{"_stext", "_etext"} {
		for _, s := range table.Named(name) {
			bounds[i] = s.Addr
		}
	}
	out := fmt.Appendf(nil, "%x %16x %16x %s\n", objfile.ParseBuildIDNotes(notes), bounds[0], bounds[1], symbolize.KernelModule)
	modules, err := fs.ReadFile(root, "proc/modules")
	if err != nil {
		return out, nil // a kernel without modules
	}
	for line := range strings.Lines(string(modules)) {
		var name, state, deps string
		var size, refs, addr uint64
		if n, _ := fmt.Sscanf(line, "%s %d %d %s %s 0x%x", &name, &size, &refs, &deps, &state, &addr); n != 6 {
			continue
		}
		notes, err := fs.ReadFile(root, "sys/module/"+name+"/notes/.note.gnu.build-id")
		if err != nil {
			continue // gone since
		}
		out = fmt.Appendf(out, "%x %16x %16x [%s]\n", objfile.ParseBuildIDNotes(notes), addr, addr+size, name)
	}
	return out, nil
}
