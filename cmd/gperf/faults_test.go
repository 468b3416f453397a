package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// fault is something that perf probe of 6.1 gets wrong or refuses, on the program testdata/faults/faults.c.
type fault struct {
	name    string // what goes wrong
	def     string // gperf's definition
	value   string // what the recorded event shows, a regular expression; "" if it is refused
	refused string // the words that it is refused with
	target  string // a file made of the program in another way; "" for gcc -g -O2
}

func faults() []fault {
	return []fault{
		{name: "bit-fields of DWARF 4 are counted from the other end", target: "dwarf4", def: "bitfields b->a b->b b->c b->f", value: `a=5 b=-3 c=123456789012 f=1|a=0x5 b=-3 c=0x1cbe991a14 f=0x1`},
		{name: "bit-fields of DWARF 5 cannot be read", def: "bitfields b->a b->b b->c b->f", value: `a=5 b=-3 c=123456789012 f=1|a=0x5 b=-3 c=0x1cbe991a14 f=0x1`},
		{name: "of a location with several operators the first is taken for all", def: "computed:3 twice", refused: `value of twice at 0x[0-9a-f]+ cannot be fetched: it is computed`},
		{name: "elements behind a pointer to an array lie elsewhere", def: "rows p[1][0] e=t->m[1][2] r=t->m[1]", value: `p=4 e=16 r=\{14,15,16\}`},
		{name: "a double that is returned is read from another register", def: "half%return $retval", refused: `half returns double, in the register xmm0`},
		{name: "a line behind a function's end is taken in whatever follows", def: "half:9", refused: `line half:9 has no code`},
		{name: "an offset inside an instruction is accepted", def: "shares+1", refused: `shares\+1 is inside an instruction`},
		{name: "members of a structure in registers are not supported", def: "byvalue p.x p.y", value: `x=6 y=60`},
		{name: "of a structure in registers as a whole there is the first register", def: "byvalue p", value: `p_x=6 p_y=60`},
		{name: "a structure of three bytes gives a type that no kernel knows", target: "plain", def: "byvalue c", value: `c_r=1 c_g=2 c_b=3`},
		{name: "parameters in vector registers are told by a number", def: "mixed a", refused: `the value is in register xmm0`},
		{name: "one of these lets $params fail", def: "mixed $params", value: `mixed: \([0-9a-f]+\) n=17`},
		{name: "floating-point numbers in memory are shown as integers", target: "plain", def: "mixed a b n", value: `a=1\.5 b=2\.5 n=17`},
		{name: "negative small numbers are printed as large ones", def: "narrow c s", value: `c=-5 s=-1`},
		{name: "arrays are printed as zeros", def: "narrow w=words[0-3] f=four[0-3]:u8", value: `w=\{0x64,0xc8,0x12c,0x190\} f=\{1,2,3,4\}`},
		{name: "an array of strings makes the whole line unreadable", def: "narrow texts[0-2]:string", value: `texts=\{"one","two","three"\}`},
		{name: "a string that cannot be read is empty", def: "texts bad:string", value: `bad_string=\(fault\)`},
		{name: "text behind void * and signed char * is refused", def: "texts s:string v:string", value: `s_string="signed" v_string="void"`},
		{name: "wide characters are no bytes of text", def: "texts w:string", refused: `w is not \(unsigned\) char \*`},
		{name: "global and static variables are refused by the kernel", def: "globals counter calls", value: `counter=42 calls=40`},
		{name: "a function whose cold part was split off is not found", def: "split text:string n", value: `text_string="hello" n=12`},
		{name: "a function's cold part is taken for one of its name", def: "spl*", value: `split: \([0-9a-f]+\)$`},
		{name: "a separate debug file has no frames", target: "stripped", def: "split text:string n", value: `text_string="hello" n=12`},
		{name: "split debug information crashes", target: "dwo", def: "split text:string n", value: `text_string="hello" n=12`},
		{name: "a name made of the letters of modifiers cannot be recorded", def: "up n", value: `:up: \([0-9a-f]+\) n=1`},
		{name: "and of one letter", def: "D n", value: `:D: \([0-9a-f]+\) n=2`},
		{name: "a line that shares its address is refused", def: "shares:2 n", value: `n=2`},
	}
}

