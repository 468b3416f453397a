package check

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

func (r *run) paranoid() {
	const name = "kernel.perf_event_paranoid"
	level, err := r.number("proc/sys/kernel/perf_event_paranoid")
	if err != nil {
		r.add(name, Unknown, err.Error(), "")
		return
	}
	may := "nothing without CAP_PERFMON"
	switch {
	case level < 0:
		may = "everything for everyone"
	case level == 0:
		may = "for everyone whole CPUs, but no data of tracepoints"
	case level == 1:
		may = "for everyone own processes, the kernel included"
	case level == 2:
		may = "for everyone own processes, without the kernel"
	}
	detail := fmt.Sprintf("%d: %s", level, may)
	if level < 0 || r.has(capPerfmon) || r.has(capSysAdmin) {
		r.add(name, Yes, detail+"; this process may do everything", "")
		return
	}
	r.add(name, No, detail, "run as root or with CAP_PERFMON, or sysctl "+name+"=-1")
}

// The capabilities that matter, by number (linux/capability.h).
const (
	capIPCLock   = 14
	capSysPtrace = 19
	capSysAdmin  = 21
	capSyslog    = 34
	capPerfmon   = 38
	capBPF       = 39
)

// has looks into this process's effective set.
func (r *run) has(c uint) bool {
	status, err := r.text("proc/self/status")
	if err != nil {
		return false
	}
	for line := range strings.Lines(status) {
		if hex, ok := strings.CutPrefix(line, "CapEff:"); ok {
			set, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
			return err == nil && set>>c&1 != 0
		}
	}
	return false
}

func (r *run) capabilities() {
	for _, c := range []struct {
		bit        uint
		name, need string
	}{
		{capPerfmon, "CAP_PERFMON", "the kernel, whole CPUs, tracepoints"},
		{capSysPtrace, "CAP_SYS_PTRACE", "processes of other users"},
		{capSyslog, "CAP_SYSLOG", "addresses in /proc/kallsyms"},
		{capIPCLock, "CAP_IPC_LOCK", "rings beyond the limit of locked memory"},
		{capBPF, "CAP_BPF", "BPF programs"},
	} {
		switch {
		case r.has(c.bit):
			r.add(c.name, Yes, c.need, "")
		case r.has(capSysAdmin) && (c.bit == capPerfmon || c.bit == capBPF):
			r.add(c.name, Yes, c.need+": CAP_SYS_ADMIN stands for it", "")
		default:
			r.add(c.name, No, "needed for "+c.need, "run as root, or setcap "+strings.ToLower(c.name)+"+ep $(which gperf)")
		}
	}
}

// kernelNames tells whether /proc/kallsyms has addresses for us.
func (r *run) kernelNames() {
	const name = "names of kernel addresses"
	f, err := r.m.Root.Open("proc/kallsyms")
	if err != nil {
		r.add(name, No, reason(err), "a kernel built with CONFIG_KALLSYMS has them")
		return
	}
	defer f.Close()
	first := make([]byte, 4096)
	n, err := f.Read(first)
	if err != nil {
		r.add(name, Unknown, err.Error(), "")
		return
	}
	level, err := r.number("proc/sys/kernel/kptr_restrict")
	detail := ""
	if err == nil {
		detail = fmt.Sprintf("kernel.kptr_restrict is %d", level)
	}
	shown := false // the first symbols are per CPU and have small addresses, or 0, anyway
	for line := range strings.Lines(string(first[:n])) {
		addr, _, _ := strings.Cut(line, " ")
		shown = shown || strings.Trim(addr, "0") != "" && strings.HasSuffix(line, "\n")
	}
	if shown {
		r.add(name, Yes, detail, "")
		return
	}
	hint := "run as root or with CAP_SYSLOG"
	if level > 1 {
		hint += ", and sysctl kernel.kptr_restrict=1: with 2 nobody sees them"
	}
	r.add(name, No, detail+": addresses are hidden", hint)
}

func (r *run) locked() {
	const name = "locked memory for rings"
	kb, err := r.number("proc/sys/kernel/perf_event_mlock_kb")
	if err != nil {
		r.add(name, Unknown, err.Error(), "")
		return
	}
	detail := fmt.Sprintf("%d kB for each CPU (kernel.perf_event_mlock_kb)", kb)
	limit := r.limit("Max locked memory")
	if limit != "" {
		detail += ", " + limit + " bytes more (ulimit -l)"
	}
	const ring = 2 << 10 // kB that gperf takes for a CPU where it may
	switch {
	case r.has(capIPCLock):
		r.add(name, Yes, "no limit", "")
	case kb >= ring || limit == "unlimited":
		r.add(name, Yes, detail, "")
	default:
		r.add(name, No, detail+": rings are small, and lose more", fmt.Sprintf("sysctl kernel.perf_event_mlock_kb=%d, or ulimit -l unlimited", ring+4))
	}
}

func (r *run) files() {
	const name = "open files"
	soft := r.limit("Max open files")
	n, err := strconv.Atoi(soft)
	switch {
	case soft == "unlimited" || err == nil && n >= 4096:
		r.add(name, Yes, soft+" (ulimit -n)", "")
	case err != nil:
		r.add(name, Unknown, "/proc/self/limits does not tell", "")
	default:
		r.add(name, No, soft+": each event takes one for each CPU and thread; gperf raises it as far as it may", "ulimit -Hn 1048576, as root")
	}
}

// limit is the soft one of /proc/self/limits.
func (r *run) limit(name string) string {
	b, err := fs.ReadFile(r.m.Root, "proc/self/limits")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			if f := strings.Fields(rest); len(f) > 0 {
				return f[0]
			}
		}
	}
	return ""
}

func (r *run) trace() {
	t, err := r.m.Trace()
	if err != nil {
		for _, name := range []string{"tracefs", "kprobes", "uprobes"} {
			r.add(name, No, reason(err), hintOf(err))
		}
		return
	}
	if _, err := t.Systems(); err != nil {
		r.add("tracefs", No, err.Error(), hintOf(err))
	} else {
		r.add("tracefs", Yes, t.Dir(), "")
	}
	for _, p := range []struct{ name, file, config string }{
		{"kprobes", "kprobe_events", "CONFIG_KPROBE_EVENTS"}, {"uprobes", "uprobe_events", "CONFIG_UPROBE_EVENTS"},
	} {
		path := t.Path(p.file)
		switch err := r.m.Writable(path); {
		case err == nil:
			r.add(p.name, Yes, path, "")
		case isNotExist(err):
			r.add(p.name, No, "this kernel has no "+p.file, "a kernel built with "+p.config+" has it")
		default:
			r.add(p.name, No, err.Error(), "run as root")
		}
	}
}
