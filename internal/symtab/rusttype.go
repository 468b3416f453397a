package symtab

import (
	"strconv"
	"unicode/utf8"
)

// nested prints PATH::NAME, or PATH::{closure#N} for what has no name in the source.
func (d *rustPrinter) nested(inValue bool) {
	space := d.next()
	d.path(inValue)
	name, dis := d.ident()
	switch {
	case space >= 'A' && space <= 'Z':
		kind := string(rune(space))
		switch space {
		case 'C':
			kind = "closure"
		case 'S':
			kind = "shim"
		}
		d.print("::{" + kind)
		if name != "" {
			d.print(":" + name)
		}
		d.print("#" + strconv.FormatUint(dis, 10) + "}")
	case space >= 'a' && space <= 'z':
		if name != "" {
			d.print("::" + name)
		}
	default:
		d.bad = true
	}
}

// qualified prints <TYPE> or <TYPE as TRAIT>.
func (d *rustPrinter) qualified(trait bool) {
	d.print("<")
	d.typ()
	if trait {
		d.print(" as ")
		d.path(false)
	}
	d.print(">")
}

// list prints items up to the closing E and says how many there were.
func (d *rustPrinter) list(sep string, item func()) int {
	n := 0
	for ; !d.bad && !d.eat('E'); n++ {
		if n > 0 {
			d.print(sep)
		}
		item()
	}
	return n
}

func (d *rustPrinter) genericArg() {
	switch {
	case d.eat('L'):
		d.lifetime(d.base62())
	case d.eat('K'):
		d.constant()
	default:
		d.typ()
	}
}

// lifetime prints the name of a bound lifetime: 'a is the outermost.
func (d *rustPrinter) lifetime(index uint64) {
	switch {
	case index == 0:
		d.print("'_")
	case index > d.lifetimes:
		d.bad = d.quiet == 0 || d.bad
	default:
		if n := d.lifetimes - index; n < 26 {
			d.print("'" + string(rune('a'+n)))
		} else {
			d.print("'_" + strconv.FormatUint(n, 10))
		}
	}
}

// binder prints "for<'a, 'b> " if one follows, and runs f with these lifetimes.
func (d *rustPrinter) binder(f func()) {
	n := d.optional62('G')
	if n > 1<<10 {
		d.bad = true
		return
	}
	if n > 0 {
		d.print("for<")
		for i := range n {
			if i > 0 {
				d.print(", ")
			}
			d.lifetimes++
			d.lifetime(1)
		}
		d.print("> ")
	}
	f()
	d.lifetimes -= n
}

// basicRustType is the type that a small letter stands for, "" for other tags.
func basicRustType(c byte) string {
	if c < 'a' || c > 'z' {
		return ""
	}
	return [26]string{
		0: "i8", 'b' - 'a': "bool", 'c' - 'a': "char", 'd' - 'a': "f64", 'e' - 'a': "str", 'f' - 'a': "f32", 'h' - 'a': "u8",
		'i' - 'a': "isize", 'j' - 'a': "usize", 'l' - 'a': "i32", 'm' - 'a': "u32", 'n' - 'a': "i128", 'o' - 'a': "u128", 'p' - 'a': "_",
		's' - 'a': "i16", 't' - 'a': "u16", 'u' - 'a': "()", 'v' - 'a': "...", 'x' - 'a': "i64", 'y' - 'a': "u64", 'z' - 'a': "!",
	}[c-'a']
}

