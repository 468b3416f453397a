package debugfile

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
)

// Alternate finds the file into which dwz moved what several debug files share: debug is the file that names it, name and id are
// what its .gnu_debugaltlink says. A relative name is relative to the real directory of debug. The error is a *NotFoundError.
func Alternate(debug, name string, id []byte, o Options) (found string, tried []string, err error) {
	s := search{o: o, id: id, section: ".debug_str"}
	at := o.Root + name
	if !filepath.IsAbs(name) {
		dir := filepath.Dir(debug)
		if real, err := filepath.EvalSymlinks(debug); err == nil {
			dir = filepath.Dir(real)
		}
		at = filepath.Join(dir, name)
	}
	if s.try(at) || s.byBuildID() || s.byFetch() {
		return s.found, s.tried, nil
	}
	// Debian installs them as /usr/lib/debug/.dwz/MACHINE/PACKAGE.debug, Fedora as /usr/lib/debug/.dwz/PACKAGE.
	if _, tail, ok := strings.Cut(name, ".dwz/"); ok {
		for _, d := range o.dirs() {
			if s.try(o.Root + d + "/.dwz/" + tail) {
				return s.found, s.tried, nil
			}
		}
	}
	return "", s.tried, &AlternateError{Debug: debug, Name: name, BuildID: id, Tried: s.tried}
}

// AlternateError is an alternate debug file that is not there.
type AlternateError struct {
	Debug   string // the file that names it
	Name    string
	BuildID []byte
	Tried   []string
}

func (e *AlternateError) Error() string {
	return e.Debug + " refers to " + e.Name + " (build-id " + hex.EncodeToString(e.BuildID) + "), which is not found; tried " + strings.Join(e.Tried, ", ")
}

// Hint says where it comes from.
func (e *AlternateError) Hint() string {
	return "dwz made it when the debug package was built: install the whole package again"
}

// Split finds a .dwo file by what the program says of it: its name, and the directory in which the compiler ran. It may also have moved
// with the program. found is "" if no file is there; whether it is of the same build its contents tell.
func Split(program, compDir, name string, o Options) (found string, tried []string) {
	if name == "" {
		return "", nil
	}
	dir := filepath.Dir(program)
	var places []string
	if filepath.IsAbs(name) {
		places = append(places, o.Root+name)
	} else {
		if compDir != "" {
			places = append(places, o.Root+filepath.Join(compDir, name))
		}
		places = append(places, filepath.Join(dir, name))
	}
	places = append(places, filepath.Join(dir, filepath.Base(name)))
	for _, p := range places {
		if len(tried) > 0 && tried[len(tried)-1] == p {
			continue
		}
		tried = append(tried, p)
		if st, err := os.Stat(p); err == nil && st.Mode().IsRegular() {
			return p, tried
		}
	}
	return "", tried
}

// Package finds the .dwp file of a program, which is called as the program or its debug file is, with ".dwp" behind; "" if there is none.
func Package(program, debug string) string {
	for _, p := range []string{program, debug, strings.TrimSuffix(debug, ".debug")} {
		if st, err := os.Stat(p + ".dwp"); err == nil && st.Mode().IsRegular() {
			return p + ".dwp"
		}
	}
	return ""
}
