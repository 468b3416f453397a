package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// nativeProbe is a probe on a program that knows its own values: what each hit is to show.
type nativeProbe struct {
	def     string
	want    []string // "" for a hit whose values do not count
	partial bool     // there are more hits
	// distinct means that a line may begin at several places.
	distinct bool
}

// checkNative defines the probes on a program, runs it, and compares what the recording shows with what the program had.
func checkNative(t *testing.T, gperf, program string, probes []nativeProbe) {
	t.Helper()
	group := testkit.Group("native")
	add := []string{"probe", "-q", "-x", program}
	for i, p := range probes {
		add = append(add, "--add", fmt.Sprintf("%s:e%02d=%s", group, i, p.def))
	}
	t.Cleanup(func() { // of an event that was not added nothing is left
		_ = exec.Command(gperf, "probe", "-q", "--del", group+":*").Run()
	})
	testkit.Run(t, gperf, add...)
	data := filepath.Join(t.TempDir(), "perf.data")
	testkit.Run(t, gperf, "record", "-q", "-o", data, "-e", group+":*", program)
	text := string(testkit.Run(t, gperf, "script", "-i", data, "-F", "event,trace"))
	got := map[string][]string{}
	line := regexp.MustCompile(`^ *` + group + `:(e\d\d)(?:__return)?: \([0-9a-f]+(?: <- [0-9a-f]+)?\) ?(.*)$`)
	for l := range strings.Lines(text) {
		m := line.FindStringSubmatch(strings.TrimSuffix(l, "\n"))
		if m == nil {
			t.Errorf("a line that is no sample: %q", l)
			continue
		}
		got[m[1]] = append(got[m[1]], m[2])
	}
	for i, p := range probes {
		have := got[fmt.Sprintf("e%02d", i)]
		for k, want := range p.want {
			if want == "" && k < len(have) && strings.Contains(p.def, " ") { // of no interest
				have[k] = ""
			}
		}
		if p.distinct {
			have = slices.Compact(have)
		}
		if p.partial {
			have = have[:min(len(have), len(p.want))]
		}
		if d := cmp.Diff(p.want, have); d != "" {
			t.Errorf("%s (-want +got):\n%s", p.def, d)
		}
	}
}

