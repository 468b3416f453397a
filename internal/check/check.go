// Package check goes through what gperf needs of a machine and says of each thing whether it works here, and how to make it work.
package check

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/jsonout"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Answers to whether something works.
const (
	Yes     = "yes"
	No      = "no"
	Unknown = "unknown"
)

// Trial is a feature that is found out by trying.
type Trial struct {
	Name, MinKernel string
	Have            func() error
}

// Machine is where the answers come from. Here makes that of this machine; tests make their own.
type Machine struct {
	Root     fs.FS // with /proc and /sys
	Trials   []Trial
	Trace    func() (*tracefs.FS, error)
	Writable func(path string) error
	// Counters is how many events the core's PMU counts at once; 0 and no error if there is none.
	Counters func() (int, error)
	// UserRead tells whether a program may read counters by itself (rdpmc).
	UserRead func() error
}

// Here is this machine.
func Here() *Machine {
	m := &Machine{
		Root: os.DirFS("/"), Trace: tracefs.Find, Counters: perfevent.HardwareCounters, UserRead: perfevent.HaveUserRead,
		Writable: func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				return err
			}
			return f.Close()
		},
	}
	for _, f := range perfevent.Features() {
		m.Trials = append(m.Trials, Trial{f.Name(), f.MinKernel(), f.Have})
	}
	return m
}

// Run gives an answer for each thing.
func (m *Machine) Run() []jsonout.Check {
	r := &run{m: m}
	for _, t := range m.Trials {
		r.trial(t)
	}
	r.counters()
	r.userRead()
	r.watchdog()
	r.paranoid()
	r.capabilities()
	r.kernelNames()
	r.locked()
	r.files()
	r.trace()
	r.btf()
	return r.all
}

type run struct {
	m   *Machine
	all []jsonout.Check
}

func (r *run) add(name, works, detail, hint string) {
	r.all = append(r.all, jsonout.Check{Name: name, Works: works, Detail: detail, Hint: hint})
}

func (r *run) text(path string) (string, error) {
	b, err := fs.ReadFile(r.m.Root, path)
	return strings.TrimSpace(string(b)), err
}

func (r *run) number(path string) (int, error) {
	s, err := r.text(path)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(s)
}

func (r *run) trial(t Trial) {
	err := t.Have()
	switch {
	case err == nil:
		r.add(t.Name, Yes, "", "")
	case errors.Is(err, perfevent.ErrNotSupported):
		detail, hint := r.lack(t, err)
		r.add(t.Name, No, detail, hint)
	default:
		r.add(t.Name, Unknown, reason(err), hintOf(err))
	}
	r.all[len(r.all)-1].MinKernel = t.MinKernel
}

// reason is an error without the name of the feature, which stands before it anyway.
func reason(err error) string {
	text := err.Error()
	var open *perfevent.OpenError
	if errors.As(err, &open) {
		return text[strings.LastIndex(text, ": ")+2:]
	}
	if _, after, ok := strings.Cut(text, ": "); ok {
		return after
	}
	return text
}

// lack tells why the kernel or the machine lacks a feature, and what to do.
func (r *run) lack(t Trial, err error) (detail, hint string) {
	release, _ := r.text("proc/sys/kernel/osrelease") // "" is old enough
	switch {
	case t.MinKernel != "" && newer(release, t.MinKernel):
		return "this kernel was built without it", "a kernel with another configuration has it; gperf does without"
	case t.MinKernel != "":
		return "this kernel is too old for it", "Linux " + t.MinKernel + " has it first; gperf does without"
	case strings.Contains(t.Name, "branch"):
		return reason(err), "processors with LBR, BRS or BRBE have it, virtual machines seldom do"
	}
	return reason(err), "virtual machines often hide the counters: switch the virtual PMU on in the hypervisor; cpu-clock needs none"
}

// newer tells whether a kernel of a release such as "6.1.0-44-amd64" is of a version or a later one.
func newer(release, version string) bool {
	var a, b [3]int
	// What does not look like numbers stays 0.
	_, _ = fmt.Sscanf(release, "%d.%d.%d", &a[0], &a[1], &a[2])
	_, _ = fmt.Sscanf(version, "%d.%d.%d", &b[0], &b[1], &b[2])
	return slices.Compare(a[:], b[:]) >= 0
}

func hintOf(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

func (r *run) counters() {
	n, err := r.m.Counters()
	switch {
	case err != nil:
		r.add("number of counters", Unknown, err.Error(), hintOf(err))
	case n == 0:
		r.add("number of counters", No, "this machine has no PMU of the core", "software events, tracepoints and probes work without")
	default:
		r.add("number of counters", Yes, fmt.Sprintf("%d events are counted at once, more take turns", n), "")
	}
}

func (r *run) userRead() {
	switch err := r.m.UserRead(); {
	case err == nil:
		r.add("rdpmc", Yes, "counters are read without a system call", "")
	case errors.Is(err, perfevent.ErrNotSupported):
		hint := ""
		if v, e := r.number("sys/bus/event_source/devices/cpu/rdpmc"); e == nil && v == 0 {
			hint = "echo 1 > /sys/bus/event_source/devices/cpu/rdpmc"
		}
		if v, e := r.number("proc/sys/kernel/perf_user_access"); e == nil && v == 0 { // of arm64
			hint = "sysctl kernel.perf_user_access=1"
		}
		r.add("rdpmc", No, reason(err), hint)
	default:
		r.add("rdpmc", Unknown, err.Error(), hintOf(err))
	}
}

func (r *run) watchdog() {
	switch v, err := r.number("proc/sys/kernel/nmi_watchdog"); {
	case err != nil:
		r.add("counter free of the NMI watchdog", Yes, "this kernel has no NMI watchdog", "")
	case v != 0:
		r.add("counter free of the NMI watchdog", No, "the NMI watchdog takes a counter of each CPU", "sysctl kernel.nmi_watchdog=0")
	default:
		r.add("counter free of the NMI watchdog", Yes, "", "")
	}
}

func (r *run) btf() {
	if _, err := fs.Stat(r.m.Root, "sys/kernel/btf/vmlinux"); err != nil {
		r.add("BTF of the kernel", No, reason(err), "a kernel built with CONFIG_DEBUG_INFO_BTF has it; debug information does as well")
		return
	}
	r.add("BTF of the kernel", Yes, "/sys/kernel/btf/vmlinux", "")
}
