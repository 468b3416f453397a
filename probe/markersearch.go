package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/glob"
	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/sdtnote"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/internal/synth"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// MarkerSearch says where to look for the file of a marker when none was named.
type MarkerSearch struct {
	System    fs.FS    // the machine's root directory, for proc
	Processes []int    // whose mapped files are searched; nil is all
	Programs  []string // files of programs to be started: they and their libraries come first
}

// Files returns the programs and libraries that have a marker of this provider and name, both may be globs. The error is a
// *MarkerFileError if there are none.
func (s *MarkerSearch) Files(ctx context.Context, provider, name string) ([]string, error) {
	provider = strings.TrimPrefix(provider, sdtnote.GroupPrefix)
	var found []string
	var others []sdtnote.Marker
	seen := make(map[file]bool)
	look := func(path string) {
		var st unix.Stat_t
		if unix.Stat(path, &st) != nil || seen[file{uint64(st.Dev), st.Ino}] {
			return
		}
		seen[file{uint64(st.Dev), st.Ino}] = true
		all := markersOf(path)
		if slices.ContainsFunc(all, func(m sdtnote.Marker) bool { return isMarker(&m, provider, name) }) {
			found = appendNew(found, path)
		}
		others = append(others, all...)
	}
	for _, program := range s.Programs {
		for _, path := range objfile.Linked(program) {
			look(path)
		}
	}
	if len(found) == 0 {
		err := s.mapped(func(path string) error {
			look(path)
			return ctx.Err()
		})
		if err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		return nil, &MarkerFileError{Name: sdtnote.GroupPrefix + provider + ":" + name, Programs: s.Programs, Searched: len(seen),
			Nearest: nearestMarkers(others, name)}
	}
	return found, nil
}

// markersOf reads one file's; one that cannot be read has none.
func markersOf(path string) []sdtnote.Marker {
	f, err := objfile.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	all, _ := sdtnote.Read(f) // what stands before a damaged note counts
	return all
}

// isMarker tells whether globs match a marker; no provider matches all.
func isMarker(m *sdtnote.Marker, provider, name string) bool {
	return (provider == "" || glob.Match(provider, m.Provider)) && glob.Match(name, m.Name)
}

// mapped calls yield once for each file that processes have mapped as code.
func (s *MarkerSearch) mapped(yield func(path string) error) error {
	seen := make(map[file]bool)
	emit := func(b record.Body) error {
		m, ok := b.(*record.Mmap2)
		if !ok || !strings.HasPrefix(m.Filename, "/") || m.Inode == 0 {
			return nil
		}
		id := file{unix.Mkdev(m.Maj, m.Min), m.Inode}
		if seen[id] {
			return nil
		}
		seen[id] = true
		path := m.Filename
		if !isInode(path, m.Inode) { // it has other mounts than we
			path = fmt.Sprintf("/proc/%d/root%s", m.PID, m.Filename)
			if !isInode(path, m.Inode) {
				return nil // deleted
			}
		}
		return yield(path)
	}
	if s.Processes == nil {
		return synth.Processes(s.System, synth.Options{}, emit)
	}
	return synth.Threads(s.System, s.Processes, synth.Options{}, emit)
}

// file tells files apart that have several names.
type file struct{ device, inode uint64 }

func isInode(path string, inode uint64) bool {
	var st unix.Stat_t
	return unix.Stat(path, &st) == nil && st.Ino == inode
}

// MarkerFileError is a marker that no file has in which it was looked for.
type MarkerFileError struct {
	Name     string
	Programs []string // of the search
	Searched int      // files
	Nearest  []string
}

func (e *MarkerFileError) Error() string {
	where := "the files that processes have mapped"
	if len(e.Programs) > 0 {
		where = strings.Join(e.Programs, ", ") + ", their libraries, and " + where
	}
	return fmt.Sprintf("marker %s is in none of %d files: %s", e.Name, e.Searched, where)
}

// Hint returns the next step.
func (e *MarkerFileError) Hint() string {
	if len(e.Nearest) > 0 {
		return symtab.DidYouMean(e.Nearest)
	}
	return "name the file that has it: gperf probe -x PATH '%" + e.Name + "'; gperf probe -x PATH -F '%*' lists the markers of a file"
}

// Resolve resolves a definition of a marker in all files that have it. What has the same values in several files (two versions
// of a library) is one event.
func (s *MarkerSearch) Resolve(ctx context.Context, d *Definition, o Options) ([]*Event, error) {
	files, err := s.Files(ctx, d.Point.Provider, d.Point.Function)
	if err != nil {
		return nil, err
	}
	var all []*Event
	var first error
	for _, path := range files {
		events, err := resolveIn(ctx, path, d, o)
		if err != nil {
			first = cmp.Or(first, fmt.Errorf("%s: %w", path, err))
			continue
		}
		for _, e := range events {
			all = addMarker(all, e)
		}
	}
	if len(all) == 0 {
		return nil, first
	}
	return all, nil
}

func resolveIn(ctx context.Context, path string, d *Definition, o Options) ([]*Event, error) {
	r, err := NewResolver(ctx, Target{Exec: path}, o)
	if err != nil {
		return nil, err
	}
	events, err := r.ResolveAll(d)
	return events, errors.Join(err, r.Close())
}

// addMarker adds an event to a list, or its places to the one that has its name and values.
func addMarker(all []*Event, e *Event) []*Event {
	for _, have := range all {
		if have.Group == e.Group && have.Name == e.Name && sameShape(have.Places[0].Args, e.Places[0].Args) {
			have.Places = append(have.Places, e.Places...)
			have.Notes = append(have.Notes, e.Notes...)
			return all
		}
	}
	return append(all, e)
}