// cxxProbes are on testdata/native/cart.cc.
func cxxProbes() []nativeProbe {
	x300 := strings.Repeat("x", 64)
	return []nativeProbe{
		{def: "ns::Cart::add(int, std::string const&, long) n cost what this->id", want: []string{`n=2 cost=300 what="a string that is longer than fifteen" id=7`}},
		{def: "Cart::add(int,const std::string &,long int) this->tag this->owner this->items kind=this->kind this->pos.first this->pos.1", want: []string{`tag=22 owner="ann" items=[4]{3,5,8,13} kind=Large first=1 pos_1=2`}},
		{def: "ns::Cart::add(int)@cart.cc n this->items[2] this->row[1]", want: []string{`n=4 items=8 row=-2`}},
		{def: "ns::Cart::add", want: []string{"", "", ""}},
		{def: "Cart::add(double) this->id", want: []string{"id=13"}},
		{def: "_ZN2ns4Cart3addEi n", want: []string{"n=4"}},
		{def: "Cart::add(int)%return r=$retval:s32", want: []string{"r=13"}},
		{def: "_ZN2ns4Cart3addEi%return r=$retval:s32", want: []string{"r=13"}},
		{def: "Cart::add(int, std::string const&, long):6 ns::Cart::made", want: []string{"made=6"}, distinct: true},
		{def: "ns::Cart::Cart n", want: []string{"n=7", "n=22", "n=50"}},
		{def: "Cart::~Cart this->id", want: []string{"id=22", "id=50", "id=21"}},
		{def: "Cart::operator()  a b", want: []string{"a=3 b=4"}},
		{def: "Cart::operator+= n", want: []string{"n=6"}},
		{def: "ns::Cart::operator<(ns::Cart const&) const mine=this->id theirs=o.id", want: []string{"mine=21 theirs=22"}},
		{def: "Cart::operator bool this->id", want: []string{"id=21"}},
		{def: "ns::operator+ n a.id", want: []string{"n=1 id=21"}},
		{def: "operator<< left i.price i.name", want: []string{`left=1 price=77 name="unique"`}},
		{def: "ns::scale<int> v by", want: []string{"v=21 by=2"}},
		{def: "ns::scale<long>%return r=$retval", want: []string{"r=15"}},
		{def: "scale by", want: []string{"by=2", "by=3"}},
		{def: "ns::both n", want: []string{"n=61", "n=62", "n=63"}},
		{def: "ns::both(double, int) n", want: []string{"n=61"}},
		{def: "ns::both<long> n", want: []string{"n=63"}},
		{def: "ns::Pair<int, std::string>::size this->key this->value", want: []string{`key=4 value="v"`}},
		{def: "Pair::size this->key", want: []string{"key=4"}},
		{def: "ns::texts v p[0] s c:string s.len", want: []string{`v="view" p="a string that is longer than fifteen" s="short" c_string="plain" len=0x5`}},
		{def: "ns::smart u->price u->name p2=s->price n2=s->name o[0]", want: []string{`price=77 name="unique" p2=88 n2="shared" o=99`}},
		{def: "ns::tuples t.0 t.1 t.2 ref kind", want: []string{"t_0=10 t_1=20 t_2=-30 ref=30 kind=Small"}},
		{def: "ns::rows v p=v[1].price n=v[1].name names last=names[2] ds d=ds[1] none", want: []string{
			`v=[2] p=2 n="two" names=[3]{"n1","n2","n3"} last="n3" ds=[2]{0.5,-1.5} d=-1.5 none=[0]{}`}},
		{def: "ns::quoted s", want: []string{`s=""`, `s="15 characters.."`, `s="16 characters..."`, `s="a\x00b\"\\\n"`, `s="\xff\xfe"`, `s="grüße"`, `s="` + x300 + `"...(len 300)`}},
		{def: "ns::quoted s:string[320]", want: []string{`s=""`, `s="15 characters.."`, `s="16 characters..."`, `s="a\x00b\"\\\n"`, `s="\xff\xfe"`, `s="grüße"`, `s="` + strings.Repeat("x", 300) + `"`}},
		{def: "ns::many u yes", want: []string{"u=0xc8 yes=true"}},
		{def: "inner::deep n depth calls=ns::calls", want: []string{"n=5 depth=3 calls=130"}},
		{def: "(anonymous namespace)::secret n hidden", want: []string{"n=123 hidden=-7"}},
		{def: "secret n", want: []string{"n=123"}},
		{def: "Local::get add this->x", want: []string{"add=6 x=5"}},
		{def: "other::twin a ns::counter", want: []string{"a=1 counter=41"}},
		{def: "another::twin(long) s=ns::Cart::sold", want: []string{"s=10"}},
		{def: "another::twin(long) b m=ns::Cart::made", want: []string{"b=2 m=7"}},
		{def: "virt p->l", want: []string{"l=8"}},
		{def: "ns::Cart::total n all[0]->id all[0]->owner made", want: []string{`n=0x1 id=21 owner="ann" made=7`}},
		{def: "*::deep n", want: []string{"n=5"}},
		{def: "back::text%return $retval part=$retval:string[8] $retval.len", want: []string{`retval="rrrrrrrrr!" part="rrrrrrrr"...(len 10) len=0xa`}},
		{def: "back::row%return r=$retval second=$retval[1]", want: []string{"r=[3]{7,8,9} second=8"}},
		{def: "back::small%return $retval y=$retval.y", want: []string{"retval_x=4 retval_y=-4 y=-4"}},
		{def: "back::copied%return $retval.x", want: []string{"x=5"}},
		{def: "back::big%return b=$retval", want: []string{`b_a=6 b_name="big" b_in_x=7 b_in_y=8`}},
		{def: "back::mixed%return $retval.second", want: []string{"second=8"}},
		{def: "back::unique%return $retval->price n=$retval->name", want: []string{`price=9 n="u"`}},
		{def: "back::view%return $retval", want: []string{`retval="vie"`}},
		{def: "back::ref%return $retval", want: []string{`retval="a string that is longer than fifteen"`}},
		{def: "back::plain%return s=$retval:string", want: []string{`s="plain"`}},
		{def: "back::both%return $retval", want: []string{"retval_x=3 retval_y=-3"}}, // the overload without a result is left out
		{def: "back::kind%return $retval", want: []string{"retval=Large"}},
		{def: "back::yes%return $retval n=$retval:u8", want: []string{"retval=false n=0", "retval=true n=1"}},
	}
}

