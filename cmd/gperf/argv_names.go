package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// find looks a long name up as it stands, then as the negation of a boolean, then as a unique prefix of either.
func (n *argv) find(name string) (f *pflag.Flag, negated bool, err error) {
	if f := n.flags.Lookup(name); f != nil {
		return f, false, nil
	}
	if f := n.negation(name); f != nil {
		return f, true, nil
	}
	var names []string
	n.flags.VisitAll(func(c *pflag.Flag) {
		if strings.HasPrefix(c.Name, name) {
			f, negated, names = c, false, append(names, c.Name)
		}
		if no := "no-" + c.Name; c.Value.Type() == "bool" && strings.HasPrefix(no, name) && len(name) > len("no-") {
			f, negated, names = c, true, append(names, no)
		}
	})
	switch len(names) {
	case 1:
		return f, negated, nil
	case 0:
		return nil, false, fmt.Errorf("unknown option `%s'", name)
	}
	return nil, false, fmt.Errorf("ambiguous option `%s': it could be --%s", name, strings.Join(names, " or --"))
}

// negation returns the boolean that name switches off: `no-X` for X, and `X` for a flag that is itself called `no-X`.
func (n *argv) negation(name string) *pflag.Flag {
	base, no := strings.CutPrefix(name, "no-")
	if !no {
		base = "no-" + name
	}
	if f := n.flags.Lookup(base); f != nil && f.Value.Type() == "bool" {
		return f
	}
	return nil
}

// isSwitch tells flags that never take a glued value: booleans and counters such as -vvv.
func isSwitch(f *pflag.Flag) bool {
	t := f.Value.Type()
	return t == "bool" || t == "count"
}

// subcommandFirst moves a subcommand before the flags of its command, where perf takes it too (stat -x, report): the command is
// so many words, and the subcommand follows the word at.
func subcommandFirst(out []string, words, at int) []string {
	moved := append(slices.Clone(out[:words]), out[at+1])
	return append(append(moved, out[words:at]...), out[at+2:]...)
}
