package selector

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// twoKinds is a machine with two kinds of cores, as Linux shows Alder Lake.
func twoKinds() fstest.MapFS {
	sys := fakeSys()
	for name, text := range map[string]string{
		"cpu_core/type": "4\n", "cpu_core/cpus": "0-3\n", "cpu_core/format/event": "config:0-7\n", "cpu_core/events/slots": "event=0x00\n",
		"cpu_atom/type": "10\n", "cpu_atom/cpus": "4-5\n", "cpu_atom/format/event": "config:0-7\n",
		"cpu_gone/type": "11\n", "cpu_gone/cpus": "\n", // whose cores are all off line
		"cpu_other/type": "12\n",
	} {
		sys[pmuDir+"/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return sys
}

func TestKindsOfCores(t *testing.T) {
	for _, test := range []struct{ text, kind, want string }{
		{"cycles", "", "cpu_core/cycles/ 0 400000000 on 0-3; cpu_atom/cycles/ 0 a00000000 on 4-5"},
		{"cycles:u", "core", "cpu_core/cycles/u 0 400000000 on 0-3"},
		{"instructions/period=9/u", "atom", "cpu_atom/instructions,period=9/u 0 a00000001 on 4-5"},
		{"LLC-loads", "core", "cpu_core/LLC-loads/ 3 400000002 on 0-3"},
		{"r1a8:k", "", "cpu_core/r1a8/k 4 1a8 on 0-3; cpu_atom/r1a8/k 10 1a8 on 4-5"},
		{"page-faults", "", "page-faults 1 2"},
		{"cpu_atom/cycles/", "", "cpu_atom/cycles/ 0 a00000000 on 4-5"},
		{"cpu_core/LLC-load-misses/u", "", "cpu_core/LLC-load-misses/u 3 400010002 on 0-3"},
		{"cpu_core/r1a8/", "", "cpu_core/r1a8/ 4 1a8 on 0-3"},
		{"cpu_core/event=0x3c/", "atom", "cpu_core/event=0x3c/ 4 3c on 0-3"}, // names its unit
		{"cpu_core/slots/", "", "cpu_core/slots/ 4 0 on 0-3"},
		{"slots", "", "slots 4 400"}, // of "cpu", which stands before here
		{"{cycles,instructions}", "", "cpu_core/cycles/ 0 400000000 on 0-3 leads 2; cpu_core/instructions/ 0 400000001 on 0-3 of 0; " +
			"cpu_atom/cycles/ 0 a00000000 on 4-5 leads 2; cpu_atom/instructions/ 0 a00000001 on 4-5 of 2"},
		{"{task-clock,cycles}:W", "", "task-clock 1 1 leads 2; cpu_core/cycles/ 0 400000000 on 0-3 of 0; cpu_atom/cycles/ 0 a00000000 on 4-5 leads 1"},
		{"cpu_core/page-faults/", "", "event syntax error"},
		{"cpu_other/cycles/", "", "event syntax error"},
	} {
		groups, err := Parse(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		r := &Resolver{Sys: twoKinds(), CoreKind: test.kind}
		specs, err := r.Resolve(context.Background(), groups)
		got := describeSpecs(specs)
		if err != nil {
			got, _, _ = strings.Cut(err.Error(), ":")
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", test.text, diff)
		}
	}
}

func describeSpecs(specs []Spec) string {
	var all []string
	for i, s := range specs {
		text := fmt.Sprintf("%s %d %x", s.Name, s.Attr.Type, s.Attr.Config)
		if s.Core != "" {
			text += fmt.Sprintf(" on %d-%d", s.CPUs[0], s.CPUs[len(s.CPUs)-1])
		}
		if s.GroupSize > 0 {
			text += fmt.Sprintf(" leads %d", s.GroupSize)
		}
		if s.Leader != i {
			text += fmt.Sprintf(" of %d", s.Leader)
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

func TestCoreKinds(t *testing.T) {
	if diff := cmp.Diff([]string{"core", "atom"}, (&Resolver{Sys: twoKinds()}).CoreKinds()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if kinds := (&Resolver{Sys: fakeSys()}).CoreKinds(); kinds != nil {
		t.Errorf("%v on a machine with one kind", kinds)
	}
	specs := (&Resolver{Sys: twoKinds()}).Default()
	if len(specs) != 2 || !strings.HasPrefix(specs[0].Name, "cpu_core/cycles/") || specs[1].Leader != 1 || !specs[0].Modifiers.PreciseMax {
		t.Errorf("by default %s", describeSpecs(specs))
	}
}
