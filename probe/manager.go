package probe

import (
	"errors"

	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

var errSoon = errors.New("not yet")

// Manager adds, lists and removes probes in a tracefs, and keeps what their values mean.
type Manager struct {
	trace *tracefs.FS
	types *argtype.Store
}

// AddOptions say how to add.
type AddOptions struct {
	Force  bool // put _1, _2, … behind names that exist, instead of refusing
	DryRun bool // find names, write nothing
}

// NewManager returns a Manager for a tracefs. The store may be nil.
func NewManager(t *tracefs.FS, types *argtype.Store) *Manager { return &Manager{t, types} }

// Add defines all of the events or none. It sets their final names.
func (m *Manager) Add(o AddOptions, events ...*Event) error { return errSoon }

// Remove removes the probes that match one of the patterns, and returns their names as GROUP:EVENT, sorted.
// A pattern is a filter of globs, see [ParseFilter], matched against EVENT and GROUP:EVENT.
func (m *Manager) Remove(patterns ...string) ([]string, error) { return nil, errSoon }
