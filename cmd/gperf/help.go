package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpColumn is where perf begins the words that explain an option.
const helpColumn = 26

// usage prints a command's help in perf's layout: a line of use, then one option a line.
func usage(c *cobra.Command) error {
	w := c.OutOrStderr()
	// A command that is called in several ways gives one a line.
	for i, line := range strings.Split(c.UseLine(), "\n") {
		lead := "\n Usage:"
		if i > 0 {
			lead = "    or:"
		}
		fmt.Fprintln(w, lead, strings.TrimSpace(line))
	}
	fmt.Fprintln(w)
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			helpLine(w, sub.Name(), sub.Short)
		}
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			helpLine(w, optionText(f), f.Usage)
		}
	})
	fmt.Fprintln(w)
	return nil
}

// optionText is an option as it is typed: `-m, --mmap-pages <pages>`.
func optionText(f *pflag.Flag) string {
	text := "    --" + f.Name
	if f.Shorthand != "" {
		text = "-" + f.Shorthand
		if f.Name != f.Shorthand {
			text += ", --" + f.Name
		}
	}
	if isSwitch(f) {
		return text
	}
	value, _ := pflag.UnquoteUsage(f)
	if f.NoOptDefVal != "" {
		return text + "[=<" + value + ">]"
	}
	return text + " <" + value + ">"
}

func helpLine(w io.Writer, option, words string) {
	words = strings.ReplaceAll(words, "`", "")
	if len(option)+4 >= helpColumn {
		fmt.Fprintf(w, "    %s\n", option)
		option = ""
	} else {
		option = "    " + option
	}
	fmt.Fprintf(w, "%-*s%s\n", helpColumn, option, words)
}

// firstError keeps why a write failed, for writers of text that do not look: cobra's help and completions.
type firstError struct {
	w   io.Writer
	err error
}

func (f *firstError) Write(b []byte) (n int, err error) {
	n, err = f.w.Write(b)
	f.err = cmp.Or(f.err, err)
	return n, err
}
