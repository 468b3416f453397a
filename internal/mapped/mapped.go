// Package mapped reads files that are mapped into memory, which others may cut short meanwhile.
package mapped

import (
	"errors"
	"runtime/debug"
)

// ErrTruncated tells that a mapped file became shorter while it was read.
var ErrTruncated = errors.New("the file was cut short while it was read")

// Guard runs f, which reads a mapped file. If somebody truncates the file meanwhile, the kernel answers the read with SIGBUS, and
// Guard returns ErrTruncated, where else the program would die.
func Guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if _, fault := r.(interface{ Addr() uintptr }); !fault {
			panic(r)
		}
		err = ErrTruncated
	}()
	return f()
}
