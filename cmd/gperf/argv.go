package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// normalize rewrites perf's command line grammar into what pflag reads. pflag lacks optional values glued to a short
// flag (-Iax,bx), --no-X for any boolean X, and long names cut to a unique prefix; and where the first free word ends
// the options, everything from there on must stay as it is. The flag set itself is read for all of it, so that help
// and completion come from the same place.
func normalize(root *cobra.Command, args []string) ([]string, error) {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") || strings.HasPrefix(args[0], "__complete") {
		return args, nil
	}
	c, _, err := root.Find(args[:1])
	if err != nil || c == root {
		return args, nil
	}
	words := 1
	for sub := subcommand(c, args[1:]); sub != nil; sub = subcommand(c, args[words:]) {
		c, words = sub, words+1
	}
	c.InitDefaultHelpFlag()
	n := argv{flags: c.Flags(), out: slices.Clone(args[:words]), rest: args[words:]}
	if err = n.run(); err != nil {
		return nil, usageErrorOf(c, err)
	}
	if at := slices.Index(n.out, "--"); at > words && subcommand(c, n.out[at+1:]) != nil {
		return normalize(root, subcommandFirst(n.out, words, at))
	}
	return n.out, nil
}

// subcommand is the command below c that the next word names; nil for none.
func subcommand(c *cobra.Command, words []string) *cobra.Command {
	for _, sub := range c.Commands() {
		if len(words) > 0 && sub.Name() == words[0] {
			return sub
		}
	}
	return nil
}

type argv struct {
	flags     *pflag.FlagSet
	out, rest []string
}

func (n *argv) run() error {
	for len(n.rest) > 0 {
		word := n.rest[0]
		switch {
		case word == "--":
			n.out = append(n.out, n.rest...)
			return nil
		case strings.HasPrefix(word, "--"):
			n.rest = n.rest[1:]
			if err := n.long(word[2:]); err != nil {
				return err
			}
		case len(word) > 1 && word[0] == '-':
			n.rest = n.rest[1:]
			if err := n.cluster(word[1:]); err != nil {
				return err
			}
		default:
			n.out = append(append(n.out, "--"), n.rest...)
			return nil
		}
	}
	return nil
}

// long takes one --name or --name=value.
func (n *argv) long(text string) error {
	name, value, glued := strings.Cut(text, "=")
	f, negated, err := n.find(name)
	if err != nil {
		return err
	}
	switch {
	case negated:
		if glued {
			return fmt.Errorf("option `%s' takes no value", name)
		}
		n.out = append(n.out, "--"+f.Name+"=false")
	case glued:
		n.out = append(n.out, "--"+f.Name+"="+value)
	case f.NoOptDefVal != "":
		n.optional(f)
	default:
		return n.valueFromNext(f, "option `"+f.Name+"'")
	}
	return nil
}

// cluster takes the letters behind one dash: switches, and at most one flag with a value.
func (n *argv) cluster(letters string) error {
	for i, r := range letters {
		f := (*pflag.Flag)(nil)
		if r < 0x80 {
			f = n.flags.ShorthandLookup(string(r))
		}
		if f == nil {
			return fmt.Errorf("unknown switch `%c'", r)
		}
		tail := letters[i+len(string(r)):]
		switch {
		case isSwitch(f):
			n.out = append(n.out, "--"+f.Name)
		case tail != "":
			n.out = append(n.out, "--"+f.Name+"="+strings.TrimPrefix(tail, "="))
			return nil
		case f.NoOptDefVal != "":
			n.optional(f)
			return nil
		default:
			return n.valueFromNext(f, fmt.Sprintf("switch `%c'", r))
		}
	}
	return nil
}

// takesNext marks a flag whose optional value may also be the next word, unless that begins with a dash: what perf calls
// an argument with a default when it comes last (probe -l and -F).
const takesNext = "takes-next"

// optional takes a flag that stands without a glued value.
func (n *argv) optional(f *pflag.Flag) {
	if _, ok := f.Annotations[takesNext]; ok && len(n.rest) > 0 && !strings.HasPrefix(n.rest[0], "-") {
		n.out = append(n.out, "--"+f.Name+"="+n.rest[0])
		n.rest = n.rest[1:]
		return
	}
	n.out = append(n.out, "--"+f.Name)
}

func (n *argv) valueFromNext(f *pflag.Flag, what string) error {
	if len(n.rest) == 0 {
		return fmt.Errorf("%s requires a value", what)
	}
	n.out = append(n.out, "--"+f.Name+"="+n.rest[0])
	n.rest = n.rest[1:]
	return nil
}
