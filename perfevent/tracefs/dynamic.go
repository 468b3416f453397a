package tracefs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
)

// ProbeKind tells which file a dynamic event lives in.
type ProbeKind uint8

// The two kinds of dynamic events.
const (
	KProbe ProbeKind = iota + 1 // kprobe_events
	UProbe                      // uprobe_events
)

// File is the name of the kind's file in tracefs.
func (k ProbeKind) File() string {
	if k == KProbe {
		return "kprobe_events"
	}
	return "uprobe_events"
}

// String is "kprobe" or "uprobe".
func (k ProbeKind) String() string { return strings.TrimSuffix(k.File(), "_events") }

// ProbeLine is one definition as kprobe_events or uprobe_events lists it.
type ProbeLine struct {
	Kind  ProbeKind
	Type  byte   // 'p' probe, 'r' return probe
	Flags string // what stands between type and colon: maxactive of a kretprobe
	Group string
	Event string
	Place string // symbol+offset, address, or path:0xoffset
	Args  []ProbeArg
	Text  string // the whole line
}

// ProbeArg is one argument of a definition.
type ProbeArg struct {
	Name string
	Expr string // fetch expression without type: "+0(%di)"
	Type string // "string", "x64", "b3@5/32", "u8[12]"; "" if none is written
}

// ErrProbeLine tells that a line is no probe's definition.
var ErrProbeLine = errors.New("not a probe definition")

// ParseProbeLine reads a definition: TYPE[FLAGS]:GROUP/EVENT PLACE [ARG]...
func ParseProbeLine(kind ProbeKind, line string) (ProbeLine, error) {
	line = strings.TrimRight(line, "\r\n")
	words := strings.Fields(line)
	if len(words) < 2 {
		return ProbeLine{}, fmt.Errorf("%w: %q", ErrProbeLine, line)
	}
	p := ProbeLine{Kind: kind, Type: words[0][0], Place: words[1], Text: line}
	flags, name, ok := strings.Cut(words[0][1:], ":")
	group, event, slash := strings.Cut(name, "/")
	if !ok || !slash || group == "" || event == "" || p.Type != 'p' && p.Type != 'r' {
		return ProbeLine{}, fmt.Errorf("%w: %q", ErrProbeLine, line)
	}
	p.Flags, p.Group, p.Event = flags, group, event
	for _, w := range words[2:] {
		p.Args = append(p.Args, parseProbeArg(w))
	}
	return p, nil
}

// parseProbeArg splits [NAME=]EXPR[:TYPE]; a colon inside a string constant
// (\"a:b") is the string's.
func parseProbeArg(w string) ProbeArg {
	var a ProbeArg
	name, expr, ok := strings.Cut(w, "=")
	if !ok {
		name, expr = "", w
	}
	a.Name, a.Expr = name, expr
	from := 0
	if strings.HasPrefix(expr, `\"`) {
		from = strings.LastIndexByte(expr, '"')
	}
	if i := strings.LastIndexByte(expr[from:], ':'); i >= 0 {
		a.Expr, a.Type = expr[:from+i], expr[from+i+1:]
	}
	return a
}

// HasKprobes tells whether the kernel can define kprobe events.
func (f *FS) HasKprobes() bool { return f.exists(KProbe.File()) }

// HasUprobes tells whether the kernel can define uprobe events.
func (f *FS) HasUprobes() bool { return f.exists(UProbe.File()) }

func (f *FS) exists(name string) bool {
	_, err := os.Stat(f.Path(name))
	return err == nil
}

// Probes lists the definitions of a kind, in the kernel's order. A kernel
// without the kind gives an error that matches fs.ErrNotExist. Lines that are
// not understood are left out.
func (f *FS) Probes(kind ProbeKind) ([]ProbeLine, error) {
	b, err := settled(func() ([]byte, error) { return f.read(kind.File()) })
	if err != nil {
		return nil, err
	}
	var list []ProbeLine
	for line := range strings.Lines(string(b)) {
		if p, err := ParseProbeLine(kind, line); err == nil {
			list = append(list, p)
		}
	}
	return list, nil
}

