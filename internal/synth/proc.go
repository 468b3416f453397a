package synth

import (
	"bytes"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// task is what /proc/PID/status tells of a thread.
type task struct {
	name       string
	tgid, ppid int
	kernel     bool // a kernel thread: without memory of its own
}

// status reads a thread's status. pid 0 stands for one that is not known: /proc/TID works for every thread.
func (s *synthesizer) status(pid, tid int) (task, error) {
	path := fmt.Sprintf("proc/%d/status", tid)
	if pid != 0 {
		path = fmt.Sprintf("proc/%d/task/%d/status", pid, tid)
	}
	b, err := fs.ReadFile(s.root, path)
	if err != nil {
		return task{}, err
	}
	return parseStatus(b)
}

func parseStatus(b []byte) (task, error) {
	t := task{tgid: -1, ppid: -1, kernel: true}
	for len(b) > 0 {
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		b = rest
		key, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue
		}
		value = bytes.TrimLeft(value, " \t")
		switch string(key) {
		case "Name":
			t.name = unescapeComm(string(value))
		case "Tgid":
			t.tgid = atoi(value)
		case "PPid":
			t.ppid = atoi(value)
		case "VmPeak":
			t.kernel = false
		}
	}
	if t.tgid < 0 {
		return t, fmt.Errorf("status of a thread has no Tgid")
	}
	return t, nil
}

func atoi(b []byte) int {
	n, err := strconv.Atoi(string(b))
	if err != nil {
		return -1
	}
	return n
}

// unescapeComm undoes what the kernel does in status (string_escape_str in proc_task_name): \n and \\ only.
func unescapeComm(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n").Replace(s)
}

// maps tells of a process's mappings.
func (s *synthesizer) maps(pid int) error {
	b, err := fs.ReadFile(s.root, fmt.Sprintf("proc/%d/task/%d/maps", pid, pid))
	if err != nil {
		return nil // it has ended
	}
	for len(b) > 0 {
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		b = rest
		m, ok := parseMap(line)
		if !ok {
			continue
		}
		if m.Prot&protExec == 0 {
			if !s.o.DataMaps || m.Prot&protRead == 0 {
				continue
			}
			m.Misc |= record.MiscMmapData
		}
		m.PID, m.TID = uint32(pid), uint32(pid)
		if err := s.emit(&m); err != nil {
			return err
		}
	}
	return nil
}

// Bits of mmap(2) as they stand in MMAP2.
const (
	protRead, protWrite, protExec = 1, 2, 4
	mapShared, mapPrivate         = 1, 2
)

// parseMap reads a line of /proc/PID/maps:
//
//	00400000-0040c000 r-xp 00000000 fd:01 41038  /bin/cat
func parseMap(line []byte) (record.Mmap2, bool) {
	m := record.Mmap2{Meta: record.Meta{Misc: record.MiscUser}}
	var ok [7]bool
	var end, major, minor uint64
	word, line := field(line)
	from, to, _ := bytes.Cut(word, []byte("-"))
	m.Addr, ok[0] = number(from, 16)
	end, ok[1] = number(to, 16)
	perms, line := field(line)
	word, line = field(line)
	m.PgOff, ok[2] = number(word, 16)
	word, line = field(line)
	from, to, _ = bytes.Cut(word, []byte(":"))
	major, ok[3] = number(from, 16)
	minor, ok[4] = number(to, 16)
	word, line = field(line)
	m.Inode, ok[5] = number(word, 10)
	ok[6] = len(perms) == 4 && end >= m.Addr
	if ok != [7]bool{true, true, true, true, true, true, true} {
		return m, false
	}
	m.Len, m.Maj, m.Min = end-m.Addr, uint32(major), uint32(minor)
	m.Prot, m.Flags = protection(perms)
	m.Filename = unescapePath(string(bytes.TrimLeft(line, " ")))
	if m.Filename == "" {
		m.Filename = "//anon"
	}
	return m, true
}

func protection(perms []byte) (prot, flags uint32) {
	for i, bit := range []uint32{protRead, protWrite, protExec} {
		if perms[i] != '-' {
			prot |= bit
		}
	}
	if perms[3] == 's' {
		return prot, mapShared
	}
	return prot, mapPrivate
}

// field splits off the text up to the next blank, and the blank.
func field(b []byte) (word, rest []byte) {
	word, rest, _ = bytes.Cut(b, []byte(" "))
	return word, rest
}

func number(b []byte, base int) (uint64, bool) {
	n, err := strconv.ParseUint(string(b), base, 64)
	return n, err == nil
}

// unescapePath undoes what the kernel does to a newline, the only byte it escapes in maps.
func unescapePath(s string) string {
	if !strings.Contains(s, `\012`) {
		return s
	}
	return strings.ReplaceAll(s, `\012`, "\n")
}
