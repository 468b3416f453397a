package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

const defaultInput = "perf.data"

// openRecording opens what the commands that read a recording read: the file named with -i; without a name standard
// input if that is a pipe with something in it, else perf.data. perf reads an empty pipe too, and fails.
func openRecording(path string, force bool) (*perfdata.Reader, error) {
	named := path != ""
	if !named {
		path = defaultInput
		if st, err := os.Stdin.Stat(); err == nil && st.Mode()&fs.ModeNamedPipe != 0 {
			in := bufio.NewReaderSize(os.Stdin, 1<<16)
			if _, err := in.Peek(1); err == nil {
				return perfdata.NewStreamReader(in)
			}
		}
	}
	if path != "-" {
		if err := mayRead(path, named, force); err != nil {
			return nil, err
		}
	}
	r, err := perfdata.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return nil, notOurs(path)
	}
	return r, err
}

// notOurs is a recording that may not be read.
func notOurs(path string) error {
	return &exitError{255, fmt.Sprintf("recording %s: %v", path, syscall.EACCES), "recordings made by root belong to root: read it as root, or change its owner"}
}

// mayRead refuses a recording of somebody else, as perf does: its makers choose what is printed here.
func mayRead(path string, named, force bool) error {
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return &exitError{255, "there is no " + path + " here", "make one with 'gperf record COMMAND', or name another with -i"}
	case errors.Is(err, fs.ErrNotExist):
		return &exitError{255, fmt.Sprintf("no recording at %s: %v", path, syscall.ENOENT), "'gperf record -o FILE COMMAND' makes one; look at the name behind -i"}
	case errors.Is(err, fs.ErrPermission):
		return notOurs(path)
	case err != nil:
		return fmt.Errorf("recording %s: %w", path, err)
	}
	if owner, ok := st.Sys().(*syscall.Stat_t); ok && !force && owner.Uid != 0 && int(owner.Uid) != os.Geteuid() {
		return &exitError{255, path + " belongs to another user than you and root", "with -f it is read all the same"}
	}
	return nil
}
