package sampletext

import (
	"encoding/hex"
	"strconv"

	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/session"
)

// AppendRecord appends the line of a record that is no sample, as perf script's --show-…-events do; nothing if the
// record is damaged. See perf_event__fprintf in tools/perf/util/event.c.
func (p *Printer) AppendRecord(dst []byte, it *session.Item) []byte {
	var layout record.Layout
	if it.Layout != nil {
		layout = *it.Layout
	}
	body, err := record.Decode(&layout, it.Bytes)
	if err != nil {
		return dst
	}
	if it.Event != nil {
		dst = p.appendStart(dst, p.planOf(it.Event), it.Thread, trailerOf(&layout, body, it), body.Type())
	}
	dst = append(append(dst, "PERF_RECORD_"...), body.Type().String()...)
	return append(p.appendBody(dst, body), '\n')
}

func trailerOf(l *record.Layout, body record.Body, it *session.Item) who {
	t := record.TrailerOf(body)
	w := who{pid: int32(t.PID), tid: int32(t.TID), cpu: int32(t.CPU), time: t.Time, misc: it.Header.Misc}
	if l.SampleIDAll {
		w.missing(l.SampleType)
		return w
	}
	w = who{misc: it.Header.Misc}
	if it.Thread != nil {
		w.pid, w.tid = it.Thread.PID, it.Thread.TID
	}
	if task, ok := body.(*record.Task); ok {
		w.time = task.Time
	}
	return w
}

func (p *Printer) appendBody(dst []byte, body record.Body) []byte {
	switch r := body.(type) {
	case *record.Comm:
		if r.Misc&record.MiscCommExec != 0 {
			dst = append(dst, " exec"...)
		}
		dst = AppendEscaped(append(dst, ": "...), r.Comm)
		return appendPair(append(dst, ':'), r.PID, '/', r.TID)
	case *record.Task:
		dst = append(appendPair(append(dst, '('), r.PID, ':', r.TID), "):("...)
		return append(appendPair(dst, r.PPID, ':', r.PTID), ')')
	case *record.Mmap:
		return appendMmap(dst, r)
	case *record.Mmap2:
		return appendMmap2(dst, r)
	case *record.Lost:
		return strconv.AppendUint(append(dst, " lost "...), r.Lost, 10)
	case *record.Switch:
		return appendSwitch(dst, r)
	case *record.Namespaces:
		return appendNamespaces(dst, r)
	case *record.Ksymbol:
		dst = appendHex(append(dst, " addr "...), r.Addr, 0)
		dst = strconv.AppendUint(append(dst, " len "...), uint64(r.Len), 10)
		dst = strconv.AppendUint(append(dst, " type "...), uint64(r.Kind), 10)
		dst = appendHex(append(dst, " flags 0x"...), uint64(r.Flags), 0)
		return AppendEscaped(append(dst, " name "...), r.Name)
	case *record.BPFEvent:
		dst = strconv.AppendUint(append(dst, " type "...), uint64(r.Kind), 10)
		dst = strconv.AppendUint(append(dst, ", flags "...), uint64(r.Flags), 10)
		return strconv.AppendUint(append(dst, ", id "...), uint64(r.ID), 10)
	case *record.CGroup:
		dst = strconv.AppendUint(append(dst, " cgroup: "...), r.ID, 10)
		return AppendEscaped(append(dst, ' '), r.Path)
	}
	return dst
}

func appendPair(dst []byte, a uint32, between byte, b uint32) []byte {
	dst = strconv.AppendInt(dst, int64(int32(a)), 10)
	return strconv.AppendInt(append(dst, between), int64(int32(b)), 10)
}

// append0x appends v as %#x does: zero has no prefix.
func append0x(dst []byte, v uint64) []byte {
	if v != 0 {
		dst = append(dst, "0x"...)
	}
	return appendHex(dst, v, 0)
}

