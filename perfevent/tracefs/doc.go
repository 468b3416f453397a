// Package tracefs reads and writes the kernel's tracing file system: it finds
// or mounts it, reads event formats, prints raw event data through a format's
// print format, and lists, defines and removes dynamic events (kprobes and
// uprobes).
//
// Words: a system (or group) is a directory below events/, an event a
// directory in it; a format is the text of its format file; a print format
// ("print fmt") is the C-like expression at that text's end; a dynamic event
// is a line of kprobe_events or uprobe_events.
//
// Printing follows libtraceevent as perf 6.1 carries it, because that is what
// perf script shows. Where that library prints a wrong value, Format prints
// the right one; docs/differences.md lists these cases.
package tracefs
