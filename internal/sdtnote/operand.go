package sdtnote

import (
	"debug/elf"
	"fmt"
	"strconv"
	"strings"
)

// OperandKind tells where an argument is.
type OperandKind uint8

// The kinds of operands.
const (
	Register  OperandKind = iota + 1
	Memory                // at Offset from Register or Symbol
	Immediate             // Offset is the value
)

// Operand is where a marker's argument is when the marker is reached, taken apart.
type Operand struct {
	Text   string // as the compiler wrote it
	Kind   OperandKind
	Size   int // bytes: 1, 2, 4 or 8
	Signed bool
	Float  bool

	Register string // whole register, as the machine's manuals have it: rdi, x0, sp; "" for an address without one
	High     bool   // Register's second byte: ah, bh, ch, dh
	Offset   int64
	Symbol   string // of the address: Register is then "" or rip
	Index    string // second register of the address, times Scale; the kernel's probes cannot follow it
	Scale    int
}

// OperandError is an operand that cannot be understood.
type OperandError struct {
	Text string
	Msg  string
}

func (e *OperandError) Error() string { return fmt.Sprintf("operand %q: %s", e.Text, e.Msg) }

// Hint returns the next step.
func (e *OperandError) Hint() string {
	return "leave this argument out: name the others as arg1, arg2, …; registers (%di) and memory (+8(%si)) can be named by themselves"
}

// SplitArgs splits a marker's operands at blanks that are in no bracket.
func SplitArgs(args string) []string {
	var words []string
	depth, start := 0, -1
	for i := range len(args) {
		switch c := args[i]; {
		case c == ' ' && depth == 0:
			if start >= 0 {
				words = append(words, args[start:i])
			}
			start = -1
			continue
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		}
		if start < 0 {
			start = i
		}
	}
	if start >= 0 {
		words = append(words, args[start:])
	}
	return words
}

// ParseOperand takes [[-]SIZE[f]@]OPERAND apart, with operands as gcc and clang write them for the machine. The error is an
// *OperandError.
func ParseOperand(machine elf.Machine, text string) (Operand, error) {
	o := Operand{Text: text, Size: 8}
	if machine == elf.EM_386 || machine == elf.EM_ARM {
		o.Size = 4
	}
	place := text
	if size, rest, ok := strings.Cut(text, "@"); ok {
		place = rest
		if !o.setSize(size) {
			return o, &OperandError{text, "the size '" + size + "' is none of 1, 2, 4, 8, with a '-' before or an 'f' behind it"}
		}
	}
	var msg string
	switch machine {
	case elf.EM_X86_64, elf.EM_386:
		msg = o.x86(place)
	case elf.EM_AARCH64:
		msg = o.arm64(place)
	default:
		msg = "operands of " + machine.String() + " are not known"
	}
	if msg != "" {
		return o, &OperandError{text, msg}
	}
	return o, nil
}

func (o *Operand) setSize(s string) bool {
	s, o.Signed = strings.CutPrefix(s, "-")
	s, o.Float = strings.CutSuffix(s, "f")
	switch s {
	case "1", "2", "4", "8":
		o.Size = int(s[0] - '0')
		return true
	}
	return false
}

// number reads a decimal, octal or hexadecimal number with a sign; large unsigned ones keep their bits.
func number(s string) (int64, bool) {
	if n, err := strconv.ParseInt(s, 0, 64); err == nil {
		return n, true
	}
	n, err := strconv.ParseUint(s, 0, 64)
	return int64(n), err == nil
}

// sum reads NUMBER, SYMBOL, or several of them joined by + and -, at most one of them a symbol.
func (o *Operand) sum(s string) bool {
	for s != "" {
		end := 1 + strings.IndexAny(s[1:], "+-")
		if end == 0 {
			end = len(s)
		}
		term := s[:end]
		s = s[end:]
		sign, body := int64(1), strings.TrimPrefix(term, "+")
		if rest, ok := strings.CutPrefix(body, "-"); ok {
			sign, body = -1, rest
		}
		if n, ok := number(body); ok {
			o.Offset += sign * n
			continue
		}
		if sign < 0 || o.Symbol != "" || !isSymbol(body) {
			return false
		}
		o.Symbol = body
	}
	return true
}

func isSymbol(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '_' || c == '.' || c == '$' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		case i > 0 && ('0' <= c && c <= '9' || c == '@'):
		default:
			return false
		}
	}
	return s != ""
}
