package objfile

import (
	"fmt"

	"github.com/gperf-dev/gperf/internal/mapped"
)

// Guard is mapped.Guard for the file called path, which the error names.
func Guard(path string, f func() error) error {
	err := mapped.Guard(f)
	if err == mapped.ErrTruncated { // by this file, not from a Guard within f
		err = fmt.Errorf("%s: %w", path, err)
	}
	return err
}