// TestProbeCxxValues compares what probes on C++ record with what the program had, compiled in several ways.
func TestProbeCxxValues(t *testing.T) {
	testkit.Need(t, testkit.Uprobes, testkit.GXX, testkit.Clang)
	gperf := gperfBinary(t)
	source, err := filepath.Abs("testdata/native/cart.cc")
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"g++ -O0 -gdwarf-5", "g++ -O2 -gdwarf-4 -no-pie", "g++ -O3 -gdwarf-5",
		"g++ -O2 -flto -gdwarf-5", "g++ -O2 -flto -gdwarf-4 -no-pie", "g++ -Og -flto -gdwarf-5", "clang++ -O0 -gdwarf-4", "clang++ -O2 -gdwarf-5"} {
		t.Run(strings.ReplaceAll(how, " ", ""), func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "cart")
			words := append(strings.Fields(how), "-g", "-std=c++17", "-w", "-o", program, source)
			testkit.Run(t, words[0], words[1:]...)
			probes := cxxProbes()
			lambda := nativeProbe{def: "main::{lambda(int)#1}::operator() q", want: []string{"q=44"}}
			if words[0] == "clang++" { // which gives lambdas another name
				lambda.def = "main::$_0::operator() q"
			}
			checkNative(t, gperf, program, append(probes, lambda))
		})
	}
}

// rustProbes are on testdata/native/shop.rs.
func rustProbes() []nativeProbe {
	return []nativeProbe{
		{def: "shop::store::Cart::add n what self.id", want: []string{`n=3 what="a name longer than others" id=7`}},
		{def: "Cart::add self.pos.0 self.pos.1 self.owner self.codes i1=self.items[1].price n0=self.items[0].name self.items", want: []string{`pos_0=-3 pos_1=44 owner="anna" codes=[3]{-1,2,30000} i1=6 n0="one" items=[2]`}},
		{def: "store::Cart::add%return r=$retval", want: []string{"r=0x1b"}},
		{def: "Cart::add what:string[8] what.len w2=what[2]", want: []string{`what="a name l"...(len 25) len=0x19 w2=0x6e`}},
		{def: "Cart::new id", want: []string{"id=7"}},
		{def: "sum<i32> list", want: []string{"list=[3]{1,2,3}"}},
		{def: "shop::sum<u8> list first=list[0]", want: []string{`list=[2]"\x04\x05" first=0x4`}},
		{def: "shop::sum", want: []string{"", ""}},
		{def: "<shop::Sq as shop::Shape>::area k self.0", want: []string{"k=1 self_0=5"}},
		{def: "<Circle as Shape>::area k self.r", want: []string{"k=2 r=2"}},
		{def: "Circle::area%return r=$retval:s64", want: []string{"r=14"}},
		{def: "Circle::fmt self.r", want: []string{"r=6"}},
		{def: "<shop::Circle as core::fmt::Display>::fmt", want: []string{""}},
		{def: "Stack<f64>::push d=self.data", want: []string{"d=[1]{1.5}"}},
		{def: "Stack<i32>::push v self.data", want: []string{"v=2 data=[1]{1}"}},
		{def: "Stack::push", want: []string{"", ""}},
		{def: "exec cmd level opt", want: []string{"cmd=Quit level=Low opt=None", "cmd=Move level=Mid opt=Some", "cmd=Write level=High opt=Some", "cmd=Color level=Low opt=None"}},
		{def: "boxed b.price b.name p2=rc.price n2=rc.name p3=arc.price n3=arc.name maybe", want: []string{
			`price=20 name="boxed" p2=21 n2="counted" p3=22 n3="atomic" maybe=Some`, `price=20 name="boxed" p2=21 n2="counted" p3=22 n3="atomic" maybe=None`}},
		{def: "shop::texts name owned bytes", want: []string{`name="grüße" owned="owned text" bytes=[3]"\x01\x02\xff"`, `name="" owned="" bytes=[0]""`,
			`name="` + strings.Repeat("y", 64) + `"...(len 100) owned="tab\t\"quoted\"" bytes=[1]"\a"`}},
		{def: "rows list v names f=reals[1] last=v[1].name n1=names[1]", want: []string{`list=[3]{9,8,-7} v=[2] names=[2]{"x","yy"} f=-0.5 last="two" n1="yy"`}},
		{def: "tup t.0 t.1 t.2 r.0 r.1.0", want: []string{"t_0=-1 t_1=2 t_2=3 r_0=4 r_1_0=-5"}},
		{def: "refs n deep mutable on flags", want: []string{"n=-12 deep=34 mutable=0xfffa on=true flags=[2]{true,false}"}},
		{def: "shop::main::{closure#1} q", want: []string{"q=21"}},
		{def: "shop::count n", want: []string{"n=7"}, partial: true},
		{def: "apply x CALLS shop::TOTAL", want: []string{"x=21 CALLS_v_value=151 TOTAL=-5"}},
		{def: "<Cart as Drop>::drop self.id", want: []string{"id=10"}},
		{def: "*::texts", want: []string{"", "", ""}},
	}
}

