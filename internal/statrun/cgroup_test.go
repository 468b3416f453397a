package statrun

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gperf-dev/gperf/perfevent/selector"
)

func cgroups(mounts string) fstest.MapFS {
	root := fstest.MapFS{"proc/self/mounts": {Data: []byte(mounts)}}
	for _, dir := range []string{"a", "a/in", "b+x", "bbx", "c d"} {
		root["cg/two/"+dir+"/cgroup.procs"] = &fstest.MapFile{}
		root["cg/the events/"+dir+"/cgroup.procs"] = &fstest.MapFile{}
	}
	root["tmp/x"] = &fstest.MapFile{}
	return root
}

const (
	two    = "tmpfs /cg tmpfs rw 0 0\ncgroup /cg/cpu cgroup rw,cpu 0 0\ncgroup2 /cg/two cgroup2 rw 0 0\n"
	events = two + "cgroup /cg/the\\040events cgroup rw,perf_event 0 0\n"
)

func TestForEachCGroup(t *testing.T) {
	for _, test := range []struct {
		mounts, names string
		want          string // directories with | between them, or the beginning of the error
	}{
		{two, "a", "/cg/two/a"},
		{two, "a,a/in", "/cg/two/a|/cg/two/a/in"},
		{two, "a,a,^a$,b+x,^b", "/cg/two/a|/cg/two/b+x|/cg/two/bbx"},
		{two, "/", "/cg/two"},
		{two, ",a,", "/cg/two/a"},
		{two, "a/../c d", "/cg/two/c d"},
		{two, "b+x", "/cg/two/b+x"}, // called so
		{two, "^b+x$", "/cg/two/bbx"},
		{two, "^[ab]", "/cg/two/a|/cg/two/a/in|/cg/two/b+x|/cg/two/bbx"},
		{events, "a", "/cg/the events/a"},
		{two, ",,", "no control group is named"},
		{two, "nosuch", "no access to control group nosuch: there is no /cg/two/nosuch"},
		{two, "^z", "no control group matches '^z'"},
		{two, "(", "control groups by '(': "},
		{two, "../../tmp", "control group ../../tmp is outside of /cg/two"},
		{two, "../two2", "control group ../two2 is outside of /cg/two"},
		{"tmpfs /cg tmpfs rw 0 0\nodd\n", "a", "no hierarchy of control groups is mounted"},
	} {
		e := &Events{Specs: []selector.Spec{{Name: "page-faults"}}}
		got := ""
		if err := e.ForEachCGroup(cgroups(test.mounts), strings.Split(test.names, ",")); err != nil {
			got = err.Error()
		} else {
			got = strings.Join(dirs(e), "|")
		}
		if got != test.want && !strings.HasSuffix(test.want, ": ") || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %s, want %s", test.names, got, test.want)
		}
	}
}

// dirs are the directories of the specs' groups.
func dirs(e *Events) []string {
	var all []string
	for _, s := range e.Specs {
		all = append(all, s.CGroup)
	}
	return all
}

func TestInCGroups(t *testing.T) {
	for _, test := range []struct {
		names string
		want  []string
	}{
		{"a", []string{"/cg/two/a", "/cg/two/a"}},
		{"a,b+x", []string{"/cg/two/a", "/cg/two/b+x"}},
		{",a", []string{"", "/cg/two/a"}},
		{"a,", []string{"/cg/two/a", ""}},
		{"a,a,a", nil},
		{"a,nosuch", nil},
	} {
		e := &Events{Specs: []selector.Spec{{Name: "page-faults"}, {Name: "task-clock", Leader: 1}}}
		err := e.InCGroups(cgroups(two), strings.Split(test.names, ","), 2)
		if (err != nil) != (test.want == nil) || err == nil && !slices.Equal(dirs(e), test.want) {
			t.Errorf("%s: %q, %v", test.names, dirs(e), err)
		}
	}
}

// One name is of the events before it only.
func TestInCGroupBefore(t *testing.T) {
	e := &Events{Specs: []selector.Spec{{Name: "page-faults"}, {Name: "task-clock", Leader: 1}}}
	if err := e.InCGroups(cgroups(two), []string{"a"}, 1); err != nil || !slices.Equal(dirs(e), []string{"/cg/two/a", ""}) {
		t.Errorf("%q, %v", dirs(e), err)
	}
}