// TestWherePerfFails tries each of them: the recorded values are those that the program knows.
func TestWherePerfFails(t *testing.T) {
	testkit.Need(t, testkit.GCC, testkit.Objcopy, testkit.Root, testkit.Uprobes)
	gperf, dir := gperfBinary(t), t.TempDir()
	buildFaults(t, dir)
	for i, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			target := filepath.Join(dir, f.target, "faults")
			group := "probe_tf" + strconv.Itoa(os.Getpid())
			event := strings.FieldsFunc(f.def, func(r rune) bool { return strings.ContainsRune(" +:%*", r) })[0]
			named := group + ":" + event + "=" + f.def
			if strings.Contains(f.def, "*") {
				named = f.def
				group = "probe_faults"
			}
			if f.refused != "" {
				out, err := exec.Command(gperf, "probe", "-x", target, "-D", f.def).CombinedOutput()
				if err == nil || !regexp.MustCompile(f.refused).Match(out) || !strings.Contains(string(out), "hint: ") {
					t.Errorf("%v\n%s", err, out)
				}
				return
			}
			output(t, gperf, "probe", "-q", "-x", target, "-a", named)
			lines := output(t, gperf, "probe", "-l", group+":*")
			var names []string
			for line := range strings.Lines(lines) {
				if name := strings.Fields(line)[0]; strings.HasPrefix(name, group+":") && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
			data := filepath.Join(dir, strconv.Itoa(i)+".data")
			args := []string{"record", "-q", "-o", data}
			for _, name := range names {
				args = append(args, "-e", name)
			}
			output(t, gperf, append(args, target)...)
			for _, name := range names {
				output(t, gperf, "probe", "-q", "-d", name)
			}
			got := output(t, gperf, "script", "-i", data, "-F", "event,trace")
			if !regexp.MustCompile(`(?m)` + f.value).MatchString(got) {
				t.Errorf("%s shows\n%s", f.def, got)
			}
		})
	}
}

// buildFaults compiles the program in all ways that are needed.
func buildFaults(t *testing.T, dir string) {
	t.Helper()
	source, err := filepath.Abs("testdata/faults/faults.c")
	if err != nil {
		t.Fatal(err)
	}
	for name, flags := range map[string][]string{"": {"-O2"}, "dwarf4": {"-O2", "-gdwarf-4"}, "plain": {"-O0"}, "dwo": {"-O2", "-gsplit-dwarf"}, "stripped": {"-O2"}} {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(at, 0o755); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("gcc", slices.Concat([]string{"-g"}, flags, []string{"-o", "faults", source})...)
		cmd.Dir = at
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	prog := filepath.Join(dir, "stripped", "faults")
	output(t, "objcopy", "--only-keep-debug", prog, prog+".debug")
	output(t, "objcopy", "--strip-debug", "--add-gnu-debuglink="+prog+".debug", prog)
}

// output runs a command and returns what it prints.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		text := ""
		if e, ok := err.(*exec.ExitError); ok {
			text = string(e.Stderr)
		}
		t.Fatalf("%s %v: %v\n%s", filepath.Base(name), args, err, text)
	}
	return string(out)
}

// TestInstancesWherePerfFails: an inlined function, one of whose instances does not have the value. perf writes a number that no kernel
// takes, after it has added the others, and leaves these behind.
func TestInstancesWherePerfFails(t *testing.T) {
	testkit.Need(t, testkit.GCC, testkit.Objcopy, testkit.Root, testkit.Uprobes)
	gperf, dir := gperfBinary(t), t.TempDir()
	buildFaults(t, dir)
	target := filepath.Join(dir, "faults")
	group := "probe_ti" + strconv.Itoa(os.Getpid())
	out, err := exec.Command(gperf, "probe", "-x", target, "-a", group+":sometimes=sometimes x").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "1 of 3 places of sometimes are left out, since a value is missing there: third+") {
		t.Errorf("%v\n%s", err, out)
	}
	data := filepath.Join(dir, "data")
	output(t, gperf, "record", "-q", "-o", data, "-e", group+":sometimes", target)
	output(t, gperf, "probe", "-q", "-d", group+":*")
	got := output(t, gperf, "script", "-i", data, "-F", "event,trace")
	if !strings.Contains(got, " x=5\n") || !strings.Contains(got, " x=7\n") || strings.Count(got, "\n") != 2 {
		t.Errorf("recorded\n%s", got)
	}
	// What the kernel refuses leaves nothing behind, and its words are shown with a mark.
	out, err = exec.Command(gperf, "probe", "-x", target, "-a", group+":one=up", "-a", group+":two=D %zz").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "the kernel says: ") || !strings.Contains(string(out), "^~~") {
		t.Errorf("%v\n%s", err, out)
	}
	if left := output(t, gperf, "probe", "-l", group+":*"); left != "" {
		t.Errorf("left behind\n%s", left)
	}
}

