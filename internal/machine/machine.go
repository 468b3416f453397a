// Package machine describes the machine that a recording is made on: what the features of a perf.data file tell of it.
//
// All of it is read from /proc and /sys, which come as one fs.FS from the root, so that a test can bring another machine.
// What a file system does not have is left out, as perf leaves the feature out.
package machine

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

const (
	cpuDir    = "sys/devices/system/cpu"
	nodeDir   = "sys/devices/system/node"
	memoryDir = "sys/devices/system/memory"
	pmuDir    = "sys/bus/event_source/devices"
)

// Features returns what a recording tells of the running machine. Its caller adds what it knows of the recording itself:
// version, command line, events, build-ids, times.
func Features(root fs.FS) (*perfdata.Features, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return nil, fmt.Errorf("uname: %w", err)
	}
	f := Describe(root, unix.ByteSliceToString(u.Machine[:]))
	f.Hostname = unix.ByteSliceToString(u.Nodename[:])
	f.OSRelease = unix.ByteSliceToString(u.Release[:])
	return f, nil
}

// Describe is Features without the system call: what root tells of a machine of an architecture, which is named as
// uname -m does.
func Describe(root fs.FS, arch string) *perfdata.Features {
	r := reader{root}
	f := &perfdata.Features{
		Arch:         arch,
		CPUDesc:      r.cpuInfo(descKey(arch)),
		CPUID:        r.cpuID(arch),
		TotalMem:     r.totalMem(),
		NUMATopology: r.numa(),
		PMUMappings:  r.pmus(),
		Caches:       r.caches(),
		MemTopology:  r.memory(),
		CPUPMUCaps:   r.pmuCaps("cpu"),
		PMUCaps:      r.otherPMUCaps(),
		// perf lists the BPF programs that are loaded; a list of none is written too.
		BPFProgInfo: make([]byte, 4),
		BPFBTF:      make([]byte, 4),
	}
	present, err := presentCPUs(root)
	if err != nil {
		return f
	}
	online, err := onlineCPUs(root)
	if err != nil {
		return f
	}
	f.NRCPUs = &perfdata.NRCPUs{Available: uint32(len(present)), Online: uint32(len(online))}
	f.CPUTopology = r.cpuTopology(present, online, arch)
	return f
}

// reader reads small files; what is missing reads as nothing.
type reader struct{ root fs.FS }

func (r reader) text(path string) string {
	b, err := fs.ReadFile(r.root, path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func (r reader) number(path string, missing int64) int64 {
	n, err := strconv.ParseInt(r.text(path), 10, 64)
	if err != nil {
		return missing
	}
	return n
}

// names lists a directory in the order that the file system has: fs.ReadDir would sort, and perf does not.
func (r reader) names(dir string) []string {
	f, err := r.root.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	d, ok := f.(fs.ReadDirFile)
	if !ok {
		return nil
	}
	entries, err := d.ReadDir(-1)
	if err != nil && err != io.EOF {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// descKey is the line of /proc/cpuinfo that names the processor.
func descKey(arch string) string {
	switch {
	case strings.HasPrefix(arch, "ppc"), strings.HasPrefix(arch, "alpha"), strings.HasPrefix(arch, "sparc"):
		return "cpu"
	case strings.HasPrefix(arch, "mips"):
		return "cpu model"
	case strings.HasPrefix(arch, "s390"):
		return "vendor_id"
	}
	return "model name"
}

// cpuInfo is the first value of a key in /proc/cpuinfo, runs of blanks made one.
func (r reader) cpuInfo(key string) string {
	b, err := fs.ReadFile(r.root, "proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		name, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(name) == key {
			return strings.Join(strings.Fields(value), " ")
		}
	}
	return ""
}

// cpuID names the processor's model as perf's get_cpuid does.
func (r reader) cpuID(arch string) string {
	switch arch {
	case "x86_64", "i386", "i486", "i586", "i686":
		vendor, family := r.cpuInfo("vendor_id"), r.cpuInfo("cpu family")
		if vendor == "" || family == "" {
			return ""
		}
		return vendor + "," + family + "," + r.cpuInfo("model") + "," + r.cpuInfo("stepping")
	case "aarch64":
		return r.midr()
	}
	return ""
}

// midr is arm64's main id register without variant and revision, of the first CPU that tells it.
func (r reader) midr() string {
	online, err := onlineCPUs(r.root)
	if err != nil {
		return ""
	}
	for _, cpu := range online {
		s := r.text(fmt.Sprintf("%s/cpu%d/regs/identification/midr_el1", cpuDir, cpu))
		if v, err := strconv.ParseUint(s, 0, 64); err == nil {
			const variantAndRevision = 0xf<<20 | 0xf
			return fmt.Sprintf("0x%016x", v&^uint64(variantAndRevision))
		}
	}
	return ""
}

func (r reader) totalMem() uint64 {
	b, err := fs.ReadFile(r.root, "proc/meminfo")
	if err != nil {
		return 0
	}
	return memField(b, "MemTotal")
}

// memField finds a value in kB in a meminfo file, the machine's or a node's.
func memField(b []byte, key string) uint64 {
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		for i := 0; i+1 < len(words); i++ {
			if words[i] != key+":" {
				continue
			}
			n, err := strconv.ParseUint(words[i+1], 10, 64)
			if err != nil {
				return 0
			}
			return n
		}
	}
	return 0
}
