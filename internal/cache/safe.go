package cache

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// trusted tells whether only root and the effective user can change what st describes.
func trusted(st *unix.Stat_t) bool {
	return (st.Uid == 0 || int(st.Uid) == os.Geteuid()) && st.Mode&0o022 == 0
}

// own tells whether it is the effective user's, and only that user can change it.
func own(st *unix.Stat_t) bool { return int(st.Uid) == os.Geteuid() && st.Mode&0o022 == 0 }

// openDir opens the directory rel below base and makes what is missing if create is set.
// On the way there everything must be safe from other users: each directory belongs to root or the effective user and cannot
// be written by others, unless it is sticky as /tmp is; from base on each is the user's own. base may hold links of root or the
// user, rel may not.
func openDir(base, rel string, create bool) (int, error) {
	base, err := resolve(base)
	if err != nil {
		return -1, err
	}
	fd, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	outer := strings.Split(strings.TrimPrefix(base, "/"), "/")
	path := ""
	for i, name := range append(outer, strings.Split(rel, "/")...) {
		path += "/" + name
		next, err := step(fd, name, path, create, i >= len(outer)-1)
		_ = unix.Close(fd) // opened by path only: nothing is lost
		if err != nil {
			return -1, err
		}
		fd = next
	}
	defer unix.Close(fd)
	return unix.Openat(fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
}

// step goes from a directory to one in it.
func step(dir int, name, path string, create, mine bool) (int, error) {
	const flags = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := unix.Openat(dir, name, flags, 0)
	if errors.Is(err, unix.ENOENT) && create {
		if err = unix.Mkdirat(dir, name, 0o700); err == nil || errors.Is(err, unix.EEXIST) {
			fd, err = unix.Openat(dir, name, flags, 0)
		}
	}
	switch {
	case errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP):
		return -1, &UnsafeError{path, "is no directory"}
	case err != nil:
		return -1, &os.PathError{Op: "open", Path: path, Err: err}
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	switch {
	case mine && !own(&st):
		err = &UnsafeError{path, "is not the user's own, or others may write to it"}
	case !mine && !trusted(&st) && !(st.Mode&unix.S_ISVTX != 0 && (st.Uid == 0 || int(st.Uid) == os.Geteuid())):
		err = &UnsafeError{path, "may be changed by another user"}
	}
	if err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	return fd, nil
}

// resolve follows the links in base but its last part. They must be root's or the effective user's. What does not exist yet
// stays as it is.
func resolve(base string) (string, error) {
	if !filepath.IsAbs(base) {
		return "", &UnsafeError{base, "is no absolute path"}
	}
	there, rest := filepath.Split(filepath.Clean(base))
	there = filepath.Clean(there)
	for at := there; at != "/"; at = filepath.Dir(at) {
		var st unix.Stat_t
		if err := unix.Lstat(at, &st); errors.Is(err, unix.ENOENT) && at == there {
			there, rest = filepath.Dir(at), filepath.Join(filepath.Base(at), rest)
		} else if err != nil {
			return "", &os.PathError{Op: "lstat", Path: at, Err: err}
		} else if st.Mode&unix.S_IFMT == unix.S_IFLNK && st.Uid != 0 && int(st.Uid) != os.Geteuid() {
			return "", &UnsafeError{at, "is a link of another user"}
		}
	}
	real, err := filepath.EvalSymlinks(there)
	if err != nil {
		return "", err
	}
	return filepath.Join(real, rest), nil
}
