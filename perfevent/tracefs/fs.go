package tracefs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// DefaultDir is where tracefs belongs since kernel 4.1.
const DefaultDir = "/sys/kernel/tracing"

// debugDir is where tracefs appears when debugfs is mounted (automount), and
// where the tracing files lay before kernel 4.1.
const debugDir = "/sys/kernel/debug/tracing"

// ErrNotMounted tells that no tracefs was found among the mounts. Errors of
// Find and Mount that match it carry a hint, see [NotMountedError].
var ErrNotMounted = errors.New("tracefs is not mounted")

// FS is a mounted tracefs. It holds a path only, and is safe for concurrent
// use.
type FS struct{ dir string }

// At takes dir as a tracefs without looking at it: for tests, for a mount
// below another root, and for instances.
func At(dir string) *FS { return &FS{dir: filepath.Clean(dir)} }

// Dir is the directory of the mount.
func (f *FS) Dir() string { return f.dir }

// Path joins elem to the mount's directory.
func (f *FS) Path(elem ...string) string {
	return filepath.Join(append([]string{f.dir}, elem...)...)
}

// read returns a file of the tracefs, with errors in words where the cause is
// known.
func (f *FS) read(elem ...string) ([]byte, error) {
	b, err := os.ReadFile(f.Path(elem...))
	if errors.Is(err, fs.ErrPermission) {
		return nil, &AccessError{Path: f.Path(elem...), Dir: f.dir, Err: err}
	}
	return b, err
}

// AccessError is a refused access to a file of tracefs.
type AccessError struct {
	Path string // the file
	Dir  string // where the tracefs is mounted
	Err  error  // what the system said
}

func (e *AccessError) Error() string {
	return fmt.Sprintf("no access to %s: %v", e.Path, unwrapPath(e.Err))
}

func (e *AccessError) Unwrap() error { return e.Err }

// Hint is the next step.
func (e *AccessError) Hint() string {
	dir := e.Dir
	if dir == "" {
		dir = DefaultDir
	}
	return "run as root; a group may only read: mount -o remount,mode=755,gid=GROUP " + dir
}

// unwrapPath takes the path out of err, for messages that name it themselves.
func unwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
