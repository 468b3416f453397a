package probe

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/gobin"
	"github.com/gperf-dev/gperf/perfevent/argtype"
)

// Values that need no debug information in a program of Go: the goroutine's number, and arguments and results by their position.

// goValue translates a value that only programs of Go have; ok is false if it is none.
func (v *values) goValue(a *Argument, s *spot) (args []Arg, f argtype.Field, ok bool, err error) {
	b := v.r.golang()
	if b == nil || a.Expr != nil {
		return nil, f, false, nil
	}
	if a.Value == "$goid" {
		args, f, err = v.goid(b, a, s)
		return args, f, true, err
	}
	if s.code == nil {
		return nil, f, false, nil
	}
	word, n, ok := position(a.Value)
	if !ok {
		return nil, f, false, nil
	}
	loc, err := v.goPosition(a, s, word, n)
	if err != nil {
		return nil, f, true, err
	}
	one := *a
	if one.Name == "" {
		one.Name = strings.TrimPrefix(a.Value, "$")
	}
	one.Type, loc.Type.Name = goCast(a.Type), a.Type
	t := translator{r: v.r, arg: &one, loc: loc, event: v.e}
	args, f, err = t.translate()
	return args, f, true, err
}

// goid reads the number of the goroutine that runs.
func (v *values) goid(b *gobin.Binary, a *Argument, s *spot) ([]Arg, argtype.Field, error) {
	if a.Type != "" {
		return nil, argtype.Field{}, &ArgumentError{Arg: a.Text, Msg: "the number of a goroutine has a type of its own", Next: "write $goid"}
	}
	name := a.Name
	if name == "" {
		name = "goid"
	}
	f := argtype.Field{Name: name, Type: argtype.Type{Kind: argtype.Goroutine, Size: 8}, Raw: []string{name}}
	arg := Arg{Name: name, Fetch: `\` + strconv.Itoa(argtype.NoGoroutine), Type: "s64"}
	if s.code == nil || !s.code.internal {
		return []Arg{arg}, f, nil
	}
	offset, err := v.r.goidOffset(b)
	if err != nil {
		e := &ArgumentError{Arg: a.Text, Msg: err.Error()}
		var unknown *gobin.GoidError
		if errors.As(err, &unknown) {
			e.Next = unknown.Hint()
		}
		return nil, f, e
	}
	g, ok := v.r.image.machine.FetchName(v.r.image.machine.GoG)
	if !ok {
		return nil, f, &ArgumentError{Arg: a.Text, Msg: "the kernel reads no register that holds g on this machine"}
	}
	arg.Fetch = fmt.Sprintf("+%d(%%%s)", offset, g)
	return []Arg{arg}, f, nil
}

// goidOffset is where in runtime.g the number is: the debug information tells, else what is known of the version.
func (r *Resolver) goidOffset(b *gobin.Binary) (int64, error) {
	if info, err := r.debug(); err == nil {
		if offset, ok := info.MemberOffset("runtime.g", "goid"); ok {
			return offset, nil
		}
	}
	return b.GoidOffset()
}

// position takes $arg3 and $retval2 apart; $retval is the first.
func position(value string) (word string, n int, ok bool) {
	for _, word := range []string{"$arg", "$retval"} {
		digits, ok := strings.CutPrefix(value, word)
		if !ok {
			continue
		}
		if digits == "" && word == "$retval" {
			return word, 1, true
		}
		n, err := strconv.Atoi(digits)
		return word, n, err == nil
	}
	return "", 0, false
}

// registers are those that hold arguments at an entry, or results at a return.
func (r *Resolver) registers(a *Argument, s *spot, word string) ([]int, error) {
	abi := &r.image.machine.Go
	switch {
	case !s.code.internal:
		return nil, &ArgumentError{Arg: a.Text, Msg: s.symbol + " has its arguments and results on the stack (ABI0)", Next: "read them from there: +8($stack)"}
	case word == "$retval" && s.code.state == dwarfvars.GoReturn:
		return abi.IntResults, nil
	case word == "$retval":
		return nil, &ArgumentError{Arg: a.Text, Msg: "there is no result yet", Next: "probe the function's returns: " + s.symbol + "%return"}
	case s.code.state == dwarfvars.GoReturn:
		return nil, &ArgumentError{Arg: a.Text, Msg: "a function's arguments are gone when it returns", Next: "probe the entry too"}
	case s.code.state != dwarfvars.GoEntry:
		return nil, &ArgumentError{Arg: a.Text, local: true, Msg: "arguments are known by position only at the entry of a function", Next: "name the parameter, or use $params"}
	}
	return abi.IntArgs, nil
}

// goPosition says where the value is that begins at the n-th register for integers and pointers. As many registers belong to it as its type needs.
func (v *values) goPosition(a *Argument, s *spot, word string, n int) (*dwarfvars.Location, error) {
	regs, err := v.r.registers(a, s, word)
	if err != nil {
		return nil, err
	}
	size := int64(v.r.image.machine.PointerSize)
	kind, words := goType(a.Type, size)
	if base, _, has := strings.Cut(a.Type, "["); has && kind.Kind != dwarfvars.TypeString && kind.Kind != dwarfvars.TypeSlice && goCast(a.Type) != a.Type {
		return nil, &ArgumentError{Arg: a.Text, Msg: base + " is one value, of which there is no row in a register", Next: "leave [N] out; it is for gostring and gobytes"}
	}
	if kind.Kind == dwarfvars.TypeFloat {
		return nil, &ArgumentError{Arg: a.Text, Msg: "floating point values are passed in registers that the kernel does not read", Next: "read it where it is in memory"}
	}
	at, ok := gobin.Positions(regs, n, words)
	if !ok {
		return nil, &ArgumentError{Arg: a.Text, Msg: fmt.Sprintf("it would need register %d of %d", n+words-1, len(regs)),
			Next: "positions count registers for integers and pointers from 1: a string has two, a slice three; what has none is on the stack"}
	}
	register := func(i int, k dwarfvars.TypeKind) dwarfvars.Location {
		return dwarfvars.Location{Kind: dwarfvars.Register, Reg: at[i], Type: dwarfvars.Type{Kind: k, Size: size}}
	}
	loc := register(0, kind.Kind)
	loc.Type = kind
	switch kind.Kind {
	case dwarfvars.TypeString, dwarfvars.TypeSlice:
		length := register(1, dwarfvars.TypeUint)
		loc.Counted = &dwarfvars.Counted{Data: register(0, dwarfvars.TypePointer), Len: &length, Elem: dwarfvars.Type{Name: "uint8", Kind: dwarfvars.TypeUint, Size: 1}}
		if words == 3 {
			capacity := register(2, dwarfvars.TypeUint)
			loc.Counted.Cap = &capacity
		}
	case dwarfvars.TypeInterface:
		loc.Interface = &dwarfvars.Interface{Type: register(0, dwarfvars.TypePointer), Data: register(1, dwarfvars.TypePointer)}
		if a.Type == "goerror" { // has methods: there is a table, whose second word is the type (runtime.itab)
			loc.Interface.Type.Kind, loc.Interface.Type.Offset = dwarfvars.Memory, size
		}
	}
	return &loc, nil
}

// goType is a type that a user gives to a position, and how many registers it takes. Other names are the kernel's types.
func goType(name string, pointer int64) (dwarfvars.Type, int) {
	name, _, _ = strings.Cut(name, "[")
	t := dwarfvars.Type{Name: name, Size: pointer}
	switch name {
	case "gostring":
		t.Kind, t.Size = dwarfvars.TypeString, 2*pointer
		return t, 2
	case "gobytes":
		t.Kind, t.Size = dwarfvars.TypeSlice, 3*pointer
		return t, 3
	case "goerror", "gointerface":
		t.Kind, t.Size = dwarfvars.TypeInterface, 2*pointer
		return t, 2
	case "float32", "float64":
		t.Kind = dwarfvars.TypeFloat
	case "bool":
		t.Kind, t.Size = dwarfvars.TypeBool, 1
	case "byte", "uint8":
		t.Kind, t.Size = dwarfvars.TypeUint, 1
	case "int", "int8", "int16", "int32", "int64", "rune", "uint", "uint16", "uint32", "uint64", "uintptr":
		t.Kind, t.Signed = dwarfvars.TypeInt, name[0] != 'u'
		if name[0] == 'u' {
			t.Kind = dwarfvars.TypeUint
		}
		if bits, err := strconv.Atoi(strings.TrimLeft(name, "uint")); err == nil {
			t.Size = int64(bits / 8)
		} else if name == "rune" {
			t.Size = 4
		}
	default:
		t.Kind = dwarfvars.TypeUint
	}
	return t, 1
}

// goCast is what of a type is left to the translation: the kernel's types, and how much of a text is wanted.
func goCast(kind string) string {
	name, count, has := strings.Cut(kind, "[")
	switch t, _ := goType(kind, 8); {
	case has && (t.Kind == dwarfvars.TypeString || name == "gobytes"):
		return "string[" + count
	case name == "gobytes":
		return "string"
	case t.Kind == dwarfvars.TypeUint && strings.HasPrefix(name, "uint") || name == "byte":
		return "u" + strconv.FormatInt(8*t.Size, 10)
	case t.Kind != dwarfvars.TypeUint:
		return ""
	}
	return kind
}

// goPositional replaces $argN and $retval within what the kernel fetches by itself, +8($arg1), by registers.
func (v *values) goPositional(a *Argument, fetch string, s *spot) (string, error) {
	var failed error
	out := regexp.MustCompile(`\$(arg|retval)[0-9]*`).ReplaceAllStringFunc(fetch, func(text string) string {
		word, n, ok := position(text)
		if !ok {
			return text
		}
		regs, err := v.r.registers(a, s, word)
		if err != nil {
			failed = err
			return text
		}
		at, ok := gobin.Positions(regs, n, 1)
		if !ok {
			failed = &ArgumentError{Arg: a.Text, Msg: fmt.Sprintf("there are %d registers for arguments", len(regs)), Next: "what has none is on the stack: +8($stack)"}
			return text
		}
		name, _ := v.r.image.machine.FetchName(at[0])
		return "%" + name
	})
	return out, failed
}
