package tracefs

// ProbeKind tells which file a dynamic event lives in.
type ProbeKind uint8

// The two kinds of dynamic events.
const (
	KProbe ProbeKind = iota + 1 // kprobe_events
	UProbe                      // uprobe_events
)

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
