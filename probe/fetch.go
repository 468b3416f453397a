package probe

import (
	"debug/elf"
	"fmt"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/perfevent/argtype"
)

// translator turns one value's location into what the kernel fetches.
type translator struct {
	r   *Resolver
	arg *Argument
	loc *dwarfvars.Location

	event *Event           // whose value it is
	at    *dwarfvars.Place // where it is asked for
}

func (t *translator) fail(msg, next string) error {
	return &ArgumentError{Arg: t.arg.Text, Msg: msg, Next: next}
}

// local is fail for what other values of the same place do not suffer from.
func (t *translator) local(msg, next string) error {
	return &ArgumentError{Arg: t.arg.Text, local: true, Msg: msg, Next: next}
}

// translate makes the arguments that fetch the value, and says what they mean.
func (t *translator) translate() ([]Arg, argtype.Field, error) {
	args, f, err := t.parts()
	if err != nil || !t.loc.Go || len(args) == 0 {
		return args, f, err
	}
	if f.Name == "" {
		f.Name, f.Raw = args[0].Name, []string{args[0].Name}
	}
	c := counted{name: args[0].Name}
	err = t.via(func(fetch string) {
		f.Via = append(f.Via, c.part("p"+strconv.Itoa(len(f.Via)+1), fetch, "x"+strconv.Itoa(8*t.r.image.machine.PointerSize)))
	})
	return append(args, c.args...), f, err
}

func (t *translator) parts() ([]Arg, argtype.Field, error) {
	if t.loc.Counted != nil && t.arg.Count == 0 {
		return t.counted()
	}
	if t.loc.Interface != nil && t.arg.Count == 0 {
		return t.interfaced()
	}
	a, f, err := t.single()
	return []Arg{a}, f, err
}

// via yields what fetches the pointers that are followed to a value in memory, those to the stack apart.
func (t *translator) via(yield func(fetch string)) error {
	if t.loc.Kind != dwarfvars.Memory {
		return nil
	}
	whole := *t.loc
	in := *t
	in.loc = &whole
	if m := t.r.image.machine; whole.Reg != dwarfvars.NoReg && whole.Reg != m.SP {
		reg, err := in.register()
		if err != nil {
			return err
		}
		yield(reg)
	}
	derefs := whole.Derefs
	for k := range derefs {
		whole.Derefs = derefs[:k]
		fetch, err := in.fetch()
		if err != nil {
			return err
		}
		yield(fetch)
	}
	return nil
}

// single makes the argument of a value that the kernel fetches as one.
func (t *translator) single() (Arg, argtype.Field, error) {
	fetch, err := t.fetch()
	if err != nil {
		return Arg{}, argtype.Field{}, err
	}
	a := Arg{Name: argName(t.arg), Fetch: fetch}
	if t.arg.Count > 0 {
		a.Fetch, a.Type, err = t.row(fetch)
		return a, argtype.Field{Name: a.Name, Type: t.meaning(), Raw: []string{a.Name}}, err
	}
	if a.Type, err = t.kernelType(); err != nil {
		return Arg{}, argtype.Field{}, err
	}
	if isString(a.Type) {
		if a.Fetch, err = t.text(fetch); err != nil {
			return Arg{}, argtype.Field{}, err
		}
	}
	if isTexts(a.Type) {
		if a.Fetch, err = t.texts(fetch); err != nil {
			return Arg{}, argtype.Field{}, err
		}
		return a, argtype.Field{}, nil
	}
	if t.loc.Kind == dwarfvars.Register && strings.HasSuffix(a.Type, "]") {
		return Arg{}, argtype.Field{}, t.fail(a.Type+" needs a value in memory, but this one is in a register", "ask for a type without [N]")
	}
	f := argtype.Field{Name: a.Name, Type: t.meaning(), Raw: []string{a.Name}}
	return a, f, nil
}

// argName is what perf calls a value: the name that was given, else the last member's, else the variable's, with the type
// behind it if one was asked for.
func argName(a *Argument) string {
	if a.Name != "" {
		return a.Name
	}
	name := a.Expr.Last()
	if len(a.Expr.Steps) == 0 && a.Type != "" {
		name += "_" + strings.TrimSuffix(strings.NewReplacer("[", "_", "]", "", "@", "_", "/", "_").Replace(a.Type), "_")
	}
	return clipArg(name)
}

