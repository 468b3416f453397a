package symtab

import (
	"strconv"
	"strings"
)

// rustV0 demangles Rust's v0 names (`_RNvC4main3foo`, RFC 2603), without crate hashes and without the types of constants, as perf prints them.
func rustV0(name string) (out string, ok bool) {
	s, ok := strings.CutPrefix(name, "_R")
	if !ok || s == "" || s[0] < 'A' || s[0] > 'Z' {
		return "", false
	}
	if dot := strings.IndexByte(s, '.'); dot >= 0 { // ".llvm.123" and the like
		s = s[:dot]
	}
	d := &rustPrinter{s: s}
	d.path(true)
	if !d.bad && d.at < len(d.s) { // the crate that the instance is made in
		d.quiet++
		d.path(false)
	}
	if d.bad || d.at != len(d.s) || d.out.Len() == 0 {
		return "", false
	}
	return d.out.String(), true
}

const (
	maxRustDepth  = 300
	maxRustOutput = 1 << 16
	maxRustSteps  = 1 << 16 // back references can blow a short name up
)

// rustPrinter parses and prints at once, since a back reference is printed by parsing again from there.
type rustPrinter struct {
	s         string
	at        int
	out       strings.Builder
	quiet     int    // parse only
	lifetimes uint64 // bound around here
	depth     int
	steps     int
	bad       bool
}

func (d *rustPrinter) print(s string) {
	if d.quiet == 0 && !d.bad {
		d.out.WriteString(s)
		if d.out.Len() > maxRustOutput {
			d.bad = true
		}
	}
}

func (d *rustPrinter) peek() byte {
	if d.bad || d.at >= len(d.s) {
		return 0
	}
	return d.s[d.at]
}

func (d *rustPrinter) next() byte {
	c := d.peek()
	if c == 0 {
		d.bad = true
		return 0
	}
	d.at++
	return c
}

func (d *rustPrinter) eat(c byte) bool {
	if d.peek() == c {
		d.at++
		return true
	}
	return false
}

// enter bounds recursion and work; its result must be deferred.
func (d *rustPrinter) enter() func() {
	d.depth++
	d.steps++
	if d.depth > maxRustDepth || d.steps > maxRustSteps {
		d.bad = true
	}
	return func() { d.depth-- }
}

// base62 reads "_" as 0 and "x_" as x+1.
func (d *rustPrinter) base62() uint64 {
	if d.eat('_') {
		return 0
	}
	n := uint64(0)
	for !d.bad {
		c := d.next()
		var v byte
		switch {
		case c == '_':
			return n + 1
		case c >= '0' && c <= '9':
			v = c - '0'
		case c >= 'a' && c <= 'z':
			v = c - 'a' + 10
		case c >= 'A' && c <= 'Z':
			v = c - 'A' + 36
		default:
			d.bad = true
		}
		if n > (1<<64-1-61)/62 {
			d.bad = true
		}
		n = n*62 + uint64(v)
	}
	return 0
}

// optional62 reads a number behind tag, plus one, or 0 if there is no tag.
func (d *rustPrinter) optional62(tag byte) uint64 {
	if !d.eat(tag) {
		return 0
	}
	return d.base62() + 1
}

// ident reads an identifier with its disambiguator.
func (d *rustPrinter) ident() (name string, dis uint64) {
	dis = d.optional62('s')
	return d.plainIdent(), dis
}

func (d *rustPrinter) plainIdent() string {
	puny := d.eat('u')
	start := d.at
	if !d.eat('0') { // no leading zeros: "00" are two empty names
		for d.peek() >= '0' && d.peek() <= '9' && d.at-start < 6 {
			d.at++
		}
	}
	n, err := strconv.Atoi(d.s[start:d.at])
	if err != nil {
		d.bad = true
		return ""
	}
	d.eat('_')
	if d.bad || n > len(d.s)-d.at {
		d.bad = true
		return ""
	}
	name := d.s[d.at : d.at+n]
	d.at += n
	if puny {
		return punycode(name)
	}
	return name
}

// backref runs f at the place that a back reference names.
func (d *rustPrinter) backref(f func()) {
	tag := d.at - 1
	to := d.base62()
	if d.bad || to >= uint64(tag) {
		d.bad = true
		return
	}
	if d.quiet > 0 {
		return
	}
	back := d.at
	d.at = int(to)
	f()
	d.at = back
}

// path prints a path; inValue says whether generic arguments need "::" before them.
func (d *rustPrinter) path(inValue bool) {
	defer d.enter()()
	switch tag := d.next(); tag {
	case 'C':
		name, _ := d.ident()
		d.print(name)
	case 'N':
		d.nested(inValue)
	case 'M', 'X':
		d.optional62('s')
		d.quiet++
		d.path(false)
		d.quiet--
		d.qualified(tag == 'X')
	case 'Y':
		d.qualified(true)
	case 'I':
		d.path(inValue)
		if inValue {
			d.print("::")
		}
		d.print("<")
		d.list(", ", d.genericArg)
		d.print(">")
	case 'B':
		d.backref(func() { d.path(inValue) })
	default:
		d.bad = true
	}
}
