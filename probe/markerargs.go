package probe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/sdtnote"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/perfevent/argtype"
)

// markerQuery collects the places of one marker.
type markerQuery struct {
	r      *Resolver
	d      *Definition
	places []Place
	fields []argtype.Field
	notes  []string
	left   map[int]string // numbers of arguments that some place cannot give, and why
}

// place translates one place of the marker with its arguments: those that were asked for, else all.
func (q *markerQuery) place(m *sdtnote.Marker) (Place, error) {
	at, err := q.at(m)
	if err != nil {
		return Place{}, err
	}
	p := Place{At: at, Address: m.PC}
	if name, offset, ok := q.r.image.symbolAt(m.PC); ok {
		p.Function, p.Offset = name, offset
	}
	operands := sdtnote.SplitArgs(m.Args)
	if len(q.d.Args) == 0 {
		return q.all(p, operands), nil
	}
	for i := range q.d.Args {
		arg, err := q.asked(&q.d.Args[i], operands, &p)
		if err != nil {
			return Place{}, err
		}
		p.Args = append(p.Args, arg)
	}
	return p, nil
}

// all takes every argument of the marker. One that cannot be fetched is left out, and so it is at the other places.
func (q *markerQuery) all(p Place, operands []string) Place {
	for i, text := range operands {
		name := "arg" + strconv.Itoa(i+1)
		fetch, o, err := q.operand(text)
		if err != nil {
			q.left[i+1] = err.Error()
			continue
		}
		p.Args = append(p.Args, Arg{Name: name, Fetch: fetch, Type: q.operandType(name, o)})
	}
	return p
}

// drop takes arguments away that not all places have, and says so.
func (q *markerQuery) drop() {
	for _, n := range sortedKeys(q.left) {
		name := "arg" + strconv.Itoa(n)
		for i := range q.places {
			q.places[i].Args = slices.DeleteFunc(q.places[i].Args, func(a Arg) bool { return a.Name == name })
		}
		q.fields = slices.DeleteFunc(q.fields, func(f argtype.Field) bool { return f.Name == name })
		q.notes = append(q.notes, fmt.Sprintf("%s of %s is left out: %s", name, q.d.Point.String(), q.left[n]))
	}
}