// activeVariants are fields of variants, which mean something only where that variant is: what else lies there depends on the compiler.
func activeVariants() []nativeProbe {
	return []nativeProbe{
		{def: "exec x=cmd.Move.x y=cmd.Move.y", want: []string{"", "x=11 y=-4"}, partial: true},
		{def: "exec cmd.Write.0", want: []string{"", "", `Write_0="written"`}, partial: true},
		{def: "exec cmd.Color.1", want: []string{"", "", "", "Color_1=-2"}},
		{def: "exec opt.Some.0", want: []string{"", "Some_0=6", "Some_0=0"}, partial: true},
		{def: "boxed maybe.Some.0.name", want: []string{`name="borrowed"`}, partial: true},
	}
}

// rustReturns are what functions return. Optimised, some are refused.
func rustReturns() []nativeProbe {
	return []nativeProbe{
		{def: "back::text%return $retval $retval.len", want: []string{`retval="ababab" len=0x6`}},
		{def: "back::row%return r=$retval second=$retval[1]", want: []string{"r=[2]{7,8} second=8"}},
		{def: "back::name%return $retval", want: []string{`retval="hello"`}},
		{def: "back::small%return $retval", want: []string{"retval_x=4 retval_y=-4"}},
		{def: "back::tuple%return a=$retval.0 b=$retval.1", want: []string{"a=16 b=8"}},
		{def: "back::three%return r=$retval", want: []string{"r___0=0x3 r___1=4 r___2=9"}},
		{def: "back::maybe%return $retval", want: []string{"retval=None", "retval=Some"}},
		{def: "back::maybe%return $retval.Some.0", want: []string{"", "Some_0=0x5"}},
		{def: "back::part%return $retval.Some.0", want: []string{`Some_0="abc"`}},
		{def: "back::result%return $retval $retval.Ok.0", want: []string{`retval=Ok Ok_0="okay"`}},
		{def: "back::level%return $retval", want: []string{"retval=High"}},
		{def: "back::held%return $retval.price", want: []string{"price=9"}},
		{def: "back::minus%return $retval", want: []string{"retval=-5"}},
	}
}

// TestProbeRustValues compares what probes on Rust record with what the program had, compiled in several ways.
func TestProbeRustValues(t *testing.T) {
	testkit.Need(t, testkit.Uprobes, testkit.Rust)
	gperf := gperfBinary(t)
	source, err := filepath.Abs("testdata/native/shop.rs")
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"-C opt-level=0", "-C opt-level=3", "-C opt-level=3 -C symbol-mangling-version=v0", "-C opt-level=3 -C lto=fat"} {
		t.Run(strings.ReplaceAll(how, " ", ""), func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "shop")
			testkit.Run(t, "rustc", append(strings.Fields(how), "-g", "-A", "warnings", "-o", program, source)...)
			probes := append(rustProbes(), activeVariants()...)
			for _, p := range rustReturns() {
				out, err := exec.Command(gperf, "probe", "-x", program, "-D", p.def).CombinedOutput()
				if err != nil && strings.Contains(string(out), "cannot be fetched") && !strings.Contains(how, "opt-level=0") {
					continue // optimised functions need not follow a calling convention
				}
				probes = append(probes, p)
			}
			checkNative(t, gperf, program, probes)
		})
	}
}
