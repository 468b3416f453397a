// Package probe turns a probe definition, as perf users type it, into events that the kernel understands, and adds, lists
// and removes them.
//
// The way of a definition:
//
//	text ─ Parse ─► Definition ─ Resolver.Resolve ─► Event ─ Manager.Add ─► uprobe_events or kprobe_events
//
// Parse is pure. A Resolver knows one target: a program, a library, the kernel or one of its modules; it finds the places
// and translates the arguments. An Event is plain data: its lines can be printed ([Event.KernelLines]) or given to a
// [Manager].
//
// Terms: a definition is what the user typed; a point is where it asks to probe; a place is one address that was found
// for it, and there may be several, since compilers inline functions. All places of a definition belong to one event.
package probe
