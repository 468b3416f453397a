package sampletext

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/perfevent"
)

// Field is a set of parts of a line.
type Field uint32

// The parts, by the names that -F takes.
const (
	Comm Field = 1 << iota
	TID
	PID
	Time
	CPU
	EventName
	Trace
	IP
	Sym
	DSO
	Addr
	SymOff
	Period
	IRegs
	URegs
	Weight
	BPFOutput
	PhysAddr
	Misc
	DataPageSize
	CodePageSize
	InsLat
	Flags
)

var fieldNames = []struct {
	name  string
	field Field
}{
	{"comm", Comm}, {"tid", TID}, {"pid", PID}, {"time", Time}, {"cpu", CPU}, {"event", EventName}, {"trace", Trace},
	{"ip", IP}, {"sym", Sym}, {"dso", DSO}, {"addr", Addr}, {"symoff", SymOff}, {"period", Period}, {"iregs", IRegs},
	{"uregs", URegs}, {"weight", Weight}, {"bpf-output", BPFOutput}, {"phys_addr", PhysAddr}, {"misc", Misc},
	{"data_page_size", DataPageSize}, {"code_page_size", CodePageSize}, {"ins_lat", InsLat}, {"flags", Flags},
}

// perfOnly are the fields that perf has and gperf has not.
var perfOnly = []string{"srcline", "srccode", "brstack", "brstacksym", "brstackoff", "brstackinsn", "brstackinsnlen", "data_src",
	"callindent", "insn", "insnlen", "synth", "metric", "ipc", "tod", "machine_pid", "vcpu"}

// listFields returns the names that -F takes.
func listFields() []string {
	names := make([]string, len(fieldNames))
	for i, f := range fieldNames {
		names[i] = f.name
	}
	return names
}

func fieldName(f Field) string {
	for _, n := range fieldNames {
		if n.field == f {
			return n.name
		}
	}
	return ""
}

// kind groups event types whose lines have the same fields.
type kind uint8

const (
	hardware kind = iota
	software
	tracepoint
	cache
	raw
	breakpoint
	other // PMUs with a type number that the kernel hands out
	kinds
)

var kindNames = [kinds]string{"hardware", "software", "tracepoint", "hardware-cache", "raw", "breakpoint", "unknown"}

// kindPrefixes are what may stand before the colon in -F.
var kindPrefixes = map[string]kind{"hw": hardware, "sw": software, "trace": tracepoint, "raw": raw, "break": breakpoint}

func kindOf(t perfevent.Type) kind {
	if t < perfevent.TypeMax {
		return kind(t)
	}
	return other
}

const hwFields = Comm | TID | CPU | Time | EventName | IP | Sym | SymOff | DSO | Period

func defaultFields() (f [kinds]Field) {
	for k := range f {
		f[k] = hwFields
	}
	f[software] |= BPFOutput
	f[tracepoint] = Comm | TID | CPU | Time | EventName | Trace
	f[raw] |= Addr | Weight | PhysAddr | DataPageSize | CodePageSize | InsLat
	return f
}

// impossible are the fields that events of a kind never have.
func impossible(k kind) Field {
	switch k {
	case tracepoint:
		return 0
	case software:
		return Trace
	}
	return Trace | BPFOutput
}

// Selection is which fields the lines of each kind of event show. The zero value is perf's default.
type Selection struct {
	fields [kinds]Field
	asked  [kinds]Field // by name: an event without it is an error
	byUser [kinds]bool
	ready  bool
}

// FieldError is a -F that cannot be followed.
type FieldError struct {
	Arg  string // as given
	What string // what is wrong with it
	Next string // the way out
}

func (e *FieldError) Error() string { return fmt.Sprintf("fields '%s': %s", e.Arg, e.What) }

// Hint is the next step.
func (e *FieldError) Hint() string { return e.Next }

// ExitStatus is 129, perf's for a command line that it cannot read.
func (e *FieldError) ExitStatus() int { return 129 }

// Apply takes one value of -F: [hw:|sw:|trace:|raw:|break:]FIELD,…, where +FIELD adds to and -FIELD takes from what is
// shown already. Later ones go on from earlier ones. See parse_output_fields in tools/perf/builtin-script.c.
func (s *Selection) Apply(arg string) error {
	if !s.ready {
		s.fields, s.ready = defaultFields(), true
	}
	targets := allKinds()
	list := arg
	exact := false
	if prefix, rest, found := strings.Cut(arg, ":"); found {
		k, ok := kindPrefixes[prefix]
		if !ok {
			return &FieldError{arg, "no event type is called '" + prefix + "'", "the types are hw, sw, trace, raw and break"}
		}
		targets, list, exact = []kind{k}, rest, true
	} else if arg == "" {
		return &FieldError{arg, "no field is left to show for any event", "name at least one: " + strings.Join(listFields(), ", ")}
	}
	if !strings.ContainsAny(list, "+-") || isPlain(list) {
		for _, k := range targets {
			s.fields[k], s.asked[k], s.byUser[k] = 0, 0, true
		}
	}
	return s.change(arg, list, targets, exact)
}

// isPlain tells whether - stands only inside names, as in bpf-output.
func isPlain(list string) bool {
	for w := range strings.SplitSeq(list, ",") {
		if strings.HasPrefix(w, "+") || strings.HasPrefix(w, "-") {
			return false
		}
	}
	return true
}

func allKinds() []kind {
	all := make([]kind, kinds)
	for i := range all {
		all[i] = kind(i)
	}
	return all
}

func (s *Selection) change(arg, list string, targets []kind, exact bool) error {
	signs, plain := 0, 0
	for word := range strings.SplitSeq(list, ",") {
		if word == "" {
			continue
		}
		remove := false
		switch word[0] {
		case '+', '-':
			signs++
			remove = word[0] == '-'
			word = word[1:]
		default:
			plain++
		}
		if signs > 0 && plain > 0 {
			return &FieldError{arg, "+FIELD and -FIELD change the default, plain names replace it: both at once mean nothing", "write all with a sign, or none"}
		}
		f, err := fieldByName(arg, word)
		if err != nil {
			return err
		}
		for _, k := range targets {
			if f&impossible(k) != 0 {
				if exact {
					return &FieldError{arg, fmt.Sprintf("%s events have no '%s'", kindNames[k], word), ""}
				}
				continue
			}
			s.byUser[k] = true
			if remove {
				s.fields[k] &^= f
				s.asked[k] &^= f
			} else {
				s.fields[k] |= f
				s.asked[k] |= f
			}
		}
	}
	return nil
}

func fieldByName(arg, word string) (Field, error) {
	for _, n := range fieldNames {
		if n.name == word {
			return n.field, nil
		}
	}
	if slices.Contains(perfOnly, word) {
		return 0, &FieldError{arg, "perf knows a field '" + word + "', gperf does not print it", "leave it out, or print it with perf script"}
	}
	return 0, &FieldError{arg, "there is no field '" + word + "'", "the fields are " + strings.Join(listFields(), ", ")}
}
