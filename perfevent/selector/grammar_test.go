package selector

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		text string
		want []Event
	}{
		{"cycles", []Event{{Text: "cycles", Name: "cycles"}}},
		{"cycles:upp", []Event{{Text: "cycles:upp", Name: "cycles", Modifiers: "upp"}}},
		{"cpu-clock:", []Event{{Text: "cpu-clock:", Name: "cpu-clock"}}},
		{" cs , faults ", []Event{{Text: "cs", Column: 1, Name: "cs"}, {Text: "faults", Column: 6, Name: "faults"}}},
		{"sched:sched_switch", []Event{{Text: "sched:sched_switch", Kind: KindTracepoint, System: "sched", Name: "sched_switch"}}},
		{"sched:*:k", []Event{{Text: "sched:*:k", Kind: KindTracepoint, System: "sched", Name: "*", Modifiers: "k"}}},
		{"probe_bash:D", []Event{{Text: "probe_bash:D", Kind: KindTracepoint, System: "probe_bash", Name: "D"}}},
		{"up:D", []Event{{Text: "up:D", Kind: KindTracepoint, System: "up", Name: "D"}}},
		{"probe:up:u", []Event{{Text: "probe:up:u", Kind: KindTracepoint, System: "probe", Name: "up", Modifiers: "u"}}},
		{"%sdt_libc:setjmp", []Event{{Text: "%sdt_libc:setjmp", Kind: KindTracepoint, System: "sdt_libc", Name: "setjmp"}}},
		{"group-x:ev-1", []Event{{Text: "group-x:ev-1", Kind: KindTracepoint, System: "group-x", Name: "ev-1"}}},
		{"r1a8", []Event{{Text: "r1a8", Kind: KindRaw, Name: "1a8"}}},
		{"r1A8:u", []Event{{Text: "r1A8:u", Kind: KindRaw, Name: "1A8", Modifiers: "u"}}},
		{"r1:made", []Event{{Text: "r1:made", Kind: KindTracepoint, System: "r1", Name: "made"}}},
		{"ref-cycles", []Event{{Text: "ref-cycles", Name: "ref-cycles"}}},
		{"L1-dcache-load-misses:k", []Event{{Text: "L1-dcache-load-misses:k", Name: "L1-dcache-load-misses", Modifiers: "k"}}},
		{"cpu/event=0x3c,umask=1,edge/u", []Event{{Text: "cpu/event=0x3c,umask=1,edge/u", Kind: KindPMU, Name: "cpu", Modifiers: "u",
			Terms: []Term{{"event", "0x3c", true, 4}, {"umask", "1", true, 15}, {"edge", "", false, 23}}}}},
		{"cpu/cycles/:pp", []Event{{Text: "cpu/cycles/:pp", Kind: KindPMU, Name: "cpu", Modifiers: "pp", Terms: []Term{{"cycles", "", false, 4}}}}},
		{"cpu//", []Event{{Text: "cpu//", Kind: KindPMU, Name: "cpu"}}},
		{"cycles/period=1000/", []Event{{Text: "cycles/period=1000/", Name: "cycles", Terms: []Term{{"period", "1000", true, 7}}}}},
		{"sched:sched_switch/call-graph=fp/u", []Event{{Text: "sched:sched_switch/call-graph=fp/u", Kind: KindTracepoint, System: "sched",
			Name: "sched_switch", Modifiers: "u", Terms: []Term{{"call-graph", "fp", true, 19}}}}},
		{"mem:0x1000", []Event{{Text: "mem:0x1000", Kind: KindBreakpoint, Name: "mem", Address: 0x1000}}},
		{"mem:0x1000/4:rw:u,cs", []Event{
			{Text: "mem:0x1000/4:rw:u", Kind: KindBreakpoint, Name: "mem", Address: 0x1000, Length: 4, Access: "rw", Modifiers: "u"},
			{Text: "cs", Column: 18, Name: "cs"}}},
		{"mem:16:u", []Event{{Text: "mem:16:u", Kind: KindBreakpoint, Name: "mem", Address: 16, Modifiers: "u"}}},
		{"mem:event", []Event{{Text: "mem:event", Kind: KindTracepoint, System: "mem", Name: "event"}}},
		{"cpu-clock:z", []Event{{Text: "cpu-clock:z", Kind: KindTracepoint, System: "cpu-clock", Name: "z"}}}, // the resolver knows better
		{"nosuch", []Event{{Text: "nosuch", Name: "nosuch"}}},
	} {
		t.Run(test.text, func(t *testing.T) {
			groups, err := Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			var got []Event
			for _, g := range groups {
				got = append(got, g.Events...)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(Event{})); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

func TestParseGroups(t *testing.T) {
	groups, err := Parse("cs,{cycles:k, cpu/a=1,b/}:uS,name{faults},{cs,sched:*}")
	if err != nil {
		t.Fatal(err)
	}
	type group struct {
		Name, Modifiers string
		Braces          bool
		Events          string
	}
	var got []group
	for _, g := range groups {
		var texts []string
		for _, e := range g.Events {
			texts = append(texts, e.Text)
		}
		got = append(got, group{g.Name, g.Modifiers, g.Braces, strings.Join(texts, " ")})
	}
	want := []group{{"", "", false, "cs"}, {"", "uS", true, "cycles:k cpu/a=1,b/"}, {"name", "", true, "faults"}, {"", "", true, "cs sched:*"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, test := range []struct {
		text    string
		column  int
		message string
	}{
		{"", 0, "missing"},
		{",", 0, "missing"},
		{"cs,", 3, "missing"},
		{"cs,,cs", 3, "missing"},
		{"{cs", 0, "not closed"},
		{"{cs,{faults}}", 4, "character"},
		{"{}", 1, "missing"},
		{"{cs}x", 4, "comma"},
		{"{cs}:z", 5, "no modifier 'z'"},
		{"{cs}:uu", 5, "twice"},
		{"sched:a:z", 8, "no modifier 'z'"},
		{"sched:a:pppp", 8, "more than three"},
		{"sched:a:u:u", 8, "colon too many"},
		{"a::u", 2, "missing"},
		{":u", 0, "before the colon"},
		{"cpu/event=1", 3, "not closed"},
		{"/event=1/", 0, "before the slash"},
		{"cpu/event=/", 10, "value of term 'event'"},
		{"cpu/=1/", 4, "name of a term"},
		{"cpu/x/z", 6, "no modifier 'z'"},
		{"cs;faults", 2, "character"},
		{"cs\x00", 2, "character"},
		{"mem:0xzz", 4, "no address"},
		{"mem:0x10/0", 9, "no length"},
		{"mem:0x10/4:rw:u:k", 14, "colon too many"},
		{"mem:0x10:z", 9, "no modifier"},
		{strings.Repeat("a", maxSelection+1), 0, "too long"},
	} {
		name := test.text[:min(len(test.text), 20)]
		t.Run(name, func(t *testing.T) {
			_, err := Parse(test.text)
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got %v", err)
			}
			if syntax.Column != test.column || !strings.Contains(syntax.Message, test.message) {
				t.Errorf("column %d, %q; want %d, %q", syntax.Column, syntax.Message, test.column, test.message)
			}
			if syntax.Hint() == "" || syntax.ExitStatus() != 129 {
				t.Errorf("hint %q, status %d", syntax.Hint(), syntax.ExitStatus())
			}
		})
	}
}

func TestErrorPointsAtColumn(t *testing.T) {
	err := &SyntaxError{Text: "cpu-clock,nosuch", Column: 10, Message: "what"}
	want := "event syntax error: 'cpu-clock,nosuch'\n                               \\___ what"
	if err.Error() != want {
		t.Errorf("got\n%s\nwant\n%s", err, want)
	}
	long := &SyntaxError{Text: strings.Repeat("cs,", 100) + "X" + strings.Repeat(",cs", 100), Column: 300, Message: "what"}
	lines := strings.Split(long.Error(), "\n")
	at := strings.Index(lines[1], `\`)
	if len(lines) != 2 || lines[0][at] != 'X' || len(lines[0]) > 110 {
		t.Errorf("does not point at X:\n%s", long)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"cycles", "cycles:upp,cs", "{a,b}:S", "sched:sched_*:k", "cpu/event=1,umask=0x2,name=x/u", "mem:0x10/4:rw:u", "r1a8", "n{a{,}", "%sdt_a:b",
		"L1-dcache-load-misses", "a/b/c/d/", ",,{}:", "mem:/", "\x80:\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		groups, err := Parse(text)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Column < 0 || syntax.Column > len(text) || err.Error() == "" {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		if len(groups) == 0 {
			t.Fatalf("%q: nothing, and no error", text)
		}
		for _, g := range groups {
			if len(g.Events) == 0 {
				t.Fatalf("%q: a group without events", text)
			}
			for _, e := range g.Events {
				if e.Name == "" || text[e.Column:e.Column+len(e.Text)] != e.Text {
					t.Fatalf("%q: event %+v", text, e)
				}
			}
		}
	})
}
