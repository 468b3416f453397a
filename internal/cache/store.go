package cache

import (
	"errors"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Store is one kind of files in a cache directory: DIR/KIND/vVERSION/NAME.
type Store struct {
	Dir     string // see Default
	Kind    string
	Version int   // of the layout: files of other versions are not looked at
	Limit   int64 // bytes that all versions may take together; 0: defaultLimit
}

// defaultLimit is what a cache may take.
const defaultLimit = 512 << 20

// maxFile is more than any file of ours has.
const maxFile = 1 << 30

// reserve is how much must stay free on the file system.
const reserve = 64 << 20

func (s *Store) rel() string { return s.Kind + "/v" + strconv.Itoa(s.Version) }

// Load maps what was saved for a program. The error is ErrNone if there is nothing for it, an *UnsafeError if somebody else could
// have written it, or says what is damaged. The caller closes the File.
func (s *Store) Load(id Identity) (*File, error) {
	dir, err := openDir(s.Dir, s.rel(), false)
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	defer unix.Close(dir)
	f, st, err := s.open(dir, id.name())
	if err != nil {
		return nil, err
	}
	defer unix.Close(f)
	s.used(dir, id.name(), st)
	return mapFile(f, st.Size, &id, s.Version)
}

func (s *Store) open(dir int, name string) (int, *unix.Stat_t, error) {
	path := s.Dir + "/" + s.rel() + "/" + name
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, unix.ENOENT):
		return -1, nil, ErrNone
	case errors.Is(err, unix.ELOOP):
		return -1, nil, &UnsafeError{path, "is a symbolic link"}
	case err != nil:
		return -1, nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	var st unix.Stat_t
	if err = unix.Fstat(fd, &st); err == nil {
		switch {
		case st.Mode&unix.S_IFMT != unix.S_IFREG || !own(&st):
			err = &UnsafeError{path, "is not the user's own, or others may write to it"}
		case st.Size < headerSize || st.Size > maxFile:
			err = errDamaged
		}
	}
	if err != nil {
		return -1, nil, errors.Join(err, unix.Close(fd))
	}
	return fd, &st, nil
}

// used notes, to the day, that a file was of use: the oldest are removed first.
func (s *Store) used(dir int, name string, st *unix.Stat_t) {
	now := time.Now()
	if now.Sub(time.Unix(st.Mtim.Unix())) > 24*time.Hour {
		ts := []unix.Timespec{unix.NsecToTimespec(now.UnixNano()), unix.NsecToTimespec(now.UnixNano())}
		_ = unix.UtimesNanoAt(dir, name, ts, unix.AT_SYMLINK_NOFOLLOW) // a cache that cannot be written to is as good
	}
}

// Writable tells whether Save of so many bytes has a chance, and makes the directories: so that nobody makes tables for nothing.
func (s *Store) Writable(size int64) error {
	dir, err := openDir(s.Dir, s.rel(), true)
	if err != nil {
		return err
	}
	defer unix.Close(dir)
	return s.room(dir, size)
}

// room checks that the directory can be written to and the disk is not nearly full.
func (s *Store) room(dir int, size int64) error {
	if size > min(s.limit(), maxFile) {
		return &os.PathError{Op: "write", Path: s.Dir, Err: unix.EFBIG}
	}
	if err := unix.Faccessat(dir, ".", unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return &os.PathError{Op: "write", Path: s.Dir, Err: err}
	}
	var fs unix.Statfs_t
	if err := unix.Fstatfs(dir, &fs); err != nil {
		return os.NewSyscallError("fstatfs", err)
	}
	if fs.Bavail*uint64(fs.Bsize) < reserve+2*uint64(size) {
		return &os.PathError{Op: "write", Path: s.Dir, Err: unix.ENOSPC}
	}
	return nil
}

// Save writes tables for a program, in place of what was there. It does nothing, and says why, where the
// directory is not safe or cannot be written, or the disk is nearly full.
func (s *Store) Save(id Identity, tables []Table) error {
	b := encode(&id, s.Version, tables)
	dir, err := openDir(s.Dir, s.rel(), true)
	if err != nil {
		return err
	}
	defer unix.Close(dir)
	if err := s.room(dir, int64(len(b))); err != nil {
		return err
	}
	if err := replace(dir, id.name(), b); err != nil {
		return err
	}
	return s.evict(s.limit())
}

func (s *Store) limit() int64 {
	if s.Limit <= 0 {
		return defaultLimit
	}
	return s.Limit
}

// replace writes a temporary file and gives it the name. It is not synced: sums tell what a crash left.
func replace(dir int, name string, b []byte) error {
	tmp := temporary + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	fd, err := unix.Openat(dir, tmp, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return &os.PathError{Op: "create", Path: tmp, Err: err}
	}
	f := os.NewFile(uintptr(fd), tmp)
	_, err = f.Write(b)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = unix.Renameat(dir, tmp, dir, name)
	}
	if err != nil {
		return errors.Join(err, unix.Unlinkat(dir, tmp, 0))
	}
	return nil
}
