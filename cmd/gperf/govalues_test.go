package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/internal/testkit/vm"
)

// goValue is a definition over testdata/govalues and the values of its hits, one after the other. exact is what --exact records, if
// that is more.
type goValue struct {
	define string
	want   []string
	exact  []string
}

const digits = "0123456789"

func goValues() []goValue {
	long := strings.Repeat(digits, 30)
	odd := `s="nul\x00in\xffside \"quoted\"\n\té\\"`
	upTo := func(n int) []string {
		var out []string
		for _, l := range []int{0, 1, 63, 64, 65, 300} {
			if l > n {
				out = append(out, fmt.Sprintf(`s="%s"...(len %d)`, long[:n], l))
			} else {
				out = append(out, fmt.Sprintf(`s="%s"`, long[:l]))
			}
		}
		return append(out, odd)
	}
	return []goValue{
		{"main.text s", upTo(64), upTo(300)},
		{"main.text s:string[320]", upTo(300), nil},
		{"main.text s:string[65]", upTo(72), upTo(300)},
		{"main.text s.len", []string{"len=0", "len=1", "len=63", "len=64", "len=65", "len=300", "len=25"}, nil},
		{"main.two id s n", []string{`id="id-7" s="second" n=3`}, nil},
		{"main.two other=s id.len s[0]", []string{`other="second" len=4 s=115`}, nil},
		{"main.data b n small", []string{`b=[7/7]"bytes\x00\x01" n=[9/9]{-1,2,3,4,5,6,7,8,...} small=[2/2]{-5,5}`, "b=nil n=nil small=nil",
			`b=[0/0]"" n=[0/3]{} small=[1/1]{1}`}, nil},
		{"main.data b:string", []string{`b="bytes\x00\x01"`, `b=""`, `b=""`}, nil},
		{"main.data n:s64[16] n.cap", []string{"n=[9/9]{-1,2,3,4,5,6,7,8,9} cap=9", "n=nil cap=0", "n=[0/3]{} cap=3"}, nil},
		{"main.data e=n[1]", []string{"e=2", "e=(fault)", "e=[0-9-]+"}, nil},
		{"main.list names points ptrs", []string{`names=[3/3]{"one","","three"} points=[1/1] ptrs=nil`, `names=[5/5]{"a","b","c","d",...} points=nil ptrs=nil`}, nil},
		{"main.list one=names[2]", []string{`one="three"`, `one="c"`}, nil},
		{"main.simple c l d ok r u i", []string{"c=Green l=Low d=1.5s ok=true r=233 u=65535 i=-8", "c=9 l=3 d=-1s ok=false r=120 u=0 i=127"}, nil},
		{"main.simple c:u8 l:s64 d:s64 ok:u8", []string{"c_u8=1 l_s64=-1 d_s64=1500000000 ok_u8=1", "c_u8=9 l_s64=3 d_s64=-1000000000 ok_u8=0"}, nil},
		{"main.holder e a", []string{`e=*errors.errorString("plain") a=int(42)`, "e=nil a=nil", `e=*fmt.wrapError("wrapped: file does not exist") a=string("a string")`,
			`e=*io/fs.PathError("open") a=*int(0x[0-9a-f]+)`, "e=syscall.Errno(2) a=main.Color(1)", `e=main.failure("by value") a=float64(2.5)`, `e=main.failure("") a=time.Duration(1s)`}, nil},
		{"main.table m c", []string{"m=[2] c=[0/5]", "m=nil c=nil"}, nil},
		{"main.table m.len c.cap", []string{"len=2 cap=5", "len=(fault) cap=(fault)"}, nil},
		{"main.many a i j s k", []string{`a=1 i=9 j=-10 s="on the stack" k=[3/3]"too"`}, nil},
		{"main.(*Store).Put key n s.N s.Name", []string{`key="first" n=1 N=1 Name="inner"`, `key="second" n=-1 N=2 Name="next"`}, nil},
		{"main.(*Store).Put s.X y=s.Point.Y s.Inner.N", []string{"X=1.5 y=-2.25 N=1", "X=(fault) y=(fault) N=2"}, nil},
		{"main.(*Store).Put s.next.Name nn=s.next.next.N", []string{`Name="next" nn=(fault)`, `Name=(fault) nn=(fault)`}, nil},
		{"main.(*Store).Put s.tags s.sizes[2] s.data", []string{`tags=[2/2]{"t0","t1"} sizes=30 data=[4/4]"data"`, "tags=nil sizes=0 data=nil"}, nil},
		{"main.(*Store).Put all=s.sizes[0-3] t=s.tags[1]", []string{"all={10,-20,30,40} t=\"t1\"", "all={0,0,0,0} t=(fault)"}, nil},
		{"main.(*Store).Put s.index s.queue s.last s.any", []string{`index=[1] queue=[1/2] last=*errors.errorString("file already exists") any=int32(-6)`,
			"index=nil queue=nil last=nil any=nil"}, nil},
		{"main.(*Store).Put s.color s.ok s.ratio", []string{"color=Blue ok=true ratio=0.5", "color=Red ok=false ratio=0"}, nil},
		{"main.(*Store).Put s.pair.Key s.pair.Val", []string{`Key="pk" Val=-9`, `Key="" Val=0`}, nil},
		{"main.(*Store).Put%return $retval", []string{"r0=nil", `r0=*fmt.wrapError("put second: invalid argument")`}, nil},
		{"main.Store.Size s.Name s.tags s.color", []string{`Name="inner" tags=[2/2]{"t0","t1"} color=Blue`}, nil},
		{"main.pairOf p.Key p.Val k=q.Key v=q.Val", []string{`Key="key" Val=11 k=-3 v=true`}, nil},
		{"main.pick%return $retval", []string{`name="" n=-1 err=*errors.errorString("nothing there")`, `name="xxx" n=3 err=nil`}, nil},
		{"main.pick%return err name", []string{`err=*errors.errorString("nothing there") name=""`, `err=nil name="xxx"`}, nil},
		{"main.deferred%return $retval", []string{`r0=-1 r1=*errors.errorString("no text")`, "r0=4 r1=nil"}, nil},
		{"main.mixed%return $retval", []string{`r1="yy" r2=-2`}, nil},
		{"main.mixed $params", []string{"n=2"}, nil},
		{"main.array a[1] s.len pp[0].Name", []string{`a=-8 len=10 Name="pointed"`}, nil},
		{"main.hostile s", []string{`s="ending"`, `s="ending"...(len 60)`, "s=(bad length 4611686018427387904)", "s=(fault)(len 5)", "s=(zeros or fault)(len 5)", "s=(bad length -1)"},
			[]string{`s="ending"`, `s="ending"...(len 60)`, "s=(bad length 4611686018427387904)", "s=(fault)(len 5)", "s=(fault)(len 5)", "s=(bad length -1)"}},
	}
}

