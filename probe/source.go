package probe

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gperf-dev/gperf/internal/glob"
)

// SourceError is a source file that is not on this machine.
type SourceError struct {
	Path  string // as the compiler had it
	Tried []string
	Err   error // why the last one tried cannot be read
}

func (e *SourceError) Error() string {
	return fmt.Sprintf("Failed to find source file path.\n%s: %v", e.Path, plain(e.Err))
}

// Unwrap returns the cause.
func (e *SourceError) Unwrap() error { return e.Err }

// Hint returns the next step.
func (e *SourceError) Hint() string {
	return "unpack the source and name its directory: -s DIRECTORY"
}

// maxSource bounds the size of a source file, in bytes.
const maxSource = 64 << 20

// readSource reads a source file of the target: dir is where its compiler ran.
func (r *Resolver) readSource(path, dir string) (name string, text []byte, err error) {
	e := &SourceError{Path: path, Err: fs.ErrNotExist}
	for _, name := range r.sourceNames(path, dir) {
		text, err := readRegular(name)
		if err == nil {
			return name, text, nil
		}
		e.Tried, e.Err = append(e.Tried, name), err
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return "", nil, e
}

// sourceNames lists where a source may be. With a prefix leading directories are dropped until a file is there, as perf's
// --source does; else it is where the compiler found it, or where distributions put sources beside debug information.
func (r *Resolver) sourceNames(path, dir string) []string {
	if prefix := r.options.Source; prefix != "" {
		var names []string
		for rest := path; rest != ""; {
			names = append(names, strings.TrimSuffix(prefix, "/")+"/"+strings.TrimPrefix(rest, "/"))
			i := strings.IndexByte(rest[1:], '/')
			if i < 0 {
				break
			}
			rest = rest[1+i:]
		}
		return names
	}
	if !strings.HasPrefix(path, "/") && dir != "" && !strings.HasPrefix(path, dir+"/") {
		path = dir + "/" + path
	}
	return []string{path, filepath.Join("/usr/src/debug", path)}
}

// readRegular reads a file that is neither a device nor a pipe: its name comes from the program that is probed.
func readRegular(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxSource {
		return nil, errors.New("not a source file")
	}
	return os.ReadFile(name)
}

// patternLines returns what picks the lines of a source that match a pattern, blanks ignored on both sides.
func (r *Resolver) patternLines(pattern string) func(path, dir string) (func(int) bool, error) {
	return func(path, dir string) (func(int) bool, error) {
		_, text, err := r.readSource(path, dir)
		if err != nil {
			return nil, err
		}
		hit := make(map[int]bool)
		n := 0
		for line := range bytes.Lines(text) {
			n++
			if lazyMatch(pattern, string(bytes.TrimSuffix(line, []byte("\n")))) {
				hit[n] = true
			}
		}
		return func(line int) bool { return hit[line] }, nil
	}
}

// lazyMatch is glob with all blanks left out.
func lazyMatch(pattern, s string) bool { return glob.Match(withoutBlanks(pattern), withoutBlanks(s)) }

func withoutBlanks(s string) string {
	if !strings.ContainsAny(s, blanks) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(blanks, r) {
			return -1
		}
		return r
	}, s)
}
