package tracefs

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/sys/unix"
)

// DefineError is a definition or removal that was refused, by the kernel or
// before it was written.
type DefineError struct {
	Line    string // what was to be written
	File    string // kprobe_events or uprobe_events
	Message string // the kernel's words from error_log (5.2); "" if it said none
	Column  int    // where in Line the kernel points, from 0; -1 unknown
	Err     error  // the errno, or ErrHostile
}

func (e *DefineError) Error() string {
	what := "define"
	if strings.HasPrefix(e.Line, "-") {
		what = "remove"
	}
	s := fmt.Sprintf("%s %q in %s: %v", what, e.Line, e.File, e.Err)
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Column >= 0 && e.Column < len(e.Line) {
		word, _, _ := strings.Cut(e.Line[e.Column:], " ")
		s += fmt.Sprintf(" at column %d, %q", e.Column+1, word)
	}
	return s
}

func (e *DefineError) Unwrap() error { return e.Err }

// Caret draws the line and a mark below the place that the kernel points at;
// "" if it pointed at none.
func (e *DefineError) Caret() string {
	if e.Column < 0 || e.Column > len(e.Line) {
		return ""
	}
	return e.Line + "\n" + strings.Repeat(" ", e.Column) + "^"
}

// Hint is the next step.
func (e *DefineError) Hint() string {
	switch {
	case errors.Is(e.Err, ErrHostile), errors.Is(e.Err, ErrBadName):
		return "choose an event name, a path and arguments without control characters and #"
	case errors.Is(e.Err, fs.ErrNotExist) && strings.HasPrefix(e.Line, "-"):
		return "list the events that are defined: gperf probe -l"
	case errors.Is(e.Err, fs.ErrNotExist) && e.File == "kprobe_events" && e.Message == "":
		return "this kernel has no kprobe events (CONFIG_KPROBE_EVENTS); tracepoints and uprobes may serve"
	case errors.Is(e.Err, fs.ErrNotExist) && e.Message == "":
		return "no such file or function; check the path and the name"
	case errors.Is(e.Err, fs.ErrPermission):
		return "run as root; with kernel lockdown, probes are not allowed"
	case errors.Is(e.Err, unix.EBUSY):
		return "the event is in use: end what records it, or write 0 to its enable file"
	case errors.Is(e.Err, fs.ErrExist):
		return "an event of this name exists: choose another, or remove it with gperf probe --del"
	case e.File == "kprobe_events" && e.Message == "Failed to register probe event":
		return "the kernel takes no probe in what tracing itself is made of (/sys/kernel/debug/kprobes/blacklist): probe a caller"
	case errors.Is(e.Err, unix.EILSEQ):
		return "the address is not at an instruction's start"
	}
	return ""
}

// explain looks for what the kernel said about e.Line.
func (e *DefineError) explain(f *FS) {
	log, err := f.read("error_log")
	if err != nil {
		return
	}
	e.Message, e.Column = findInLog(string(log), e.Line)
}

const logCommand = "  Command: "

// findInLog returns message and caret's column of the last entry of an
// error_log that is about line. Entries are three lines:
//
//	[  421.1] trace_uprobe: error: Invalid argument
//	  Command: p:x/y /bin/bash:0
//	                 ^
//
// The kernel joins a command's words by single blanks, so words are compared
// and the column is moved to line's own spacing.
func findInLog(log, line string) (message string, column int) {
	words := strings.Join(strings.Fields(line), " ")
	lines := strings.Split(log, "\n")
	for i := len(lines) - 1; i > 0; i-- {
		cmd, ok := strings.CutPrefix(lines[i], logCommand)
		if !ok || strings.Join(strings.Fields(cmd), " ") != words {
			continue
		}
		_, message, _ = strings.Cut(lines[i-1], " error: ")
		column = -1
		if i+1 < len(lines) {
			if at := strings.IndexByte(lines[i+1], '^'); at >= len(logCommand) {
				column = spread(line, cmd, at-len(logCommand))
			}
		}
		return strings.TrimSpace(message), column
	}
	return "", -1
}

// spread moves a column of joined, which has the words of line, to line.
func spread(line, joined string, column int) int {
	if column > len(joined) {
		return -1
	}
	seen := 0 // bytes of words before column
	for i := range column {
		if joined[i] != ' ' {
			seen++
		}
	}
	for i := range len(line) {
		if line[i] == ' ' {
			continue
		}
		if seen == 0 {
			return i
		}
		seen--
	}
	return -1
}
