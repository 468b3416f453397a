package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/gperf-dev/gperf/internal/buildidcache"
)

// each does one thing with each file of a list. As in perf a file that fails is told, and the others are done.
func (f *cacheFlags) each(list, verb, doing string, do func(buildidcache.Source) error) {
	for _, path := range words(list) {
		s, err := buildidcache.File(f.root(), path)
		if err == nil {
			err = do(s)
			f.tell("%s %x %s: %s", doing, s.ID, path, outcome(err))
		}
		var errno syscall.Errno
		switch {
		case err == nil:
		case verb != "add" && errors.Is(err, fs.ErrNotExist) && s.ID != nil:
			f.warn("%s wasn't in the cache", path)
		case errors.As(err, &errno):
			f.warn("Couldn't %s %s: %s", verb, path, strings.ToUpper(errno.Error()[:1])+errno.Error()[1:])
		default:
			f.warn("Couldn't %s %s: %v", verb, path, err)
		}
	}
}

func (f *cacheFlags) purgePaths() {
	for _, path := range words(f.purge) {
		name := path
		if s, err := buildidcache.File(f.root(), path); err == nil {
			name = s.Name
		}
		_, err := f.cache.Purge(name)
		f.tell("Purging %s: %s", path, outcome(err))
		if err != nil {
			f.warn("Couldn't remove some caches for %s: %v", path, err)
		}
	}
}

func (f *cacheFlags) purgeEverything() error {
	all, err := f.cache.All()
	for _, e := range all {
		if err == nil {
			err = f.cache.Remove(e.ID)
			f.tell("Removing %s (%s): %s", e.Name, e.ID, outcome(err))
		}
	}
	f.tell("Purged all: %s", outcome(err))
	return err
}

func outcome(err error) string {
	if err != nil {
		return "FAIL"
	}
	return "Ok"
}

// root is where paths begin.
func (f *cacheFlags) root() string {
	if f.targetNS > 0 {
		return fmt.Sprintf("/proc/%d/root", f.targetNS)
	}
	return ""
}

func (f *cacheFlags) warn(format string, args ...any) {
	fmt.Fprintln(f.a.err, shown(fmt.Sprintf(format, args...)))
}

func (f *cacheFlags) tell(format string, args ...any) {
	if f.verbose > 0 {
		f.warn(format, args...)
	}
}