// TestGoValues records all definitions at once, as Go builds the program in several ways, and wants the values that it knows: from a file,
// from a stream, exactly, after perf inject, and once the program is gone.
func TestGoValues(t *testing.T) {
	testkit.Need(t, testkit.Uprobes, testkit.Go)
	gperf := gperfBinary(t)
	for i, build := range []struct{ name, flag string }{{"optimised", "-trimpath"}, {"plain", "-gcflags=-N -l"}, {"pie", "-buildmode=pie"}} {
		t.Run(build.name, func(t *testing.T) {
			dir := t.TempDir()
			prog := filepath.Join(dir, "govalues")
			testkit.Run(t, "go", "build", "-o", prog, build.flag, "testdata/govalues/main.go")
			group := fmt.Sprintf("govalues%d_%d", i, os.Getpid())
			values := goValues()
			define := []string{"probe", "-q", "-x", prog}
			for k, v := range values {
				define = append(define, "--add", fmt.Sprintf("%s:e%02d=%s", group, k, v.define))
			}
			t.Cleanup(func() { command(t, gperf, "probe", "-q", "-d", group+":*") })
			command(t, gperf, define...)
			plain, exact := filepath.Join(dir, "plain"), filepath.Join(dir, "exact")
			command(t, gperf, "record", "-q", "-o", plain, "-e", group+":*", prog)
			said := command(t, "sh", "-c", `"$0" record -o "$1" --exact -e "$2" "$3" 2>&1`, gperf, exact, group+":*", prog)
			if strings.Contains(said, "--exact:") {
				t.Errorf("some are not exact:\n%s", said)
			}
			stream := command(t, "sh", "-c", `"$0" record -q -o - -e "$1" "$2" | "$0" script -i - -F event,trace`, gperf, group+":*", prog)
			if err := os.Remove(prog); err != nil {
				t.Fatal(err)
			}
			checkGoValues(t, "file", command(t, gperf, "script", "-i", plain, "-F", "event,trace"), false)
			checkGoValues(t, "stream", stream, false)
			checkGoValues(t, "exact", command(t, gperf, "script", "-i", exact, "-F", "event,trace"), true)
			if i == 0 {
				checkGoInPerf(t, gperf, plain, exact)
			}
		})
	}
}

// TestExactChildren records a program that a shell runs three times, one of them in a shell of its own, and nobody else's run of it.
func TestExactChildren(t *testing.T) {
	testkit.Need(t, testkit.Uprobes, testkit.Go)
	gperf, dir := gperfBinary(t), t.TempDir()
	prog := filepath.Join(dir, "govalues")
	testkit.Run(t, "go", "build", "-o", prog, "-trimpath", "testdata/govalues/main.go")
	event := fmt.Sprintf("govalues_exact%d:two", os.Getpid())
	command(t, gperf, "probe", "-q", "-x", prog, event+"=main.two s")
	t.Cleanup(func() { command(t, gperf, "probe", "-q", "-d", event) })
	data := filepath.Join(dir, "perf.data")
	command(t, gperf, "record", "-q", "--exact", "-o", data, "-e", event, "sh", "-c", prog+"; "+prog+"; sh -c '"+prog+"; true'")
	if got := command(t, gperf, "script", "-i", data, "-F", "trace"); strings.Count(got, `s="second"`) != 3 {
		t.Errorf("three runs gave\n%s", got)
	}
	command(t, gperf, "record", "-q", "--exact", "-o", data, "-e", event, "-p", fmt.Sprint(os.Getppid()), "sh", "-c", prog)
	if got := command(t, gperf, "script", "-i", data, "-F", "trace"); got != "" {
		t.Errorf("a run of another process is recorded:\n%s", got)
	}
}

