package main

import (
	"errors"
	"fmt"
	"strings"
)

// warn prints what went wrong without ending the command.
func (p *prober) warn(err error) {
	fmt.Fprintln(p.app.err, strings.TrimRight(err.Error(), "\n"))
	var pointer interface{ Caret() string }
	if errors.As(err, &pointer) && pointer.Caret() != "" {
		fmt.Fprintln(p.app.err, pointer.Caret())
	}
	var hinter interface{ Hint() string }
	if errors.As(err, &hinter) && hinter.Hint() != "" {
		fmt.Fprintf(p.app.err, "  hint: %s\n", strings.ReplaceAll(hinter.Hint(), "\n", "\n        "))
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
