// Package cache keeps files that spare work the next time: tables made from a program's debug information.
//
// gperf runs as root, and what it reads from the cache it acts on. So a file is used only if nobody but the effective user
// could have written it: the user owns it and its directories, others cannot write to them, and no symbolic link
// lies below the user's cache directory. It is used only for the file that it was made from, and each table has a checksum.
//
// Files are written to a temporary and renamed, so that readers and several writers need no locks.
package cache

import (
	"errors"
	"os"
	"path/filepath"
)

// ErrNone is what Load returns when there is no file for the program, or one that is not for it.
var ErrNone = errors.New("nothing in the cache")

// UnsafeError is a path that somebody else could change.
type UnsafeError struct {
	Path   string
	Reason string
}

func (e *UnsafeError) Error() string { return "cache not used: " + e.Path + " " + e.Reason }

// Default is the user's cache directory for gperf, by the XDG Base Directory Specification: $XDG_CACHE_HOME/gperf, else
// $HOME/.cache/gperf; "" if neither is an absolute path.
func Default() string {
	if dir := os.Getenv("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "gperf")
	}
	if home := os.Getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".cache", "gperf")
	}
	return ""
}
