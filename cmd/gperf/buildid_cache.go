package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/buildidcache"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// cacheFlags is what gperf buildid-cache is asked for.
type cacheFlags struct {
	add, remove, purge, update string // lists with commas
	kcore, missing             string
	purgeAll, list, force      bool
	verbose, targetNS          int
	cache                      *buildidcache.Cache
	a                          *app
}

func newBuildIDCacheCommand(a *app) *cobra.Command {
	f := &cacheFlags{a: a}
	c := &cobra.Command{
		Use:   "buildid-cache [OPTIONS]",
		Short: "keep copies of programs by build-id, in ~/.debug",
		Args:  cobra.ArbitraryArgs,
	}
	l := c.Flags()
	l.StringVarP(&f.add, "add", "a", "", "`files` to put into the cache, with commas between them")
	l.StringVarP(&f.remove, "remove", "r", "", "`files` whose present build is to be removed")
	l.StringVarP(&f.purge, "purge", "p", "", "`files` of which all builds are to be removed")
	l.BoolVarP(&f.purgeAll, "purge-all", "P", false, "remove all")
	l.StringVarP(&f.update, "update", "u", "", "`files` to copy anew")
	l.StringVarP(&f.kcore, "kcore", "k", "", "kcore `file` to add: not there yet")
	l.StringVarP(&f.missing, "missing", "M", "", "list what of a recording, `file`, is not in the cache")
	l.BoolVarP(&f.list, "list", "l", false, "list the builds whose file is still the same")
	l.BoolVarP(&f.force, "force", "f", false, "read a recording that belongs to another user")
	l.CountVarP(&f.verbose, "verbose", "v", "tell what is done")
	l.IntVar(&f.targetNS, "target-ns", 0, "process, `pid`, whose paths are meant")
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 || f.add+f.remove+f.purge+f.update+f.kcore+f.missing == "" && !f.purgeAll && !f.list {
			return usageErrorOf(c, errors.New("say what to do with the cache: -a, -r, -p, -P, -u, -M or -l"))
		}
		return f.run()
	}
	return c
}

func (f *cacheFlags) run() error {
	if f.kcore != "" {
		return &exitError{255, "-k: copies of /proc/kcore are not there yet", "'perf buildid-cache -k' makes one, which gperf leaves as it is"}
	}
	var err error
	if f.cache, err = buildidcache.Default(); err != nil {
		return err
	}
	if f.list {
		return f.printList()
	}
	f.each(f.add, "add", "Adding", f.cache.Add)
	f.each(f.remove, "remove", "Removing", func(s buildidcache.Source) error { return f.cache.Remove(hex.EncodeToString(s.ID)) })
	f.purgePaths()
	if f.purgeAll {
		if err := f.purgeEverything(); err != nil {
			return err
		}
	}
	if f.missing != "" {
		if err := f.printMissing(); err != nil {
			return err
		}
	}
	f.each(f.update, "update", "Updating", func(s buildidcache.Source) error {
		if err := f.cache.Remove(hex.EncodeToString(s.ID)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return f.cache.Add(s)
	})
	return nil
}

func (f *cacheFlags) printList() error {
	entries, err := f.cache.Valid()
	for _, e := range entries {
		if _, err := fmt.Fprintln(f.a.out, e.ID, shown(e.Name)); err != nil {
			return err
		}
	}
	return err
}

// printMissing lists the builds of a recording that are not in the cache.
func (f *cacheFlags) printMissing() error {
	in := recordingFlags{input: f.missing, force: f.force}
	return in.read(f.a, func(r *perfdata.Reader) []byte {
		var out []byte
		for i := range r.Features().BuildIDs {
			b := &r.Features().BuildIDs[i]
			if id := hex.EncodeToString(b.Bytes()); f.cache.Find(id, buildidcache.FileName(b.Filename)) == "" {
				out = fmt.Appendf(out, "%s %s\n", id, shown(b.Filename))
			}
		}
		return out
	})
}
