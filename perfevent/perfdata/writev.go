package perfdata

import (
	"os"

	"golang.org/x/sys/unix"
)

// writev writes the parts to a regular file, one after the other, in one system call if the kernel takes all at once.
func writev(f *os.File, parts [3][]byte) error {
	rest := make([][]byte, 0, len(parts))
	for _, p := range parts {
		if len(p) > 0 {
			rest = append(rest, p)
		}
	}
	for len(rest) > 0 {
		n, err := unix.Writev(int(f.Fd()), rest)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return &os.PathError{Op: "write", Path: f.Name(), Err: err}
		}
		for len(rest) > 0 && n >= len(rest[0]) {
			n -= len(rest[0])
			rest = rest[1:]
		}
		if len(rest) > 0 {
			rest[0] = rest[0][n:]
		}
	}
	return nil
}
