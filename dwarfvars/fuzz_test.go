package dwarfvars

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// seeds returns small programs of several compilers.
func seeds(tb testing.TB) (all [][]byte) {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "small", "*"))
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// FuzzInfo asks everything of a file whose bytes may be anything. What comes out is an error or an answer.
func FuzzInfo(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	ask := asker()
	f.Fuzz(func(_ *testing.T, b []byte) { ask(b) })
}

// asker returns what asks a file. A name that is not at a place is looked for in the whole file, which takes longer than all other questions there: so
// such names are asked for at one place.
func asker() func(b []byte) {
	exprs := []*Expr{mustExpr("o->in.name"), mustExpr("o->arr[1][2]"), mustExpr("o->in.a"), mustExpr("o->pin->name[3]"), mustExpr("x"), mustExpr("counter"),
		mustExpr("o->pin->a"), mustExpr("this->s"), mustExpr("o->v[1]"), mustExpr("ns::in::made"), mustExpr("self.at.1"), mustExpr("c.Pay.0"), mustExpr("p")}
	return func(b []byte) {
		file, err := objfile.New(b, "fuzzed")
		if err != nil {
			return
		}
		i, err := openFile(file, "fuzzed", Options{NoFind: true, Workers: 1})
		if err != nil {
			return
		}
		defer i.Close()
		first := true
		for _, fn := range []string{"fun", "inl", "_start", "ns::fun", "ns::obj::fun<int>", "obj::fun", "Obj::fun", "small::inl"} {
			places, err := i.Places(fn, PlaceOptions{SkipPrologue: true, Max: 8})
			if err != nil {
				continue
			}
			for _, p := range places {
				askAt(i, p, exprs, first)
				first = false
			}
		}
		for addr := uint64(0x400000); addr < 0x400400; addr += 64 {
			i.PlaceOf(addr)
		}
		_, _ = i.Functions("*")
	}
}

// askAt asks what there is at a place, and for the expressions: for all, or for those whose variables are there.
func askAt(i *Info, p Place, exprs []*Expr, all bool) {
	vars, _ := i.Vars(p, VarsOptions{Externs: true, Missing: true})
	_, _ = i.Vars(p, VarsOptions{AsPerf: true})
	for _, e := range exprs {
		here := slices.ContainsFunc(vars, func(v Variable) bool { return v.Name == e.Root })
		if !here && !all {
			continue
		}
		if _, err := i.Value(p, e); here || err == nil {
			_, _ = i.Parts(p, e)
		}
	}
	i.FullName(p)
	if at, _, ok := i.AtReturn(p.Entry, p.Entry+1); ok {
		_, _ = i.Value(at, &Expr{Text: Result, Root: Result})
	}
}

// mustExpr parses an expression of a test.
func mustExpr(text string) *Expr {
	e, err := ParseExpr(text)
	if err != nil {
		panic(err)
	}
	return e
}

// FuzzParseExpr looks whether what is parsed and written is parsed the same again.
func FuzzParseExpr(f *testing.F) {
	for _, text := range []string{"a", "o->in.name", "argv[1][0]", "p[-1]->x.y", "_$", "a->", "a[", "a[0x10]", "", "1a", "a b", "a.b->c[3]:string"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ParseExpr(text)
		if err != nil {
			return
		}
		again, err := ParseExpr(e.String())
		if err != nil || again.String() != e.String() || again.Last() != e.Last() {
			t.Errorf("%q is %q, then %v, %v", text, e, again, err)
		}
	})
}