// seqPage is what the kernel hands out of a list at once, at least (seq_read_iter of fs/seq_file.c).
const seqPage = 4096

// maxReadings bounds how often a list is read that others change all the time.
const maxReadings = 50

// settled reads a list until two readings agree. The kernel hands it out page by page and counts lines between: if somebody
// removes one that was handed out already, the next line is missed.
func settled(read func() ([]byte, error)) ([]byte, error) {
	b, err := read()
	for range maxReadings {
		if err != nil || len(b) < seqPage {
			return b, err
		}
		var again []byte
		if again, err = read(); bytes.Equal(again, b) {
			return again, err
		}
		b = again
	}
	return b, err
}

// Definitions returns the text of each event, by GROUP:EVENT: its lines in the kernel's order, one for each place.
func Definitions(lines []ProbeLine) map[string]string {
	all := make(map[string]string)
	for i := range lines {
		name := lines[i].Group + ":" + lines[i].Event
		if have, ok := all[name]; ok {
			all[name] = have + "\n" + lines[i].Text
		} else {
			all[name] = lines[i].Text
		}
	}
	return all
}

// maxDefinition is what the kernel takes in one line: trace_parse_run_command
// has a buffer of 4096 bytes and needs the newline and a NUL in it.
const maxDefinition = 4094

// ErrHostile tells that a definition was not written because the kernel would
// have read something else in it.
var ErrHostile = errors.New("the kernel would misread this definition")

// checkDefinition refuses what could become a second command, a comment or a
// removal.
func checkDefinition(line string) error {
	switch {
	case len(line) > maxDefinition:
		return fmt.Errorf("%w: %d bytes, it takes %d", ErrHostile, len(line), maxDefinition)
	case strings.HasPrefix(line, "-") || strings.HasPrefix(line, "!"):
		return fmt.Errorf("%w: it would remove an event", ErrHostile)
	}
	for i := range len(line) {
		switch c := line[i]; {
		case c == '#':
			return fmt.Errorf("%w: a comment begins at column %d", ErrHostile, i)
		case c < ' ' || c == 0x7f:
			return fmt.Errorf("%w: control character %q at column %d", ErrHostile, c, i)
		}
	}
	return nil
}

// Define adds a definition. A refusal is a *DefineError.
func (f *FS) Define(kind ProbeKind, line string) error {
	if err := checkDefinition(line); err != nil {
		return &DefineError{Line: line, File: kind.File(), Column: -1, Err: err}
	}
	return f.command(kind, line)
}

// Remove takes the event GROUP/EVENT of a kind away. A refusal is a
// *DefineError: fs.ErrNotExist if there is none, EBUSY while it is in use.
func (f *FS) Remove(kind ProbeKind, group, event string) error {
	line := "-:" + group + "/" + event
	err := errors.Join(checkName(group), checkName(event))
	if err == nil {
		err = checkDefinition(line[1:])
	}
	if err == nil && strings.ContainsAny(line, " ") {
		err = fmt.Errorf("%w: blank in a name", ErrHostile)
	}
	if err != nil {
		return &DefineError{Line: line, File: kind.File(), Column: -1, Err: err}
	}
	return f.command(kind, line)
}

// command writes one line. Opened without O_APPEND the file would lose all
// its definitions, other people's too.
func (f *FS) command(kind ProbeKind, line string) error {
	w, err := os.OpenFile(f.Path(kind.File()), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return &DefineError{Line: line, File: kind.File(), Column: -1, Err: unwrapPath(err)}
	}
	defer w.Close()
	if _, err := w.WriteString(line + "\n"); err != nil {
		e := &DefineError{Line: line, File: kind.File(), Column: -1, Err: unwrapPath(err)}
		e.explain(f)
		return e
	}
	return nil
}
