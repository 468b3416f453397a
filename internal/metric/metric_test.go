package metric

import (
	"errors"
	"strings"
	"testing"
)

func counts(name string) (float64, bool) {
	m := map[string]float64{"instructions": 400, "cycles": 100, "branch-misses": 2, "zero": 0, "msr/tsc/": 50, "cycles:u": 80, "#num_cpus": 4, "a": 7, "b": 3}
	v, ok := m[name]
	return v, ok
}

func TestEval(t *testing.T) {
	for text, want := range map[string]float64{
		"instructions / cycles": 4, "1000*branch-misses/instructions": 5, "1 + 2 * 3 - 4": 3, "(1+2)*3": 9, "-a + 10": 3, "10 - -a": 17,
		"a - b": 4, "a -b": 4, "7 % 4": 3, "2 < 3": 1, "a if 1 else b": 7, "a if 0 else b": 3, "a if b > 5 else a if b > 2 else 0": 7,
		"min(a, b) + max(a,b)": 10, "d_ratio(a, zero)": 0, "d_ratio(a, b+4)": 1, "100 * cycles:u / cycles": 80, "msr@tsc@ / 2": 25,
		`branch\-misses * 2`: 4, "#num_cpus * 2": 8, "6 & 3": 2, "6 | 1": 7, "6 ^ 3": 5, "1.5e3 / 3": 500, "1e-3*1000": 1, "8 - 2 - 1": 5,
		"(a)-b": 4, "2-1": 1, ".5*2": 1,
	} {
		e, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := e.Eval(counts); err != nil || got != want {
			t.Errorf("%s = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestEvalWithoutAnAnswer(t *testing.T) {
	for text, want := range map[string]string{
		"cycles / zero": "division by zero: zero is 0", "1 / (a - a)": "division by zero", "1 % zero": "division by zero: zero is 0", "nosuch + 1": "nosuch was not counted",
		"1e308 * 1e308 * a": "the figure is beyond all numbers",
	} {
		e, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if _, err := e.Eval(counts); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, column := range map[string]int{
		"": 0, "1 +": 3, "(a": 2, "a b": 2, "min(a)": 5, "a if b": 6, "$": 0, "cpu@x": 0, `a\`: 0, "1.2.3": 0, "else": 0, "a,b": 1, "max(a,b": 7, "1e": 1, "a + #nosuch": 4,
	} {
		_, err := Parse(text)
		var s *SyntaxError
		if !errors.As(err, &s) {
			t.Errorf("%q: %v", text, err)
		} else if s.Column != column {
			t.Errorf("%q: column %d (%v), want %d", text, s.Column, err, column)
		}
	}
	if _, err := Parse(strings.Repeat("(", 1000)); err == nil {
		t.Error("a thousand parentheses were taken")
	}
}

func TestEvents(t *testing.T) {
	e, err := Parse("100 * L1-dcache-load-misses / (L1-dcache-loads + max(cycles:u, L1-dcache-loads))")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(e.Events(), " "); got != "L1-dcache-load-misses L1-dcache-loads cycles:u" {
		t.Error(got)
	}
}

// All metrics that are known parse, and are found by name and group.
func TestKnown(t *testing.T) {
	for _, k := range known() {
		ms, err := Lookup(strings.ToLower(k.name))
		if err != nil || len(ms) != 1 || ms[0].Name != k.name {
			t.Errorf("%s: %v, %v", k.name, ms, err)
		}
	}
	ms, err := Lookup("mpki,branch_mpki")
	if err != nil || len(ms) != 5 {
		t.Errorf("mpki: %v, %v", ms, err)
	}
	if _, err := Lookup("IPC,nosuch"); err == nil || !strings.Contains(err.(*UnknownError).Hint(), "IPC CPI") {
		t.Error(err)
	}
}

func TestDefine(t *testing.T) {
	m, err := Define("faults per switch = page-faults / context-switches")
	if err != nil || m.Name != "faults per switch" || len(m.Expr.Events()) != 2 {
		t.Errorf("%+v, %v", m, err)
	}
	for _, bad := range []string{"", "a", "=a", "a=", "a=1", "a=2*#num_cpus", "a\x1b=b"} {
		if _, err := Define(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"instructions / cycles", "a if b > 1 else min(c,d)", "cpu@event\\=1@ - 2", "((", "1e", "#x", "a-b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := Parse(s)
		if err != nil {
			return
		}
		_, _ = e.Eval(func(string) (float64, bool) { return 0, true })
		_, _ = e.Eval(func(n string) (float64, bool) { return float64(len(n)), n != "" })
	})
}
