package tracefs

import "strings"

// binding is a local variable: what it stands for, and how many nodes that
// has, because each use is evaluated anew.
type binding struct {
	n     *node
	nodes int
}

// statements parses the rest of "({ TYPE NAME = EXPR; ... EXPR; })", which the
// kernel's min() and max() leave in print formats.
func (p *exprParser) statements() (*node, error) {
	outer := p.names
	p.names = make(map[string]binding, len(outer)+2)
	for k, v := range outer {
		p.names[k] = v
	}
	defer func() { p.names = outer }()
	for {
		if p.isDeclaration() {
			if err := p.declaration(); err != nil {
				return nil, err
			}
			continue
		}
		n, err := p.expr()
		if err != nil {
			return nil, err
		}
		p.accept(";")
		if err := p.expect("}"); err != nil {
			return nil, err
		}
		return n, p.expect(")")
	}
}

// isDeclaration tells whether "WORD ... WORD =" is next.
func (p *exprParser) isDeclaration() bool {
	i := 0
	for p.peekAt(i).kind == tokWord || i > 0 && p.peekAt(i).is("*") {
		i++
	}
	return i >= 2 && p.peekAt(i).is("=")
}

func (p *exprParser) declaration() error {
	var words []string
	for !p.peek().is("=") {
		words = append(words, p.next().text)
	}
	p.pos++
	before := p.nodes
	n, err := p.expr()
	if err != nil {
		return err
	}
	last := len(words) - 1
	t := typeOf(strings.Join(words[:last], " "))
	p.names[words[last]] = binding{&node{kind: nCast, a: n, typ: t}, p.nodes - before + 1}
	return p.expect(";")
}
