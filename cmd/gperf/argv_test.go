package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// perfLike has flags of every shape that perf's option parser knows.
func perfLike() *cobra.Command {
	root := &cobra.Command{Use: "gperf"}
	c := &cobra.Command{Use: "record", Run: func(*cobra.Command, []string) {}}
	f := c.Flags()
	f.BoolP("all-cpus", "a", false, "")
	f.BoolP("raw-samples", "R", false, "")
	f.BoolP("g", "g", false, "")
	f.Bool("inherit", true, "")
	f.Bool("no-buffering", false, "")
	f.StringArrayP("event", "e", nil, "")
	f.StringP("freq", "F", "", "")
	f.String("call-graph", "", "")
	f.StringP("intr-regs", "I", "", "")
	f.Lookup("intr-regs").NoOptDefVal = "*"
	f.CountP("verbose", "v", "")
	root.AddCommand(c)
	return root
}

func TestNormalize(t *testing.T) {
	for _, tt := range []struct{ in, want, fail string }{
		{in: "-aR -e cycles,instructions -F99 --call-graph=dwarf,8192 sleep -1 -a", want: "--all-cpus --raw-samples --event=cycles,instructions --freq=99 --call-graph=dwarf,8192 -- sleep -1 -a"},
		{in: "-g -F 99 -- ls -l", want: "--g --freq=99 -- ls -l"},
		{in: "-agF 99 ls -l", want: "--all-cpus --g --freq=99 -- ls -l"},
		{in: "-I ls -l", want: "--intr-regs -- ls -l"},
		{in: "-Iax,bx true", want: "--intr-regs=ax,bx -- true"},
		{in: "--intr-regs=ax true", want: "--intr-regs=ax -- true"},
		{in: "--no-inherit true", want: "--inherit=false -- true"},
		{in: "--buffering true", want: "--no-buffering=false -- true"},
		{in: "--call=dwarf true", want: "--call-graph=dwarf -- true"},
		{in: "--no-inh true", want: "--inherit=false -- true"},
		{in: "-vvv true", want: "--verbose --verbose --verbose -- true"},
		{in: "-e cycles -e cpu/event=0x3c,umask=1/u true", want: "--event=cycles --event=cpu/event=0x3c,umask=1/u -- true"},
		{in: "-e{cycles,instructions}:S true", want: "--event={cycles,instructions}:S -- true"},
		{in: "-F=99 true", want: "--freq=99 -- true"},
		{in: "-e", fail: "switch `e' requires a value"},
		{in: "--event", fail: "option `event' requires a value"},
		{in: "--nosuch", fail: "unknown option `nosuch'"},
		{in: "-aZ", fail: "unknown switch `Z'"},
		{in: "--no-all-cpus=1", fail: "takes no value"},
		{in: "--in true", fail: "ambiguous option `in'"},
	} {
		got, err := normalize(perfLike(), append([]string{"record"}, strings.Fields(tt.in)...))
		if tt.fail != "" {
			if err == nil || !strings.Contains(err.Error(), tt.fail) {
				t.Errorf("%s: error %v, want one with %q", tt.in, err, tt.fail)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		if diff := cmp.Diff("record "+tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.in, diff)
		}
	}
}

// FuzzNormalize: whatever is typed, there is an answer, and the words after -- come out as they went in.
func FuzzNormalize(f *testing.F) {
	f.Add("-aR -e cycles -- ls -l")
	f.Add("--no-inherit -Iax x")
	f.Add("-\xff --=")
	f.Fuzz(func(t *testing.T, line string) {
		words := strings.Fields(line)
		got, err := normalize(perfLike(), append([]string{"record"}, words...))
		if err != nil {
			return
		}
		for i, w := range words {
			if w == "--" && !strings.HasSuffix(strings.Join(got, " "), strings.Join(words[i:], " ")) {
				t.Errorf("%q: words after -- are changed: %q", words, got)
			}
			if w == "--" || !strings.HasPrefix(w, "-") {
				return
			}
		}
	})
}
