package argtype

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// DefaultDir is where the meaning of this boot's events lies: it dies with
// the machine's memory, as probes do.
const DefaultDir = "/run/gperf/events"

// maxFile bounds a file of types.
const maxFile = 4 << 20

// Store keeps the meaning of events in files, GROUP/EVENT.json below its
// directory.
type Store struct{ Dir string }

// ErrUnsafe tells that a directory or file of types could have been written by
// somebody else.
var ErrUnsafe = errors.New("others could have written it")

// StaleError tells that the types of an event belong to another definition
// than the kernel's. It matches fs.ErrNotExist: there are no types that hold.
type StaleError struct{ Group, Name string }

func (e *StaleError) Error() string {
	return fmt.Sprintf("types of %s:%s belong to an earlier definition", e.Group, e.Name)
}

// Is matches fs.ErrNotExist.
func (e *StaleError) Is(target error) bool { return target == fs.ErrNotExist }

// Save writes the meaning of e's fields. It is there whole or not at all.
func (s Store) Save(e *Event) error {
	if err := e.check(); err != nil {
		return err
	}
	dir, file, err := names(e.Group, e.Name)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(e, "", "\t")
	if err != nil {
		return err
	}
	root, err := s.open(true)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := safe(root, dir); err != nil {
		return err
	}
	return replace(root, file, append(b, '\n'))
}

// replace writes a file beside its place and renames it.
func replace(root *os.Root, file string, b []byte) error {
	tmp := file + ".tmp" + strconv.Itoa(os.Getpid())
	w, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NOFOLLOW, 0o644)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	// The umask may have taken what readers need.
	err = errors.Join(err, w.Chmod(0o644), w.Close())
	if err == nil {
		err = root.Rename(tmp, file)
	}
	if err != nil {
		return errors.Join(err, root.Remove(tmp))
	}
	return nil
}

// Load reads the meaning of an event's fields. definition is the event's lines
// as the kernel lists them now (tracefs.Definitions). Without types that hold, the error matches
// fs.ErrNotExist.
func (s Store) Load(group, event, definition string) (*Event, error) {
	dir, file, err := names(group, event)
	if err != nil {
		return nil, err
	}
	root, err := s.open(false)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(file)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(safe(root, dir), safe(root, file)); err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s: %w: %d bytes", filepath.Join(s.Dir, file), ErrPayload, info.Size())
	}
	b, err := root.ReadFile(file)
	if err != nil {
		return nil, err
	}
	e, err := decodeJSON(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(s.Dir, file), err)
	}
	if e.Group != group || e.Name != event || e.Definition != definition {
		return nil, &StaleError{Group: group, Name: event}
	}
	return e, nil
}

// Remove forgets the meaning of an event's fields. None is no error.
func (s Store) Remove(group, event string) error {
	dir, file, err := names(group, event)
	if err != nil {
		return err
	}
	root, err := s.open(false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// The last event of a group takes the directory with it; others keep it.
	if err := root.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTEMPTY) {
		return err
	}
	return nil
}

// open opens the directory, made if wanted, and refuses one that is not the
// user's or root's own.
func (s Store) open(create bool) (*os.Root, error) {
	if create {
		if err := os.MkdirAll(s.Dir, 0o755); err != nil {
			return nil, err
		}
	}
	root, err := os.OpenRoot(s.Dir)
	if err != nil {
		return nil, err
	}
	if err := safe(root, "."); err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

// safe checks that name is owned by root or the effective user and that only
// the owner may write it.
func safe(root *os.Root, name string) error {
	info, err := root.Lstat(name)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Uid != 0 && int(st.Uid) != os.Geteuid() || info.Mode().Perm()&0o022 != 0 || info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("%s: %w", filepath.Join(root.Name(), name), ErrUnsafe)
	}
	return nil
}

// names gives directory and file of an event. The kernel's names have letters,
// digits and underscores only, so nothing else becomes a path.
func names(group, event string) (dir, file string, err error) {
	for _, n := range [...]string{group, event} {
		if n == "" || len(n) > 255 {
			return "", "", fmt.Errorf("%q is no name of an event", n)
		}
		for _, c := range []byte(n) {
			if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
				return "", "", fmt.Errorf("%q is no name of an event", n)
			}
		}
	}
	return group, group + "/" + event + ".json", nil
}