func sortedKeys(m map[int]string) []int {
	var keys []int
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// asked translates an argument that the user named: argN is the marker's, everything else is fetched as at any address.
func (q *markerQuery) asked(a *Argument, operands []string, p *Place) (Arg, error) {
	n, own, err := q.number(a)
	if err != nil {
		return Arg{}, err
	}
	if !own {
		v := values{r: q.r, e: &Event{Definition: q.d}}
		if err := v.checkRaw(a); err != nil {
			return Arg{}, err
		}
		return v.raw(a, &spot{addr: p.Address, symbol: p.Function, entry: p.Address - p.Offset})
	}
	if n > len(operands) {
		return Arg{}, &ArgumentError{Arg: a.Text, Msg: fmt.Sprintf("%s has %d arguments", q.d.Point.String(), len(operands)), Next: "they are called arg1, arg2, …"}
	}
	fetch, o, err := q.operand(operands[n-1])
	if err != nil {
		return Arg{}, err
	}
	arg := Arg{Name: a.Name, Fetch: fetch, Type: a.Type}
	if arg.Name == "" {
		arg.Name = "arg" + strconv.Itoa(n)
	}
	switch {
	case isString(a.Type):
		if o.Kind == sdtnote.Immediate || o.Size != q.r.image.file.PointerSize() {
			return Arg{}, &ArgumentError{Arg: a.Text, Msg: fmt.Sprintf("%s is no pointer to text", o.Text), Next: "leave :" + a.Type + " out"}
		}
		arg.Fetch = "+0(" + fetch + ")"
	case a.Type == "" || a.Type == "x" || a.Type == "u" || a.Type == "s":
		arg.Type = q.operandType(arg.Name, o)
		if a.Type != "" && !o.High {
			arg.Type = a.Type + strconv.Itoa(o.Size*8)
		}
	}
	return arg, nil
}

// number tells which of the marker's arguments a value is, if it is one: argN, or $argN as at a function's entry.
func (q *markerQuery) number(a *Argument) (n int, own bool, err error) {
	digits, ok := strings.CutPrefix(strings.TrimPrefix(a.Value, "$"), "arg")
	if n, convErr := strconv.Atoi(digits); ok && convErr == nil && n >= 1 && n <= MaxArgs {
		return n, true, nil
	}
	if a.Expr != nil || a.isSet() || strings.Contains(a.Value, "$arg") {
		return 0, false, &ArgumentError{Arg: a.Text, Msg: "a marker's arguments are called arg1, arg2, …; they have no names and no members",
			Next: "arg1:string reads text; variables of the function around the marker are read by FUNC+OFFSET or FILE:LINE"}
	}
	return 0, false, nil
}

// operandType is the kernel's type of an operand, as perf writes it, and notes what a float means.
func (q *markerQuery) operandType(name string, o sdtnote.Operand) string {
	bits := strconv.Itoa(o.Size * 8)
	switch {
	case o.High:
		return "b8@8/64"
	case o.Float && o.Size >= 4:
		kind := argtype.Float64
		if o.Size == 4 {
			kind = argtype.Float32
		}
		f := argtype.Field{Name: name, Type: argtype.Type{Kind: kind, Size: o.Size}, Raw: []string{name}}
		if !slices.ContainsFunc(q.fields, func(have argtype.Field) bool { return have.Name == name }) {
			q.fields = append(q.fields, f)
		}
		return "x" + bits
	case o.Signed:
		return "s" + bits
	}
	return "u" + bits
}

// operand writes an operand as the kernel fetches it.
func (q *markerQuery) operand(text string) (string, sdtnote.Operand, error) {
	o, err := sdtnote.ParseOperand(q.r.image.file.Machine(), text)
	if err != nil {
		return "", o, err
	}
	fail := func(format string, args ...any) (string, sdtnote.Operand, error) {
		return "", o, &sdtnote.OperandError{Text: text, Msg: fmt.Sprintf(format, args...)}
	}
	if o.Index != "" {
		return fail("its address is the sum of two registers, which the kernel's probes cannot work out")
	}
	if o.Kind == sdtnote.Immediate && o.Symbol == "" {
		return `\` + strconv.FormatInt(o.Offset, 10), o, nil
	}
	if o.Kind == sdtnote.Immediate {
		return fail("it is the address of a symbol, which is known only when the program is loaded")
	}
	if o.Symbol != "" {
		fetch, err := q.symbol(&o)
		return fetch, o, err
	}
	if o.Kind == sdtnote.Memory && o.Register == "" {
		fetch, err := q.r.fileData(&Argument{Text: text}, uint64(o.Offset))
		return fetch, o, err
	}
	name, ok := q.r.image.machine.FetchOf(o.Register)
	if !ok {
		return fail("the kernel's probes cannot read register %s", o.Register)
	}
	if o.Kind == sdtnote.Register {
		return "%" + name, o, nil
	}
	return (&translator{arg: &Argument{}}).deref(o.Offset, "%"+name), o, nil
}

// symbol writes memory at a symbol of the program: sym+4(%rip).
func (q *markerQuery) symbol(o *sdtnote.Operand) (string, error) {
	fail := func(msg string) error { return &sdtnote.OperandError{Text: o.Text, Msg: msg} }
	if o.Register != "" && o.Register != "rip" {
		return "", fail("its address is the sum of a symbol and a register, which the kernel's probes cannot work out")
	}
	t, err := q.r.image.symbols()
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(t.Named(o.Symbol), func(s symtab.Symbol) bool { return s.Type == symtab.Object || !q.r.image.file.InText(s.Addr) })
	if i < 0 {
		return "", fail("the file has no data symbol " + o.Symbol)
	}
	return q.r.fileData(&Argument{Text: o.Text}, t.Named(o.Symbol)[i].Addr+uint64(o.Offset))
}

// nearestMarkers names markers that are called alike.
func nearestMarkers(all []sdtnote.Marker, name string) []string {
	var names []string
	for _, m := range all {
		names = appendNew(names, m.Name)
	}
	var near []string
	for _, n := range symtab.NearestOf(name, 5, slices.Values(names)) {
		for _, m := range all {
			if m.Name == n {
				near = appendNew(near, "%"+sdtnote.GroupPrefix+m.Provider+":"+n)
			}
		}
	}
	return near
}

// NoMarkersError is a program without static markers.
type NoMarkersError struct{ Path string } // "" for the kernel

func (e *NoMarkersError) Error() string {
	if e.Path == "" {
		return "the kernel has no static markers (USDT); programs and libraries have"
	}
	return e.Path + " has no static markers (USDT): there is no " + sdtnote.Section + " in it"
}

// Hint returns the next step.
func (e *NoMarkersError) Hint() string {
	if e.Path == "" {
		return "name the file with -x PATH; the kernel's own events are tracepoints"
	}
	return "markers may be in one of its libraries: 'gperf probe -x LIBRARY -F %*' lists them; some programs are built with them only when asked to (--enable-dtrace, --with-dtrace)"
}

// NoMarkerError is a marker that a program does not have.
type NoMarkerError struct {
	Name, Path string
	Nearest    []string
}

func (e *NoMarkerError) Error() string { return fmt.Sprintf("%s has no marker %s", e.Path, e.Name) }

// Hint returns the next step.
func (e *NoMarkerError) Hint() string {
	if len(e.Nearest) > 0 {
		return symtab.DidYouMean(e.Nearest)
	}
	return "'gperf probe -x " + e.Path + " -F %*' lists its markers"
}
