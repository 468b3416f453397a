package probe

import (
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
)

// argument parses one word behind the point.
func (p *parser) argument(w word) error {
	a := Argument{Text: w.text, Column: w.at + 1}
	value := w
	if i := strings.IndexByte(w.text, '='); i >= 0 && !strings.HasPrefix(w.text, "\\") {
		a.Name = w.text[:i]
		value = w.cut(i+1, len(w.text))
		if err := p.argumentName(w.cut(0, i)); err != nil {
			return err
		}
	}
	if v, ok := strings.CutSuffix(value.text, "@user"); ok && v != "" {
		a.User = true
		value = value.cut(0, len(v))
	}
	if i := typeColon(value.text); i >= 0 {
		a.Type = value.text[i+1:]
		if a.Type == "" {
			return p.fail(value, fmt.Sprintf("Argument parse error: %s", w.text), "there is no type behind ':'")
		}
		value = value.cut(0, i)
	}
	if a.Value = value.text; a.Value == "" {
		return p.fail(w, fmt.Sprintf("Argument parse error: %s", w.text), "an argument is [NAME=]VALUE[:TYPE]")
	}
	if isVariable(a.Value) {
		if err := p.variable(&a, value); err != nil {
			return err
		}
	}
	p.def.Args = append(p.def.Args, a)
	return nil
}

func (p *parser) argumentName(w word) error {
	if !isName(w.text) {
		return p.fail(w, fmt.Sprintf("%s is bad for argument name -it must follow C symbol-naming rule.", w.text),
			"letters, digits and '_', no digit first")
	}
	if len(w.text) >= maxArgName {
		return p.fail(w, fmt.Sprintf("%s is too long for an argument name.", w.text),
			fmt.Sprintf("the kernel takes at most %d characters", maxArgName-1))
	}
	return nil
}

// maxArgName is the kernel's MAX_ARG_NAME_LEN, which counts the NUL.
const maxArgName = 32

// variable parses a value over variables of the program.
func (p *parser) variable(a *Argument, w word) error {
	text, count, err := p.elements(w)
	if err != nil {
		return err
	}
	if count > 0 && strings.Contains(a.Type, "[") {
		return p.fail(w, fmt.Sprintf("Argument parse error: %s", a.Text), "give the number of elements once: a[0-3] or a:u8[4]")
	}
	for strings.HasPrefix(text, "*") { // as in C
		text = text[1:] + "[0]"
	}
	e, err := dwarfvars.ParseExpr(text)
	if err != nil {
		next := "members are ->NAME through a pointer, .NAME in a structure, elements [NUMBER]"
		if strings.Contains(w.text, "[") {
			return p.fail(w, fmt.Sprintf("Array index must be a number. (%v)", err), next)
		}
		return p.fail(w, fmt.Sprintf("Argument parse error: %s (%v)", a.Text, err), next)
	}
	a.Expr, a.Count = e, count
	return nil
}

// checkReturn refuses variables at a return that the kernel finds: there they are gone. Those of Go are at the function's own instructions.
func (d *Definition) checkReturn() error {
	if !d.Point.Return {
		return nil
	}
	for i := range d.Args {
		if a := &d.Args[i]; a.Expr != nil || a.isSet() {
			p := parser{text: d.Text}
			return p.fail(word{a.Text, a.Column - 1}, "You can't specify local variable for kretprobe.",
				"at a return the variables are gone: use $retval, or a register (%ax)")
		}
	}
	return nil
}

// isVariable tells variables of the program from what the kernel fetches by itself, as perf does: by the first letter.
func isVariable(s string) bool {
	c := s[0]
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80 || c == '~' || c == '*' || c == '(' || c == '&'
}

// typeColon finds the ':' before a type: not half of "::", and not within a string immediate.
func typeColon(s string) int {
	start := 0
	if strings.HasPrefix(s, `\"`) {
		end := strings.LastIndexByte(s, '"')
		if end < 2 {
			return -1
		}
		start = end
	}
	for i := start; i < len(s); i++ {
		if s[i] != ':' {
			continue
		}
		if i+1 < len(s) && s[i+1] == ':' {
			i++
			continue
		}
		return i
	}
	return -1
}
