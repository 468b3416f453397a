package objfile

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrTruncated is wrapped by Guard when a mapped file became shorter while it was read.
var ErrTruncated = errors.New("the file was cut short while it was read")

// Guard runs f, which reads a mapped file. If somebody truncates the file meanwhile, the kernel answers the read with SIGBUS: Guard turns
// that into an error that wraps ErrTruncated, where else the program would die. path names the file in the error.
func Guard(path string, f func() error) (err error) {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if _, fault := r.(interface{ Addr() uintptr }); !fault {
			panic(r)
		}
		err = fmt.Errorf("%s: %w", path, ErrTruncated)
	}()
	return f()
}
