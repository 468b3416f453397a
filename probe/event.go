package probe

import (
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Event is a resolved definition: what is to be written to the kernel. It is plain data.
type Event struct {
	Definition *Definition
	Kind       tracefs.ProbeKind
	Group      string
	Name       string // Manager.Add may put a number behind it, see AddOptions.Force
	Return     bool
	Target     string // path of the program or library, name of the kernel module, "" for the kernel itself
	Places     []Place
	Fields     []argtype.Field    // what the values mean, where that is more than the kernel's types tell
	Concrete   []argtype.Concrete // types that interfaces among the values may hold
	BuildID    string             // of the target, hexadecimal; "" if it has none
	moves      bool               // the target's addresses change when it is loaded
	Notes      []string           // what the user should know: instances left out, functions that resolve to others

	file CachedFile // for Cache: what the event is for; its Events are not set
}

// Place is one address at which an event's probe stands.
type Place struct {
	At       string // in the kernel's terms: /bin/bash:0xc6c20, _text+7045680, ext4:ext4_iget+12
	Function string // that the address lies in, "" if unknown
	Offset   uint64 // of the address in Function
	Address  uint64 // virtual address as the file is linked
	Inlined  bool   // an instance of an inlined function
	Args     []Arg
}

// Arg is one value as the kernel fetches it.
type Arg struct {
	Name  string // "" lets the kernel call it argN
	Fetch string // "+8(%di)", "$retval", …
	Type  string // "s32", "string", …; "" is the kernel's default, x64
}

// String returns the argument as it is written to the kernel.
func (a Arg) String() string {
	s := a.Fetch
	if a.Name != "" {
		s = a.Name + "=" + s
	}
	if a.Type != "" {
		s += ":" + a.Type
	}
	return s
}

// KernelLines returns the lines to write to uprobe_events or kprobe_events, one for each place.
func (e *Event) KernelLines() []string {
	lines := make([]string, len(e.Places))
	for i := range e.Places {
		lines[i] = e.line(&e.Places[i])
	}
	return lines
}

func (e *Event) line(p *Place) string {
	var b strings.Builder
	if e.Return {
		b.WriteString("r:")
	} else {
		b.WriteString("p:")
	}
	b.WriteString(e.Group + "/" + e.Name + " " + p.At)
	for _, a := range p.Args {
		b.WriteString(" " + a.String())
	}
	return b.String()
}

// Summary returns the event as perf's lists show one that was just added: "GROUP:EVENT (on POINT in TARGET with ARGS)".
func (e *Event) Summary() string {
	args := make([]string, len(e.Definition.Args))
	for i := range args {
		args[i] = e.Definition.Args[i].Text
	}
	return summary(e.Group, e.Name, e.Definition.Point.String(), e.Target, args)
}

// OnePoint reports whether the event's places are one point to who asked for it: the returns of a Go function.
func (e *Event) OnePoint() bool { return e.Definition.Point.Return && !e.Return && len(e.Places) > 0 }

func summary(group, name, point, target string, args []string) string {
	var b strings.Builder
	full := group + ":" + name
	b.WriteString("  " + full + strings.Repeat(" ", max(0, 20-len(full))) + " (on " + point)
	if target != "" {
		b.WriteString(" in " + target)
	}
	if len(args) > 0 {
		b.WriteString(" with " + strings.Join(args, " "))
	}
	b.WriteString(")")
	return b.String()
}

func hexText(v uint64) string { return "0x" + strconv.FormatUint(v, 16) }
