package tracefs

func Find() (*FS, error)                                            { return nil, ErrNotMounted }
func Mount() (*FS, bool, error)                                     { return nil, false, ErrNotMounted }
func (f *FS) Format(system, event string) (*Format, error)          { return nil, nil }
func (f *FS) FormatText(system, event string) ([]byte, error)       { return nil, nil }
func (f *FS) Systems() ([]string, error)                            { return nil, nil }
func (f *FS) Events(system string) ([]string, error)                { return nil, nil }
func (f *FS) ID(system, event string) (int, error)                  { return 0, nil }
func (f *FS) HasKprobes() bool                                      { return false }
func (f *FS) HasUprobes() bool                                      { return false }
func (f *FS) Probes(kind ProbeKind) ([]ProbeLine, error)            { return nil, nil }
func (f *FS) Define(kind ProbeKind, line string) error              { return nil }
func (f *FS) Remove(kind ProbeKind, group, event string) error      { return nil }
func (f *FS) HeaderPage() ([]byte, error)                           { return nil, nil }
func (f *FS) HeaderEvent() ([]byte, error)                          { return nil, nil }
func (f *FS) PrintkFormats() ([]byte, error)                        { return nil, nil }
func (f *FS) SavedCmdlines() ([]byte, error)                        { return nil, nil }
func ParseProbeLine(kind ProbeKind, line string) (ProbeLine, error) { return ProbeLine{}, nil }

// NotMountedError is ErrNotMounted with the way out.
type NotMountedError struct{ Err error }

func (e *NotMountedError) Error() string   { return ErrNotMounted.Error() }
func (e *NotMountedError) Unwrap() []error { return []error{ErrNotMounted, e.Err} }

// Hint is the next step.
func (e *NotMountedError) Hint() string { return "" }

// DefineError is a definition or removal that the kernel refused.
type DefineError struct {
	Line    string // what was written
	File    string // kprobe_events or uprobe_events
	Message string // the kernel's words from error_log; "" if it said none
	Column  int    // where in Line the kernel points, from 0; -1 unknown
	Err     error  // the errno
}

func (e *DefineError) Error() string { return "" }
func (e *DefineError) Unwrap() error { return e.Err }

// Hint is the next step.
func (e *DefineError) Hint() string { return "" }
