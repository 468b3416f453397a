package main

import (
	"errors"
	"io/fs"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
	"github.com/gperf-dev/gperf/probe"
	"golang.org/x/sys/unix"
)

// statusError gives an error an exit status of its own.
type statusError struct {
	err    error
	status int
}

func (e *statusError) Error() string   { return e.err.Error() }
func (e *statusError) Unwrap() error   { return e.err }
func (e *statusError) ExitStatus() int { return e.status }

// is reports whether err is or wraps an error of type T.
func is[T error](err error) bool {
	var t T
	return errors.As(err, &t)
}

// probeStatus is the exit status for an error of probe: as perf's, the negated errno's low byte, and 129 for a text that
// cannot be read.
func probeStatus(err error) int {
	var own interface{ ExitStatus() int }
	if errors.As(err, &own) {
		return own.ExitStatus()
	}
	switch {
	case is[*probe.DefinitionError](err), is[*probe.FilterError](err), is[*probe.TargetError](err) && isNoPath(err):
		return 129
	case is[*probe.ExistsError](err):
		return status(unix.EEXIST)
	case errors.Is(err, fs.ErrPermission):
		return status(unix.EACCES)
	case is[*probe.UnsupportedPointError](err), is[*dwarfvars.UnsupportedError](err):
		return status(unix.EOPNOTSUPP)
	case is[*probe.LimitError](err), is[*probe.ArgumentError](err), is[*dwarfvars.StepError](err), is[*probe.BoundaryError](err),
		is[*probe.GoReturnError](err), is[*probe.MismatchError](err), is[*probe.BootConfigError](err), is[*probe.OffsetError](err), is[*probe.ModuleError](err):
		return status(unix.EINVAL)
	case is[*dwarfvars.TooManyError](err):
		return status(unix.ERANGE)
	}
	var refused *tracefs.DefineError
	var errno unix.Errno
	if errors.As(err, &refused) && errors.As(refused.Err, &errno) {
		return status(errno)
	}
	return status(unix.ENOENT)
}

// isNoPath tells errors of a path that leads nowhere.
func isNoPath(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENAMETOOLONG)
}

func status(e unix.Errno) int { return int(-e) & 0xff }
