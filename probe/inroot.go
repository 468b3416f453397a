package probe

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// maxLinks is how many symbolic links are followed, as in the kernel.
const maxLinks = 40

// processRoot splits a path by way of a process's root directory, /proc/PID/root/PATH. That directory is a link which cannot be followed by
// its text: the process may have other mounts.
func processRoot(path string) (root, rest string, ok bool) {
	path = filepath.Clean(path)
	parts := strings.SplitN(path, "/", 5) // "", proc, PID, root, rest
	if len(parts) < 5 || parts[0] != "" || parts[1] != "proc" || parts[3] != "root" {
		return "", "", false
	}
	if _, err := strconv.ParseUint(parts[2], 10, 31); err != nil && parts[2] != "self" {
		return "", "", false
	}
	rest = "/" + parts[4]
	return strings.TrimSuffix(path, rest), rest, true
}

// inRoot finds a path below another root directory, that of a process in a container: links are followed as that process
// would. The result is the path below root, without links.
func inRoot(root, path string) (string, error) {
	left := strings.Split(filepath.Clean("/"+path), "/")
	at, links := "/", 0
	for len(left) > 0 {
		part := left[0]
		left = left[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, part)
		info, err := os.Lstat(root + next)
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "open", Path: root + path, Err: syscall.ELOOP}
		}
		to, err := os.Readlink(root + next)
		if err != nil {
			return "", err
		}
		if strings.HasPrefix(to, "/") {
			at = "/"
		}
		left = append(strings.Split(to, "/"), left...)
	}
	return at, nil
}
