package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// probeOptions are the flags of probe.
type probeOptions struct {
	words     probeWords // definitions, patterns and targets in their order on the command line
	vmlinux   string
	filter    string
	source    string
	root      string
	force     bool
	dryRun    bool
	quiet     bool
	verbose   int
	noInlines bool
	noIndex   bool
	maxProbes int
	targetNS  int
	bootcfg   bool
	keep      bool // --cache
	externs   bool
	ranges    bool
}

func newProbeCommand(a *app) *cobra.Command {
	o := &probeOptions{}
	c := &cobra.Command{
		Use: "probe [OPTIONS] [PATH] 'DEFINITION'\n" +
			"  gperf probe [OPTIONS] --add 'DEFINITION' [--add 'DEFINITION']...\n" +
			"  gperf probe --del '[GROUP:]EVENT'...\n" +
			"  gperf probe --list ['[GROUP:]EVENT']\n" +
			"  gperf probe [OPTIONS] --line 'FUNC[:LINE[-LINE|+NUMBER]]' | --line 'FILE[:LINE…]'\n" +
			"  gperf probe [OPTIONS] --vars 'POINT' | --funcs ['FILTER'] | --definition 'DEFINITION'",
		Short: "define, list and remove dynamic probes; show what can be probed",
		Long: "DEFINITION is POINT [ARGUMENT]...\n" +
			"POINT is [[GROUP:]EVENT=]FUNC[@FILE], FUNC+OFFSET, FUNC%return, FUNC:LINE (counted from the\n" +
			"function's own line), FUNC;PATTERN, FILE:LINE, FILE;PATTERN, 0xOFFSET or, for a static marker\n" +
			"(USDT), %[sdt_PROVIDER:]NAME, whose arguments are arg1, arg2, …\n" +
			"ARGUMENT is [NAME=]VALUE[:TYPE]. VALUE is a variable and its parts (ptr->member, struct.member,\n" +
			"array[3]), $params, $vars, $retval, $comm, $stackN, %register, @symbol or +offset(VALUE).\n" +
			"TYPE is u8 to u64, s8 to s64, x8 to x64, u, s, x, string, ustring or symbol.",
		RunE: func(c *cobra.Command, args []string) error { return runProbe(c, a, o, args) },
	}
	f := c.Flags()
	f.VarP(o.words.flag('a'), "add", "a", "add the probe of `DEFINITION`")
	f.VarP(o.words.flag('D'), "definition", "D", "print what would be written to the kernel for `DEFINITION`")
	f.VarP(o.words.flag('d'), "del", "d", "remove the probes that match the pattern `[GROUP:]EVENT`")
	optional(f, o.words.flag('l'), "list", "l", defaultList, "list the probes, or those that match `[GROUP:]EVENT`")
	f.VarP(o.words.flag('L'), "line", "L", "show the source of `FUNC|FILE` and which lines can be probed")
	f.VarP(o.words.flag('V'), "vars", "V", "list the variables that can be read at `POINT`")
	optional(f, o.words.flag('F'), "funcs", "F", defaultFuncs, "list what can be probed, or what matches `FILTER`; %FILTER lists static markers")
	f.VarP(o.words.flag('x'), "exec", "x", "probe the program or library `PATH`; stands before its definitions")
	f.VarP(o.words.flag('m'), "module", "m", "probe the kernel module `NAME|PATH`; stands before its definitions")
	f.StringVarP(&o.vmlinux, "vmlinux", "k", "", "the kernel's image with debug information is `FILE`")
	f.BoolVarP(&o.force, "force", "f", false, "add an event although its name exists, as NAME_1")
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "find everything, change nothing")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print no messages but errors")
	f.CountVarP(&o.verbose, "verbose", "v", "print what is written to the kernel")
	f.StringVar(&o.filter, "filter", "", "with --vars and --funcs: only names that match `FILTER`")
	f.StringVarP(&o.source, "source", "s", "", "the sources are below `DIR`")
	f.StringVar(&o.root, "symfs", "", "look for debug files below `DIR`")
	f.BoolVar(&o.noInlines, "no-inlines", false, "leave instances of inlined functions out")
	f.BoolVar(&o.noIndex, "no-index", false, "search the debug information itself; neither use nor write an index of it")
	f.BoolVar(&o.keep, "cache", false, "keep what is added for %GROUP:EVENT; with --list and --del: what is kept")
	f.IntVar(&o.maxProbes, "max-probes", 0, "a definition may have `N` places (default 128)")
	f.IntVar(&o.targetNS, "target-ns", 0, "look for the program among the mounts of process `PID`")
	f.BoolVar(&o.bootcfg, "bootconfig", false, "with --definition: as lines of a kernel's boot configuration")
	f.BoolVar(&o.externs, "externs", false, "with --vars: global variables too")
	f.BoolVar(&o.ranges, "range", false, "with --vars: where in the function each has a value")
	return c
}

// The values of -l and -F when none is given.
const (
	defaultList  = "*"
	defaultFuncs = "\x00" // no pattern of a user: then --filter counts
)

// optional defines a flag whose value may be left out, be glued to it, or be the next word.
func optional(f *pflag.FlagSet, v pflag.Value, name, short, value, usage string) {
	flag := f.VarPF(v, name, short, usage)
	flag.NoOptDefVal = value
	flag.Annotations = map[string][]string{takesNext: nil}
}

// runProbe finds out which of the command's tasks is meant.
func runProbe(c *cobra.Command, a *app, o *probeOptions, args []string) error {
	w := &o.words
	if text, hint := w.free(args); text != "" {
		return a.misused(129, text, hint)
	}
	if w.conflict != nil {
		return a.misused(129, w.conflict.Error(), "'gperf probe --help' shows the options")
	}
	if o.quiet && o.verbose > 0 {
		return a.misused(234, "-v and -q are exclusive.", "")
	}
	if o.maxProbes < 0 {
		return a.misused(129, "--max-probes takes no negative number.", "")
	}
	if o.keep && strings.IndexByte("ald", w.command) < 0 {
		return a.misused(234, "--cache goes with --add, --list and --del.", "gperf probe --cache --add 'DEFINITION'")
	}
	if o.bootcfg && w.command != 'D' {
		return a.misused(234, "--bootconfig goes with --definition.", "gperf probe --bootconfig -D 'FUNC [ARGUMENT]...'")
	}
	p := newProber(a, o)
	switch w.command {
	case 0:
		return usageErrorOf(c, fmt.Errorf("nothing to do: give a definition, or one of -a -d -l -D -L -V -F"))
	case 'l':
		if w.hasTarget() {
			return a.misused(234, "Don't use --list with --exec.", "--list shows the probes of all targets; --list 'GROUP:*' those of a group")
		}
		return p.list(c.Context())
	case 'd':
		return p.remove()
	case 'F':
		return p.functions(c.Context())
	}
	if w.unusedTarget() && w.command != 'V' && w.command != 'L' {
		return a.misused(234, "-x/-m must follow the probe definitions.", "put -x or -m before the definition that it is for")
	}
	switch w.command {
	case 'L':
		return p.lines(c.Context())
	case 'V':
		return p.variables(c.Context())
	case 'D':
		return p.definitions(c.Context())
	}
	return p.add(c.Context())
}

// misused says in perf's form that the options do not fit together.
func (a *app) misused(status int, text, hint string) error {
	fmt.Fprintf(a.err, "  Error: %s\n", shown(text))
	if hint != "" {
		fmt.Fprintf(a.err, "  hint: %s\n", hint)
	}
	return &exitError{status: status}
}
