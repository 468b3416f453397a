package tracefs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// ErrBadName tells that a system's or event's name cannot be a directory's.
var ErrBadName = errors.New("not the name of an event")

// checkName refuses what would lead out of the events directory.
func checkName(name string) error {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
		return fmt.Errorf("%w: %q", ErrBadName, name)
	}
	return nil
}

// Systems lists the systems that have events, in the kernel's order.
func (f *FS) Systems() ([]string, error) { return f.dirs("events") }

// Events lists the events of a system, in the kernel's order: perf records a
// glob's events in it. A system that is not there is an error that matches
// fs.ErrNotExist.
func (f *FS) Events(system string) ([]string, error) {
	if err := checkName(system); err != nil {
		return nil, err
	}
	return f.dirs("events", system)
}

// dirs lists the directories in a directory, not the files beside them.
func (f *FS) dirs(elem ...string) ([]string, error) {
	d, err := os.Open(f.Path(elem...))
	if errors.Is(err, fs.ErrPermission) {
		return nil, &AccessError{Path: f.Path(elem...), Dir: f.dir, Err: err}
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	list, err := d.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range list {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// FormatText returns the format file of an event. An event that is not there
// is an error that matches fs.ErrNotExist.
func (f *FS) FormatText(system, event string) ([]byte, error) {
	if err := errors.Join(checkName(system), checkName(event)); err != nil {
		return nil, err
	}
	return f.read("events", system, event, "format")
}

// Format reads and parses an event's format.
func (f *FS) Format(system, event string) (*Format, error) {
	text, err := f.FormatText(system, event)
	if err != nil {
		return nil, err
	}
	out, err := ParseFormat(text)
	if err != nil {
		return nil, fmt.Errorf("%s:%s: %w", system, event, err)
	}
	out.System = system
	return out, nil
}

// ID returns the number of an event, for perf_event_attr.config.
func (f *FS) ID(system, event string) (int, error) {
	if err := errors.Join(checkName(system), checkName(event)); err != nil {
		return 0, err
	}
	b, err := f.read("events", system, event, "id")
	if err != nil {
		return 0, err
	}
	id, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("id of %s:%s: %w", system, event, err)
	}
	return id, nil
}

// HeaderPage returns the description of a ring buffer's page, which a
// recording carries.
func (f *FS) HeaderPage() ([]byte, error) { return f.read("events", "header_page") }

// HeaderEvent returns the description of a ring buffer's event header, which a
// recording carries.
func (f *FS) HeaderEvent() ([]byte, error) { return f.read("events", "header_event") }

// PrintkFormats returns the addresses and texts of the kernel's strings that
// events point at.
func (f *FS) PrintkFormats() ([]byte, error) { return f.read("printk_formats") }

// SavedCmdlines returns pids and names of threads that the tracer saw.
func (f *FS) SavedCmdlines() ([]byte, error) { return f.read("saved_cmdlines") }

// Strings maps addresses of the kernel to the strings there.
type Strings map[uint64]string

// ParsePrintkFormats reads the text of printk_formats, lines like
//
//	0xffffffff8231a2b0 : "Rescheduling interrupts"
//
// and skips what is not like that.
func ParsePrintkFormats(text []byte) Strings {
	m := Strings{}
	for line := range strings.Lines(string(text)) {
		addr, s, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " : ")
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimPrefix(addr, "0x"), 16, 64)
		if err != nil {
			continue
		}
		s = strings.TrimSuffix(strings.TrimPrefix(s, `"`), `"`)
		m[n] = strings.TrimSuffix(s, `\n`)
	}
	return m
}

// Lookup fits Context.Printk.
func (m Strings) Lookup(addr uint64) (string, bool) {
	s, ok := m[addr]
	return s, ok
}
