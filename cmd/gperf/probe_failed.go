package main

import (
	"errors"
	"fmt"
	"strings"
)

// say prints a message, unless -q.
func (p *prober) say(format string, args ...any) {
	if !p.o.quiet {
		fmt.Fprintln(p.app.err, shown(fmt.Sprintf(format, args...)))
	}
}

// warn prints what went wrong without ending the command.
func (p *prober) warn(err error) {
	fmt.Fprintln(p.app.err, shown(strings.TrimRight(err.Error(), "\n")))
	var pointer interface{ Caret() string }
	if errors.As(err, &pointer) && pointer.Caret() != "" {
		fmt.Fprintln(p.app.err, shown(pointer.Caret()))
	}
	var hinter interface{ Hint() string }
	if errors.As(err, &hinter) && hinter.Hint() != "" {
		fmt.Fprintf(p.app.err, "  hint: %s\n", strings.ReplaceAll(shown(hinter.Hint()), "\n", "\n        "))
	}
}

// failed prints an error, its place in the text and its hint, and perf's last line; it returns the exit status.
func (p *prober) failed(err error, last string) error {
	p.warn(err)
	if last != "" {
		fmt.Fprintf(p.app.err, "  Error: %s\n", last)
	}
	return &exitError{status: probeStatus(err)}
}

// freeWordError is a definition that was no option's value and cannot be read. perf has its own words and status for it.
type freeWordError struct{ error }

func (e *freeWordError) Unwrap() error   { return e.error }
func (e *freeWordError) ExitStatus() int { return 234 }

// notAdded is failed for definitions.
func (p *prober) notAdded(err error) error {
	if is[*freeWordError](err) {
		return p.failed(err, "Command Parse Error.")
	}
	return p.failed(err, "Failed to add events.")
}
