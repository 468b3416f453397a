package check

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gperf-dev/gperf/internal/jsonout"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

const limits = "Limit                     Soft Limit           Hard Limit           Units     \n" +
	"Max open files            1024                 524288               files     \n" +
	"Max locked memory         8388608              8388608              bytes     \n"

// workstation has counters and nobody's rights.
func workstation(t *testing.T) *Machine {
	t.Helper()
	trace := t.TempDir()
	for _, dir := range []string{"events/sched"} {
		if err := os.MkdirAll(filepath.Join(trace, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return &Machine{
		Root: fstest.MapFS{
			"proc/sys/kernel/osrelease":              file("6.1.0-44-amd64\n"),
			"proc/sys/kernel/perf_event_paranoid":    file("3\n"),
			"proc/sys/kernel/perf_event_mlock_kb":    file("516\n"),
			"proc/sys/kernel/kptr_restrict":          file("2\n"),
			"proc/sys/kernel/nmi_watchdog":           file("1\n"),
			"proc/kallsyms":                          file("0000000000000000 A fixed_percpu_data\n0000000000000000 T _stext\n"),
			"proc/self/status":                       file("Name:\tgperf\nCapEff:\t0000000000000000\n"),
			"proc/self/limits":                       file(limits),
			"sys/kernel/btf/vmlinux":                 file("x"),
			"sys/bus/event_source/devices/cpu/rdpmc": file("0\n"),
		},
		Trials: []Trial{
			{"perf events", "2.6.32", func() error { return nil }},
			{"counts of lost samples", "6.0", func() error { return perfevent.ErrNotSupported }},
			{"a third configuration word", "6.3", func() error { return perfevent.ErrNotSupported }},
			{"hardware branch stacks", "", func() error { return perfevent.ErrNotSupported }},
			{"KSYMBOL records", "5.1", func() error { return errors.New("cannot tell: out of memory") }},
		},
		Trace: func() (*tracefs.FS, error) { return tracefs.At(trace), nil },
		Writable: func(path string) error {
			if strings.HasSuffix(path, "kprobe_events") {
				return fs.ErrNotExist
			}
			return fs.ErrPermission
		},
		Counters: func() (int, error) { return 4, nil },
		UserRead: func() error { return perfevent.ErrNotSupported },
	}
}

func answers(m *Machine) map[string]jsonout.Check {
	all := map[string]jsonout.Check{}
	for _, c := range m.Run() {
		all[c.Name] = c
	}
	return all
}

func TestWithoutRights(t *testing.T) {
	m := workstation(t)
	got := answers(m)
	for name, want := range map[string]struct{ works, detail, hint string }{
		"perf events":                      {Yes, "", ""},
		"counts of lost samples":           {No, "built without it", "configuration"},
		"a third configuration word":       {No, "too old", "Linux 6.3 has it first"},
		"hardware branch stacks":           {No, "", "LBR"},
		"KSYMBOL records":                  {Unknown, "out of memory", ""},
		"number of counters":               {Yes, "4 events", ""},
		"rdpmc":                            {No, "", "echo 1 > /sys/bus/event_source/devices/cpu/rdpmc"},
		"counter free of the NMI watchdog": {No, "takes a counter", "sysctl kernel.nmi_watchdog=0"},
		"kernel.perf_event_paranoid":       {No, "3: nothing without CAP_PERFMON", "CAP_PERFMON"},
		"CAP_PERFMON":                      {No, "tracepoints", "setcap cap_perfmon+ep"},
		"names of kernel addresses":        {No, "kptr_restrict is 2: addresses are hidden", "kernel.kptr_restrict=1"},
		"locked memory for rings":          {No, "516 kB", "perf_event_mlock_kb=2052"},
		"open files":                       {No, "1024", "ulimit"},
		"tracefs":                          {Yes, "", ""},
		"kprobes":                          {No, "no kprobe_events", "CONFIG_KPROBE_EVENTS"},
		"uprobes":                          {No, "permission denied", "root"},
		"BTF of the kernel":                {Yes, "vmlinux", ""},
	} {
		c, ok := got[name]
		if !ok || c.Works != want.works || !strings.Contains(c.Detail, want.detail) || !strings.Contains(c.Hint, want.hint) {
			t.Errorf("%s: %+v, want %+v", name, c, want)
		}
		if c.Works == No && c.Hint == "" {
			t.Errorf("%s does not work, and nothing tells what to do", name)
		}
	}
}

func TestWithRights(t *testing.T) {
	m := workstation(t)
	root := m.Root.(fstest.MapFS)
	root["proc/self/status"] = file("CapEff:\t000001ffffffffff\n")
	root["proc/kallsyms"] = file("ffffffff81000000 T _stext\n")
	root["proc/sys/kernel/kptr_restrict"] = file("0\n")
	delete(root, "proc/sys/kernel/nmi_watchdog")
	delete(root, "sys/kernel/btf/vmlinux")
	m.Writable = func(string) error { return nil }
	m.Counters = func() (int, error) { return 0, nil }
	got := answers(m)
	for _, name := range []string{"kernel.perf_event_paranoid", "CAP_PERFMON", "CAP_BPF", "names of kernel addresses", "locked memory for rings", "kprobes", "uprobes", "counter free of the NMI watchdog"} {
		if got[name].Works != Yes {
			t.Errorf("%+v", got[name])
		}
	}
	if got["number of counters"].Works != No || got["BTF of the kernel"].Works != No {
		t.Errorf("%+v, %+v", got["number of counters"], got["BTF of the kernel"])
	}
}

// TestNothing has no /proc and no tracefs: there are answers all the same.
func TestNothing(t *testing.T) {
	m := workstation(t)
	m.Root = fstest.MapFS{}
	m.Trace = func() (*tracefs.FS, error) { return nil, tracefs.ErrNotMounted }
	for _, c := range m.Run() {
		if c.Name == "" || c.Works == "" {
			t.Errorf("%+v", c)
		}
	}
	if text := string(AppendText(nil, m.Run())); !strings.Contains(text, "tracefs: [ OFF ]") || !strings.Contains(text, "[  ?  ]") {
		t.Error(text)
	}
}

func TestBuiltin(t *testing.T) {
	for name, want := range map[string]string{
		"zstd":                "                  zstd: [ on  ]  # HAVE_ZSTD_SUPPORT\n",
		"HAVE_LIBBPF_SUPPORT": "                   bpf: [ OFF ]  # HAVE_LIBBPF_SUPPORT\n",
	} {
		if got, on, err := Builtin(nil, name); string(got) != want || on != strings.Contains(want, "on") || err != nil {
			t.Errorf("%q, %v, %v", got, on, err)
		}
	}
	var unknown *UnknownError
	if _, _, err := Builtin(nil, "nosuch"); !errors.As(err, &unknown) || unknown.Hint() == "" {
		t.Error(err)
	}
}
