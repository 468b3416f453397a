package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gperf-dev/gperf/probe"
)

// probeWord is a definition, a point or a pattern, and the target that holds for it.
type probeWord struct {
	text   string
	target probe.Target
	free   bool // it was no option's value
}

// probeWords collects the options of probe whose order matters: a target holds for the definitions behind it.
type probeWords struct {
	command  byte // a, D, d, l, V, F; 0 if none was given
	words    []probeWord
	target   probe.Target
	pending  bool // a target was given and nothing used it yet
	targets  int
	conflict error
}

// wordFlag is one of these options; it is a pflag.Value.
type wordFlag struct {
	all    *probeWords
	letter byte
}

func (w *probeWords) flag(letter byte) *wordFlag { return &wordFlag{w, letter} }

func (f *wordFlag) String() string { return "" }
func (f *wordFlag) Type() string   { return "text" }

// Set takes one value.
func (f *wordFlag) Set(s string) error {
	w := f.all
	switch f.letter {
	case 'x', 'm':
		if s == "" { // no target is the kernel, which nobody means by an empty variable of a script
			return errors.New("it is empty")
		}
		if f.letter == 'x' {
			w.setTarget(probe.Target{Exec: s})
		} else {
			w.setTarget(probe.Target{Module: s})
		}
	default:
		if w.command != 0 && w.command != f.letter {
			w.conflict = fmt.Errorf("switch `%c' cannot be used with switch `%c'", f.letter, w.command)
			return nil
		}
		w.command = f.letter
		w.add(s, false)
	}
	return nil
}

func (w *probeWords) setTarget(t probe.Target) {
	w.target, w.pending = t, true
	w.targets++
}

func (w *probeWords) add(text string, free bool) {
	w.words = append(w.words, probeWord{text, w.target, free})
	w.pending = false
}

// free takes the words behind the options: a path as target, and one definition whose words are joined by blanks. What
// is wrong with them comes back in words.
func (w *probeWords) free(args []string) (wrong, hint string) {
	if len(args) == 0 {
		return "", ""
	}
	if args[0] == "-" {
		return "'-' is not supported.", ""
	}
	if w.command != 0 && w.command != 'a' {
		return "another command except --add is set.", fmt.Sprintf("-%c takes one word: quote it", w.command)
	}
	if strings.HasPrefix(args[0], "/") {
		w.setTarget(pathTarget(args[0]))
		args = args[1:]
	}
	w.command = 'a'
	if len(args) > 0 {
		w.add(strings.Join(args, " "), true)
	}
	return "", ""
}

// pathTarget is what a leading path means: a kernel module's file, or a program.
func pathTarget(path string) probe.Target {
	if strings.HasSuffix(path, ".ko") || strings.Contains(filepath.Base(path), ".ko.") {
		return probe.Target{Module: path}
	}
	return probe.Target{Exec: path}
}

func (w *probeWords) hasTarget() bool    { return w.targets > 0 }
func (w *probeWords) unusedTarget() bool { return w.pending }

// texts returns the words without their targets.
func (w *probeWords) texts() []string {
	var all []string
	for _, word := range w.words {
		all = append(all, word.text)
	}
	return all
}