var goValueLine = regexp.MustCompile(`^ *[a-z0-9_]+:e(\d\d)(?:__return)?: +\([0-9a-f]+\) (.*)$`)

// goValueLines are the values of each definition's hits.
func goValueLines(text string) map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(text) {
		if m := goValueLine.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			out[m[1]] = append(out[m[1]], m[2])
		}
	}
	return out
}

func checkGoValues(t *testing.T, how, text string, exact bool) {
	t.Helper()
	got := goValueLines(text)
	for k, v := range goValues() {
		want := v.want
		if exact && v.exact != nil {
			want = v.exact
		}
		have := got[fmt.Sprintf("%02d", k)]
		if len(have) != len(want) {
			t.Errorf("%s: %s: %d hits, want %d: %q", how, v.define, len(have), len(want), have)
			continue
		}
		for i := range want {
			if have[i] != want[i] && !likeGoValue(want[i]).MatchString(have[i]) {
				t.Errorf("%s: %s:\n got %s\nwant %s", how, v.define, have[i], want[i])
			}
		}
	}
}

// likeGoValue lets addresses and what lies behind a slice be what they are.
func likeGoValue(want string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(want)
	for _, free := range []string{"0x[0-9a-f]+", "[0-9-]+"} {
		quoted = strings.ReplaceAll(quoted, regexp.QuoteMeta(free), free)
	}
	return regexp.MustCompile("^" + quoted + "$")
}

// checkGoInPerf asks the real perf for the same text and names, before and after perf inject.
func checkGoInPerf(t *testing.T, gperf, plain, exact string) {
	t.Helper()
	testkit.Need(t, testkit.Perf)
	injected := plain + ".injected"
	testkit.RunPerf(t, "inject", "-i", plain, "-o", injected)
	checkGoValues(t, "injected", command(t, gperf, "script", "-i", injected, "-F", "event,trace"), false)
	for _, file := range []string{plain, exact, injected} {
		got := string(testkit.RunPerf(t, "script", "-i", file, "-F", "event,trace"))
		for _, want := range []string{`id="id-7" s="second" n=3`, "c=Green l=Low", "color=Blue ok=true", `key="first" n=1`, `names=[3/3]{"one","","three"`,
			"e=syscall.Errno", `s="` + digits + digits + digits + digits + digits + digits + `012"` + "\n"} {
			if !strings.Contains(got, want) {
				t.Errorf("perf script of %s shows nothing like %s:\n%s", filepath.Base(file), want, got)
			}
		}
	}
}

// goValuesScript records all definitions in the guest's present directory, as they are and exactly: files notes, values and values--exact.
func goValuesScript(gperf, prog string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s probe -q -x %s", gperf, prog)
	for k, v := range goValues() {
		fmt.Fprintf(&b, " --add 'gv:e%02d=%s'", k, v.define)
	}
	b.WriteString(" 2>>notes\n")
	for _, how := range []string{"", "--exact"} {
		fmt.Fprintf(&b, "%[2]s record %[1]s -o data -e 'gv:*' %[3]s 2>>notes; %[2]s script -i data -F event,trace >values%[1]s\n", how, gperf, prog)
	}
	fmt.Fprintf(&b, "%s probe -q -d 'gv:*'\n", gperf)
	return b.String()
}

// TestGoValuesInGuest records text on Debian's kernel 6.1, whose verifier knows less than a new one's.
func TestGoValuesInGuest(t *testing.T) {
	testkit.Need(t, testkit.QEMU, testkit.KernelLab, testkit.Go)
	t.Parallel() // guests share nothing with the host's tests, or with each other
	prog := filepath.Join(t.TempDir(), "govalues")
	testkit.Run(t, "go", "build", "-o", prog, "-trimpath", "testdata/govalues/main.go")
	script := "mkdir /root/run; cd /root/run; cp /mnt/gperf /mnt/govalues ..; " + goValuesScript("../gperf", "../govalues") + "cp notes values* /mnt\n"
	dir := vm.Run(t, script, gperfBinary(t), prog)
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if said := read("notes"); strings.Contains(said, "--exact") {
		t.Errorf("some are not exact:\n%s", said)
	}
	checkGoValues(t, "guest", read("values"), false)
	checkGoValues(t, "guest, exact", read("values--exact"), true)
}
