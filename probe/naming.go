package probe

import (
	"fmt"
	"hash/fnv"
	"path/filepath"
	"strings"

	"github.com/gperf-dev/gperf/internal/funcname"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// returnSuffix is what perf puts behind the name of an event at a function's return.
const returnSuffix = "__return"

// defaultGroup is "probe" for the kernel, "probe_" and the beginning of the file's name for a program.
func (r *Resolver) defaultGroup() string {
	if !r.user() {
		return "probe"
	}
	base := filepath.Base(r.target.Exec)
	for i := range len(base) {
		if !isName("_" + base[i:i+1]) {
			base = base[:i]
			break
		}
	}
	return clip("probe_" + base)
}

func clip(s string) string { return s[:min(len(s), maxName)] }

// eventName is the name of an event on a function: the function's, without what compilers and linkers put behind a dot or
// an '@'. Of Go's, C++'s and Rust's names all parts are kept, with '_' between them; the parameters of C++ if they were asked for.
func eventName(function string, isGo bool) string {
	name := function
	if typed, ok := symtab.DemangleTyped(name); ok && !isGo {
		name = typed
	}
	if !isGo && !strings.ContainsAny(name, ":<(~ ") {
		if i := strings.IndexAny(name, ".@"); i > 0 {
			name = name[:i]
		}
	}
	if isName(name) {
		return clipEvent(name, function)
	}
	n := funcname.Parse(name)
	if isGo {
		n = funcname.Name{Path: []string{strings.ReplaceAll(name, "go.shape.", "")}}
	}
	s := n.Event()
	if i := strings.LastIndexByte(function, '/'); isGo && i >= 0 && len(s) > maxName { // the package, without the way to it
		n.Path[0] = function[i+1:]
		return clipTo(n.Event(), function, 0)
	}
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = "_" + s
	}
	return clipEvent(s, function)
}

// clipEvent cuts a name that is too long for the kernel. A sum of the function's name takes the place of what is cut, so that functions
// whose names differ at the end only do not get the same.
func clipEvent(name, function string) string {
	if len(name) <= maxName {
		return name
	}
	return clipTo(name, function, 0)
}

// clipTo puts the sum of the function's name behind what of the name leaves room characters of those that the kernel takes.
func clipTo(name, function string, room int) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(function)) // never fails
	sum := fmt.Sprintf("_%08x", h.Sum32())
	return strings.TrimRight(name[:min(len(name), maxName-len(sum)-room)], "_") + sum
}

// maxText is the longest fetch expression with its type (MAX_ARGSTR_LEN in kernel/trace/trace_probe.h), maxLine
// the longest line (WRITE_BUFSIZE in kernel/trace/trace_dynevent.c, with its newline).
const (
	maxText = 63
	maxLine = 4094
)

// check compares the event with the kernel's limits.
func (e *Event) check() error {
	for _, n := range []struct{ what, text string }{{"group", e.Group}, {"event", e.Name}} {
		if !isName(n.text) {
			return &LimitError{What: n.what + " name", Text: n.text, Msg: "must follow the rules of C identifiers"}
		}
		if len(n.text) > maxName {
			return &LimitError{What: n.what + " name", Text: n.text, Msg: fmt.Sprintf("is longer than %d characters", maxName)}
		}
	}
	for i := range e.Places {
		if err := e.checkArgs(&e.Places[i]); err != nil {
			return err
		}
		line := e.line(&e.Places[i])
		if strings.ContainsAny(line, "\n\x00") { // a symbol's name may hold anything
			return &LimitError{What: "definition", Text: line, Msg: "holds a character that ends it"}
		}
		if len(line) > maxLine {
			return &LimitError{What: "definition", Text: line[:60] + "…", Msg: fmt.Sprintf("is longer than %d characters", maxLine)}
		}
	}
	return nil
}

func (e *Event) checkArgs(p *Place) error {
	if len(p.Args) > MaxArgs {
		return &LimitError{What: "event", Text: e.Name, Msg: fmt.Sprintf("has %d arguments: the kernel takes %d", len(p.Args), MaxArgs)}
	}
	names := make(map[string]bool, len(p.Args))
	for i, a := range p.Args {
		if a.Name == "" {
			a.Name = fmt.Sprintf("arg%d", i+1) // the kernel's own choice
		}
		switch body := (Arg{Fetch: a.Fetch, Type: a.Type}).String(); {
		case !isName(a.Name):
			return &LimitError{What: "argument name", Text: a.Name, Msg: "must follow the rules of C identifiers"}
		case len(a.Name) >= maxArgName:
			return &LimitError{What: "argument name", Text: a.Name, Msg: fmt.Sprintf("is longer than %d characters", maxArgName-1)}
		case names[a.Name]:
			return &LimitError{What: "argument name", Text: a.Name, Msg: "is used twice"}
		case len(body) > maxText:
			return &LimitError{What: "argument", Text: body, Msg: fmt.Sprintf("is longer than %d characters, the kernel's limit", maxText)}
		case strings.ContainsAny(body, "\n#"):
			return &LimitError{What: "argument", Text: body, Msg: "holds a character that the kernel does not take"}
		}
		names[a.Name] = true
	}
	return nil
}