// clipArg makes a name that the kernel takes from one of the program's.
func clipArg(name string) string {
	if i := strings.IndexAny(name, "[@"); i > 0 {
		name = name[:i]
	}
	b := []byte(name)
	for i := range b {
		if !isName("_" + string(b[i])) {
			b[i] = '_'
		}
	}
	return string(b[:min(len(b), maxArgName-1)])
}

// fetch writes the location of the value itself.
func (t *translator) fetch() (string, error) {
	switch t.loc.Kind {
	case dwarfvars.Constant:
		if t.pointsIntoImage() {
			return t.address()
		}
		return `\` + strconv.FormatInt(t.loc.Const, 10), nil
	case dwarfvars.Register:
		return t.register()
	}
	var text string
	if t.loc.Reg == dwarfvars.NoReg {
		base, err := t.r.dataAt(t.arg, uint64(t.loc.Offset))
		if err != nil {
			return "", err
		}
		text = base
	} else {
		reg, err := t.register()
		if err != nil {
			return "", err
		}
		text = t.deref(t.loc.Offset, reg)
	}
	for _, d := range t.loc.Derefs {
		text = t.deref(d, text)
	}
	return text, nil
}

// pointsIntoImage tells a pointer that the compiler knows, to a string literal for instance: its value is an address as the
// file is linked.
func (t *translator) pointsIntoImage() bool {
	if t.loc.Type.Kind != dwarfvars.TypePointer {
		return false
	}
	_, ok := t.r.image.file.SectionOf(uint64(t.loc.Const))
	return ok
}

// address writes a known pointer: what it points at can be read, the pointer itself only where it is not moved by loading.
func (t *translator) address() (string, error) {
	if isString(t.arg.Type) {
		return t.r.dataAt(t.arg, uint64(t.loc.Const))
	}
	if !t.r.user() || t.r.image.file.Type() != elf.ET_EXEC {
		return "", &ArgumentError{Arg: t.arg.Text, local: true, Msg: "it points to a fixed place whose address is known only when the target is loaded",
			Next: "ask for what it points at, :string for text"}
	}
	return `\` + strconv.FormatInt(t.loc.Const, 10), nil
}

func (t *translator) register() (string, error) {
	m := t.r.image.machine
	if name, ok := m.FetchName(t.loc.Reg); ok {
		return "%" + name, nil
	}
	return "", &ArgumentError{Arg: t.arg.Text, local: true,
		Msg:  fmt.Sprintf("the value is in register %s, which the kernel's probes cannot read", m.RegisterName(t.loc.Reg)),
		Next: t.elsewhere()}
}

// deref reads memory at offset from what inner gives; +u reads user memory from a kernel probe.
func (t *translator) deref(offset int64, inner string) string {
	user := ""
	if t.arg.User {
		user = "u"
	}
	if offset < 0 {
		return "-" + user + strconv.FormatUint(uint64(-offset), 10) + "(" + inner + ")"
	}
	return "+" + user + strconv.FormatInt(offset, 10) + "(" + inner + ")"
}

func isString(kind string) bool { return kind == "string" || kind == "ustring" }

// text turns the fetch of a pointer or an array into that of the bytes of a string.
func (t *translator) text(fetch string) (string, error) {
	ty := &t.loc.Type
	if t.loc.Kind == dwarfvars.Constant && t.pointsIntoImage() {
		return fetch, nil
	}
	if t.loc.Kind == dwarfvars.Constant {
		return "", t.fail("a constant is no string", "ask for another type")
	}
	if ty.Kind != dwarfvars.TypePointer && ty.Kind != dwarfvars.TypeArray {
		return "", t.fail(fmt.Sprintf("Failed to cast into string: %s(%s) is not a pointer nor array.", t.arg.Value, ty.Name), "leave :string out")
	}
	if ty.Elem != nil && !ofBytes(ty.Elem) {
		return "", t.fail(fmt.Sprintf("Failed to cast into string: %s is not (unsigned) char *.", t.arg.Value),
			"its type is "+ty.Name+"; leave :string out")
	}
	if ty.Kind == dwarfvars.TypeArray {
		if t.loc.Go {
			return "", t.fail(ty.Name+" has no end mark, at which the kernel ends a string", "leave :string out: its bytes are shown as numbers")
		}
		if t.loc.Kind == dwarfvars.Register {
			return "", t.fail("the array is in a register, not in memory", "leave :string out")
		}
		return fetch, nil
	}
	return t.deref(0, fetch), nil
}

// ofBytes tells types of which a row may be text.
func ofBytes(t *dwarfvars.Type) bool {
	switch t.Kind {
	case dwarfvars.TypeVoid, dwarfvars.TypeChar:
		return true
	case dwarfvars.TypeInt, dwarfvars.TypeUint, dwarfvars.TypeBool:
		return t.Size == 1
	}
	return false
}

// kernelType writes the type: what was asked for, completed by the size where only a sign was, else by the variable's type.
func (t *translator) kernelType() (string, error) {
	ty := &t.loc.Type
	switch cast := t.arg.Type; cast {
	case "", "x", "u", "s":
		if b := t.loc.Bits; b != nil {
			return fmt.Sprintf("b%d@%d/%d", b.Width, b.Offset, b.Container), nil
		}
		if kind, err := t.elementsOf(ty, cast); kind != "" || err != nil {
			return kind, err
		}
		if t.loc.Go {
			return t.goType(ty, cast)
		}
		return t.sized(ty, cast)
	default:
		return cast, nil
	}
}

// sized is a number of the type's size: signed for signed integers and enumerations, else hexadecimal, unless sign says
// otherwise.
func (t *translator) sized(ty *dwarfvars.Type, sign string) (string, error) {
	if ty.Kind == dwarfvars.TypeArray || ty.Size <= 0 {
		return "", nil // the kernel takes it for x64
	}
	if words := ty.Size / 8; words > 1 && ty.Size%8 == 0 && words <= maxRow && ty.Kind != dwarfvars.TypeStruct {
		return "x64[" + strconv.FormatInt(words, 10) + "]", nil // __int128, long double: whole, as words
	}
	if sign == "" {
		sign = "x"
		if ty.Signed && (ty.Kind == dwarfvars.TypeInt || ty.Kind == dwarfvars.TypeChar || ty.Kind == dwarfvars.TypeEnum) {
			sign = "s"
		}
		if t.loc.Go && ty.Kind == dwarfvars.TypeUint && ty.Name != "uintptr" { // as Go prints them
			sign = "u"
		}
	}
	bits := min(ty.Size*8, 64)
	switch bits {
	case 8, 16, 32, 64:
		return sign + strconv.FormatInt(bits, 10), nil
	}
	return "", t.fail(fmt.Sprintf("%s has %d bytes, for which the kernel has no type", ty.Name, ty.Size), "name one of its members")
}

// meaning is what the value means beyond the kernel's number; Unknown if that says it all, or if the user asked for a type.
func (t *translator) meaning() argtype.Type {
	ty, bits := &t.loc.Type, t.loc.Bits
	if elem, _ := flat(ty); ty.Kind == dwarfvars.TypeArray && elem != nil && t.loc.Kind == dwarfvars.Memory {
		ty = elem
	}
	m := meaningOf(ty)
	if bits != nil { // the kernel cuts it out, but knows no sign
		m.Bits = bits.Width
		if m.Kind == argtype.Unknown && (t.arg.Type == "s" || t.arg.Type == "" && ty.Signed && (ty.Kind == dwarfvars.TypeInt || ty.Kind == dwarfvars.TypeChar)) {
			m.Kind = argtype.Int
		}
		if m.Kind == argtype.Float64 || m.Kind == argtype.Float32 && bits.Width != 32 {
			m.Kind = argtype.Unknown
		}
	}
	switch {
	case bits != nil && t.arg.Type == "s":
		m.Kind, m.Values = argtype.Int, nil
	case t.arg.Type != "" || m.Kind == argtype.Unknown:
		return argtype.Type{}
	}
	return m
}

// meaningOf is what a value of a type means beyond a number; Unknown if the kernel's number says it all.
func meaningOf(ty *dwarfvars.Type) argtype.Type {
	m := argtype.Type{Name: ty.Name, Size: int(ty.Size)}
	switch {
	case ty.Name == "time.Duration" && ty.Kind == dwarfvars.TypeInt && ty.Size == 8:
		m.Kind = argtype.Duration
	case ty.Kind == dwarfvars.TypeFloat && ty.Size == 4:
		m.Kind = argtype.Float32
	case ty.Kind == dwarfvars.TypeFloat && ty.Size == 8:
		m.Kind = argtype.Float64
	case ty.Kind == dwarfvars.TypeBool && ty.Size > 0 && ty.Size <= 8:
		m.Kind = argtype.Bool
	case ty.Kind == dwarfvars.TypeEnum && len(ty.Values) > 0 && ty.Size > 0 && ty.Size <= 8:
		m.Kind, m.Other = argtype.Enum, ty.Other
		for _, v := range ty.Values {
			m.Values = append(m.Values, argtype.EnumValue{Value: v.Value, Name: v.Name})
		}
	}
	return m
}