func appendRange(dst []byte, pid, tid uint32, addr, length, offset uint64) []byte {
	dst = appendPair(append(dst, ' '), pid, '/', tid)
	dst = append0x(append(dst, ": ["...), addr)
	dst = append0x(append(dst, '('), length)
	return append0x(append(dst, ") @ "...), offset)
}

func appendMmap(dst []byte, r *record.Mmap) []byte {
	dst = append(appendRange(dst, r.PID, r.TID, r.Addr, r.Len, r.PgOff), "]: "...)
	access := byte('x')
	if r.Misc&record.MiscMmapData != 0 {
		access = 'r'
	}
	dst = append(dst, access, ' ')
	return AppendEscaped(dst, r.Filename)
}

func appendMmap2(dst []byte, r *record.Mmap2) []byte {
	dst = appendRange(dst, r.PID, r.TID, r.Addr, r.Len, r.PgOff)
	if r.Misc&record.MiscMmapBuildID != 0 {
		dst = hex.AppendEncode(append(dst, " <"...), r.BuildID[:min(int(r.BuildIDSize), len(r.BuildID))])
		dst = append(dst, '>')
	} else {
		dst = appendHex2(append(dst, ' '), r.Maj)
		dst = appendHex2(append(dst, ':'), r.Min)
		dst = strconv.AppendUint(append(dst, ' '), r.Inode, 10)
		dst = strconv.AppendUint(append(dst, ' '), r.InodeGeneration, 10)
	}
	dst = append(dst, "]: "...)
	for i, letter := range []byte("rwx") {
		if r.Prot>>i&1 == 0 {
			letter = '-'
		}
		dst = append(dst, letter)
	}
	shared := byte('p')
	if r.Flags&1 != 0 { // MAP_SHARED
		shared = 's'
	}
	dst = append(dst, shared, ' ')
	return AppendEscaped(dst, r.Filename)
}

func appendHex2(dst []byte, v uint32) []byte {
	if v < 16 {
		dst = append(dst, '0')
	}
	return appendHex(dst, uint64(v), 0)
}

func appendSwitch(dst []byte, r *record.Switch) []byte {
	way, other := " IN         ", "prev"
	if r.Misc&record.MiscSwitchOut != 0 {
		way, other = " OUT        ", "next"
		if r.Misc&record.MiscSwitchOutPreempt != 0 {
			way = " OUT preempt"
		}
	}
	dst = append(dst, way...)
	if !r.CPUWide {
		return dst
	}
	dst = append(append(append(dst, "  "...), other...), " pid/tid: "...)
	dst = append(appendInt(dst, int64(int32(r.PID)), 5), '/')
	at := len(dst)
	dst = strconv.AppendInt(dst, int64(int32(r.TID)), 10)
	return pad(dst, 5-(len(dst)-at))
}

// namespaceNames are the links in the order of the record. See perf_ns__name in tools/perf/util/event.c.
var namespaceNames = [...]string{"net", "uts", "ipc", "pid", "user", "mnt", "cgroup"}

func appendNamespaces(dst []byte, r *record.Namespaces) []byte {
	dst = appendPair(append(dst, ' '), r.PID, '/', r.TID)
	dst = strconv.AppendInt(append(dst, " - nr_namespaces: "...), int64(len(r.Links)), 10)
	dst = append(dst, "\n\t\t["...)
	for i, link := range r.Links {
		if i > 0 && i%4 == 0 {
			dst = append(dst, "\n\t\t "...)
		}
		name := "unknown"
		if i < len(namespaceNames) {
			name = namespaceNames[i]
		}
		dst = append(append(strconv.AppendInt(dst, int64(i), 10), '/'), name...)
		dst = append0x(append(strconv.AppendUint(append(dst, ": "...), link.Dev, 10), '/'), link.Inode)
		if i+1 < len(r.Links) {
			dst = append(dst, ", "...)
		}
	}
	return append(dst, ']')
}
