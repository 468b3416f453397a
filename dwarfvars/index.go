package dwarfvars

import (
	"github.com/gperf-dev/gperf/internal/cache"
	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// minIndexed is how long .debug_info must be for an index to pay: a scan reads 1 MB in a millisecond.
const minIndexed = 1 << 20

// fileIndex is the index of a file's units, kept in the cache.
type fileIndex struct {
	store cache.Store
	id    cache.Identity
	able  bool // there may be an index
	file  *cache.File
	made  []dwarfunit.IndexTable // that IndexInMemory made
}

// useIndex takes the index that the cache has of the file, if it has one.
func (i *Info) useIndex(o Options) {
	x := &i.index
	st := i.debug.Stat()
	if o.indexFrom == 0 {
		o.indexFrom = minIndexed
	}
	if o.Cache == "" || st == nil || !i.data.OneFile() || len(i.data.Info) < o.indexFrom {
		return
	}
	if x.id, x.able = cache.IdentityOf(st, i.debug.BuildID()); !x.able {
		return
	}
	x.store = cache.Store{Dir: o.Cache, Kind: "index", Version: dwarfunit.IndexVersion}
	f, err := x.store.Load(x.id)
	if err != nil {
		return // none, or one that is not to be trusted: the units are read
	}
	if i.data.UseIndex(f.Table) != nil {
		_ = f.Close() // mapped for reading
		return
	}
	x.file = f
}

// IndexInMemory makes an index for many names that are looked up one after the other, each of which would search all units. It costs as
// much as two searches or three, and nothing where there is an index, or the file is small. It is not for use beside other calls; errors
// leave all as it was.
func (i *Info) IndexInMemory() error {
	if i.data.Indexed() || !i.data.OneFile() || len(i.data.Info) < minIndexed {
		return nil
	}
	made, err := i.data.BuildIndex(i.workers)
	if err != nil {
		return i.wrap(err)
	}
	if err := i.data.UseIndex(func(tag string) ([]byte, error) {
		for _, t := range made {
			if t.Tag == tag {
				return t.Data, nil
			}
		}
		return nil, cache.ErrNone
	}); err != nil {
		return i.wrap(err)
	}
	i.index.made = made
	return nil
}

// SaveIndex writes an index of the file's functions to the directory of Options.Cache, unless there is one that is right. The next
// Open finds names by it instead of searching all units. It takes as long as a search or two, so it is for when the
// answer has been given. Errors say why there will be none; all else works without.
func (i *Info) SaveIndex() error {
	x := &i.index
	if !x.able || i.data.Indexed() && x.made == nil {
		return nil
	}
	// An index takes a hundredth of the units; this much is there in any case.
	if err := x.store.Writable(int64(len(i.data.Info)) / 16); err != nil {
		return err
	}
	made := x.made
	if made == nil {
		var err error
		if made, err = i.data.BuildIndex(i.workers); err != nil {
			return i.wrap(err)
		}
	}
	tables := make([]cache.Table, len(made))
	for k, t := range made {
		tables[k] = cache.Table{Tag: t.Tag, Data: t.Data}
	}
	return x.store.Save(x.id, tables)
}

// Indexed tells whether names are found by an index from the cache.
func (i *Info) Indexed() bool { return i.data.Indexed() }