func (d *rustPrinter) typ() {
	defer d.enter()()
	c := d.next()
	if b := basicRustType(c); b != "" {
		d.print(b)
		return
	}
	switch c {
	case 'R', 'Q':
		d.print("&")
		if d.eat('L') {
			if l := d.base62(); l != 0 {
				d.lifetime(l)
				d.print(" ")
			}
		}
		if c == 'Q' {
			d.print("mut ")
		}
		d.typ()
	case 'P':
		d.print("*const ")
		d.typ()
	case 'O':
		d.print("*mut ")
		d.typ()
	case 'A', 'S':
		d.print("[")
		d.typ()
		if c == 'A' {
			d.print("; ")
			d.constant()
		}
		d.print("]")
	case 'T':
		d.print("(")
		if d.list(", ", d.typ) == 1 {
			d.print(",")
		}
		d.print(")")
	case 'F':
		d.binder(d.function)
	case 'D':
		d.dynamic()
	case 'B':
		d.backref(d.typ)
	default:
		d.at--
		d.path(false)
	}
}

func (d *rustPrinter) function() {
	if d.eat('U') {
		d.print("unsafe ")
	}
	if d.eat('K') {
		abi := "C"
		if !d.eat('C') {
			b := []byte(d.plainIdent())
			for i := range b {
				if b[i] == '_' {
					b[i] = '-'
				}
			}
			abi = string(b)
		}
		d.print("extern \"" + abi + "\" ")
	}
	d.print("fn(")
	d.list(", ", d.typ)
	d.print(")")
	if d.eat('u') {
		return
	}
	d.print(" -> ")
	d.typ()
}

// dynamic prints "dyn Trait<A, Item = B> + Send + 'a".
func (d *rustPrinter) dynamic() {
	d.print("dyn ")
	d.binder(func() {
		d.list(" + ", func() {
			open := d.traitPath()
			for d.eat('p') {
				if open {
					d.print(", ")
				} else {
					d.print("<")
				}
				open = true
				d.print(d.plainIdent() + " = ")
				d.typ()
			}
			if open {
				d.print(">")
			}
		})
	})
	if !d.eat('L') {
		d.bad = true
		return
	}
	if l := d.base62(); l != 0 {
		d.print(" + ")
		d.lifetime(l)
	}
}

// traitPath prints a path but leaves the list of generic arguments open, and says whether there is one.
func (d *rustPrinter) traitPath() (open bool) {
	defer d.enter()()
	switch {
	case d.eat('B'):
		d.backref(func() { open = d.traitPath() })
	case d.eat('I'):
		d.path(false)
		d.print("<")
		d.list(", ", d.genericArg)
		open = true
	default:
		d.path(false)
	}
	return open
}

// constant prints the value of a constant generic argument.
func (d *rustPrinter) constant() {
	defer d.enter()()
	if d.eat('B') {
		d.backref(d.constant)
		return
	}
	switch c := d.next(); c {
	case 'p':
		d.print("_")
	case 'h', 't', 'm', 'y', 'o', 'j', 'a', 's', 'l', 'x', 'n', 'i':
		if d.eat('n') {
			d.print("-")
		}
		d.print(hexValue(d.hex()))
	case 'b':
		switch d.hex() {
		case "0":
			d.print("false")
		case "1":
			d.print("true")
		default:
			d.bad = true
		}
	case 'c':
		n, err := strconv.ParseUint(d.hex(), 16, 32)
		if err != nil || !utf8.ValidRune(rune(n)) {
			d.bad = true
			return
		}
		d.print(strconv.QuoteRune(rune(n)))
	default:
		d.bad = true
	}
}

// hex reads digits up to "_", without leading zeros.
func (d *rustPrinter) hex() string {
	start := d.at
	for !d.bad && !d.eat('_') {
		if c := d.next(); hexDigit(c) < 0 || c >= 'A' && c <= 'F' {
			d.bad = true
		}
	}
	if d.bad {
		return ""
	}
	s := d.s[start : d.at-1]
	for len(s) > 1 && s[0] == '0' {
		s = s[1:]
	}
	if s == "" {
		return "0"
	}
	return s
}

func hexValue(s string) string {
	if n, err := strconv.ParseUint(s, 16, 64); err == nil {
		return strconv.FormatUint(n, 10)
	}
	return "0x" + s
}
