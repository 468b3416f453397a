package sdtnote

import (
	"strconv"
	"strings"
)

// arm64 reads an operand: 5, x0, w1, sp, [x0], [sp, 16], [x0, x1, lsl 3], sym. It returns what is wrong.
func (o *Operand) arm64(s string) string {
	if s == "" {
		return "it is empty"
	}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		if !closed {
			return "the bracket is not closed"
		}
		o.Kind = Memory
		return o.arm64Address(strings.Split(inner, ","))
	}
	if name, ok := arm64Whole(s); ok {
		o.Kind, o.Register = Register, name
		return ""
	}
	if n, ok := number(strings.TrimPrefix(s, "#")); ok {
		o.Kind, o.Offset = Immediate, n
		return ""
	}
	if isSymbol(s) {
		o.Kind, o.Symbol = Immediate, s
		return ""
	}
	return "this is no operand that is known"
}

func (o *Operand) arm64Address(parts []string) string {
	base := strings.TrimSpace(parts[0])
	var ok bool
	if o.Register, ok = arm64Whole(base); !ok {
		return "the base '" + base + "' is no register for an address"
	}
	if len(parts) == 1 {
		return ""
	}
	second := strings.TrimSpace(parts[1])
	if n, ok := number(strings.TrimPrefix(second, "#")); ok && len(parts) == 2 {
		o.Offset = n
		return ""
	}
	if o.Index, ok = arm64Whole(second); !ok || len(parts) > 3 {
		return "'" + second + "' is neither a register nor a distance"
	}
	o.Scale = 1
	if len(parts) == 3 { // lsl N, sxtw N, …
		words := strings.Fields(parts[2])
		if len(words) == 2 {
			if n, ok := number(strings.TrimPrefix(words[1], "#")); ok && n >= 0 && n <= 4 {
				o.Scale = 1 << n
			}
		}
	}
	return ""
}

// arm64Whole is the 64-bit register of which name is a part.
func arm64Whole(name string) (string, bool) {
	switch name {
	case "sp", "wsp":
		return "sp", true
	}
	if len(name) < 2 {
		return "", false
	}
	n, err := strconv.Atoi(name[1:])
	if err != nil || strconv.Itoa(n) != name[1:] || n < 0 {
		return "", false
	}
	switch name[0] {
	case 'x', 'w':
		return "x" + name[1:], n <= 30
	case 'v', 'd', 's', 'q', 'h', 'b':
		return "v" + name[1:], n <= 31
	}
	return "", false
}
