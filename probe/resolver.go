package probe

import (
	"context"
	"io/fs"
)

// Target says what is probed. The zero value is the running kernel.
type Target struct {
	Exec    string // a program or shared library
	Module  string // a kernel module: its name, or the path of its .ko file
	Vmlinux string // the kernel's image with debug information; "" to look for the running kernel's
	// Offline takes Vmlinux as it is: it need not be the running kernel's, and places are written as symbol+offset.
	Offline bool
}

// Options say how to resolve. The zero value is perf's behaviour.
type Options struct {
	NoInlines bool   // leave instances of inlined functions out
	MaxPlaces int    // how many places one definition may have; 0: 128
	Root      string // directory in which debug files are looked for instead of /
	System    fs.FS  // the machine's root directory, for proc/kallsyms and sys/kernel; nil: none, so that kernel targets need Vmlinux
}

// Resolver finds places and values in one target.
type Resolver struct {
	target  Target
	options Options
}

// NewResolver maps the target's file. The caller closes the Resolver.
func NewResolver(ctx context.Context, t Target, o Options) (*Resolver, error) { return nil, errSoon }

// Close unmaps the files. Events that were resolved stay valid.
func (r *Resolver) Close() error { return nil }

// Resolve finds the places of a definition and translates its arguments.
func (r *Resolver) Resolve(d *Definition) (*Event, error) { return nil, errSoon }
