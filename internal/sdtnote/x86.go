package sdtnote

import (
	"strconv"
	"strings"
)

// x86 reads an operand in AT&T's form: $5, %eax, -20(%rbp), 8(%rax,%rdx,4), sym+4(%rip), 0x4010. It returns what is wrong.
func (o *Operand) x86(s string) string {
	switch {
	case s == "":
		return "it is empty"
	case s[0] == '$':
		o.Kind = Immediate
		if !o.sum(s[1:]) || s == "$" {
			return "this is no constant"
		}
		return ""
	case s[0] == '%':
		o.Kind = Register
		return o.x86Register(s)
	}
	o.Kind = Memory
	open := strings.IndexByte(s, '(')
	if open < 0 {
		if !o.sum(s) {
			return "this is no address"
		}
		return ""
	}
	if !strings.HasSuffix(s, ")") || !o.sum(s[:open]) {
		return "this is no address"
	}
	return o.x86Address(s[open+1 : len(s)-1])
}

// x86Address reads what stands in the brackets: base, index and scale.
func (o *Operand) x86Address(s string) string {
	parts := strings.Split(s, ",")
	if len(parts) > 3 {
		return "an address has a base, an index and a scale"
	}
	if base := strings.TrimSpace(parts[0]); base != "" {
		if msg := o.x86Register(base); msg != "" || o.High {
			return "the base '" + base + "' is no register for an address"
		}
	}
	if len(parts) == 1 {
		return ""
	}
	index := Operand{}
	if msg := index.x86Register(strings.TrimSpace(parts[1])); msg != "" || index.High {
		return "the index '" + parts[1] + "' is no register for an address"
	}
	o.Index, o.Scale = index.Register, 1
	if len(parts) == 3 {
		switch scale := strings.TrimSpace(parts[2]); scale {
		case "1", "2", "4", "8":
			o.Scale = int(scale[0] - '0')
		default:
			return "the scale '" + scale + "' is none of 1, 2, 4, 8"
		}
	}
	return ""
}

// x86Register brings the name of a register or of a part of one to that of the whole.
func (o *Operand) x86Register(s string) string {
	name, ok := strings.CutPrefix(s, "%")
	if !ok {
		return "'" + s + "' is no register"
	}
	switch name {
	case "ah", "bh", "ch", "dh":
		o.Register, o.High = "r"+name[:1]+"x", true
		return ""
	case "rip", "eip":
		o.Register = "rip"
		return ""
	}
	if whole, ok := x86Whole(name); ok {
		o.Register = whole
		return ""
	}
	if rest, ok := strings.CutPrefix(name, "xmm"); ok && isNumber(rest, 31) {
		o.Register = name
		return ""
	}
	return "'" + s + "' is no register that is known"
}

// x86Whole is the 64-bit register of which name is a part.
func x86Whole(name string) (string, bool) {
	if rest, ok := strings.CutPrefix(name, "r"); ok {
		if rest = strings.TrimRight(rest, "dwbl"); isNumber(rest, 15) && !isNumber(rest, 7) { // r8, r8d, r8w, r8b and clang's r8l
			return "r" + rest, len(name)-len(rest) <= 2
		}
	}
	body := name
	if len(name) == 3 && (name[0] == 'r' || name[0] == 'e') {
		body = name[1:]
	}
	switch body {
	case "ax", "bx", "cx", "dx", "si", "di", "bp", "sp":
		return "r" + body, true
	}
	if len(name) == 2 && name[1] == 'l' && strings.IndexByte("abcd", name[0]) >= 0 {
		return "r" + name[:1] + "x", true
	}
	switch name {
	case "sil", "dil", "bpl", "spl":
		return "r" + name[:2], true
	}
	return "", false
}

func isNumber(s string, most int) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n <= most && strconv.Itoa(n) == s
}