// TestListsWherePerfFails: what --funcs and --line offer can be probed, and --list shows each probe as it was defined.
func TestListsWherePerfFails(t *testing.T) {
	testkit.Need(t, testkit.GCC, testkit.Objcopy, testkit.Root, testkit.Uprobes)
	gperf, dir := gperfBinary(t), t.TempDir()
	buildFaults(t, dir)
	target := filepath.Join(dir, "faults")
	for name := range strings.FieldsSeq(output(t, gperf, "probe", "-x", target, "-F", "--filter", "*")) {
		if out, err := exec.Command(gperf, "probe", "-x", target, "-D", name).CombinedOutput(); err != nil {
			t.Errorf("%s is listed but: %s", name, out)
		}
	}
	for _, function := range []string{"split", "shares", "sometimes", "main"} {
		for line := range strings.Lines(output(t, gperf, "probe", "-x", target, "-L", function)) {
			number, err := strconv.Atoi(strings.TrimSpace(line[:min(7, len(line))]))
			if err != nil || strings.HasPrefix(line, "<") {
				continue
			}
			if out, err := exec.Command(gperf, "probe", "-x", target, "-D", function+":"+strconv.Itoa(number)).CombinedOutput(); err != nil {
				t.Errorf("%s:%d is marked but: %s", function, number, out)
			}
		}
	}
	group := "probe_tl" + strconv.Itoa(os.Getpid())
	output(t, gperf, "probe", "-q", "-x", target, "-a", group+":a=shares+4", "-a", group+":b=up n", "-a", group+":c=D%return $retval")
	got := output(t, gperf, "probe", "-l", group+":*")
	output(t, gperf, "probe", "-q", "-d", group+":*")
	if !regexp.MustCompile(`:a +\(on shares(\+4|:\d)@.*\n.*:b +\(on up@.* with n\)\n.*:c__return \(on D%return@.* with arg1\)\n$`).MatchString(got) {
		t.Errorf("listed\n%s", got)
	}
}

// TestLibraryWherePerfFails: the C library's functions have other names in its debug information, and some symbols only choose what does
// the work.
func TestLibraryWherePerfFails(t *testing.T) {
	testkit.Need(t, testkit.LibcDebug, testkit.Root, testkit.Uprobes)
	gperf := gperfBinary(t)
	library, err := filepath.EvalSymlinks("/lib/x86_64-linux-gnu/libc.so.6")
	if err != nil {
		t.Fatal(err)
	}
	for _, def := range []string{"malloc bytes", "inet_pton src:string", "fopen filename:string", "open file:string", "printf format:string", "getenv name:string"} {
		function, _, _ := strings.Cut(def, " ")
		if got := output(t, gperf, "probe", "-x", library, "-D", def); !strings.HasPrefix(got, "p:probe_libc/"+function+" "+library+":0x") || !strings.Contains(got, "=") {
			t.Errorf("%s: %s", def, got)
		}
	}
	for _, def := range []string{"strlen", "strlen%return"} {
		out, err := exec.Command(gperf, "probe", "-x", library, "-D", def).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "is a GNU indirect function") || !strings.Contains(string(out), "__strlen_avx2") {
			t.Errorf("%s: %v\n%s", def, err, out)
		}
	}
	out, err := exec.Command(gperf, "probe", "-x", library, "-D", "strlen s:string").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "has none of its variables") {
		t.Errorf("%v\n%s", err, out)
	}
	group := "probe_tb" + strconv.Itoa(os.Getpid())
	data := filepath.Join(t.TempDir(), "data")
	output(t, gperf, "probe", "-q", "-x", library, "-a", group+":named=getenv name:string")
	output(t, gperf, "record", "-q", "-o", data, "-e", group+":named", "ls")
	output(t, gperf, "probe", "-q", "-d", group+":*")
	if got := output(t, gperf, "script", "-i", data, "-F", "event,trace"); !strings.Contains(got, ` name_string="LS_BLOCK_SIZE"`) {
		t.Errorf("recorded\n%s", got)
	}
}
