package sampletext

import (
	"strconv"

	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/session"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Printer appends items. One goroutine uses it.
type Printer struct {
	l      *Layout
	r      *session.Resolver
	sample record.Sample
	chain  []session.Location
	ctx    tracefs.Context
	text   []byte // of a tracepoint, before it is escaped for JSON

	event *session.Event // whose plan is p.plan: most samples follow one of the same event
	plan  *plan
}

// NewPrinter makes a printer that finds names with r.
func (l *Layout) NewPrinter(r *session.Resolver) *Printer {
	m := &l.o.Machine
	return &Printer{l: l, r: r, ctx: tracefs.Context{Order: m.Order, PointerSize: m.PointerSize, Printk: m.Printk, Symbol: r.Kernel, GoType: r.GoType}}
}

// Sample decodes an item's sample into memory of the printer, which the next call uses again.
func (p *Printer) Sample(it *session.Item) (*record.Sample, error) {
	if err := it.Layout.DecodeSample(it.Bytes, &p.sample); err != nil {
		return nil, err
	}
	s := &p.sample
	if it.Period != 0 {
		s.Period = it.Period
	} else if it.Layout.SampleType&record.SamplePeriod == 0 {
		s.Period = it.Event.Attr.Period
	}
	return s, nil
}

// AppendSample appends the line, or lines, of a sample that Sample decoded.
func (p *Printer) AppendSample(dst []byte, it *session.Item, s *record.Sample) []byte {
	pl := p.planOf(it.Event)
	if pl.fields == 0 {
		return dst
	}
	f := pl.fields
	who := who{pid: int32(s.PID), tid: int32(s.TID), cpu: int32(s.CPU), time: s.Time, misc: s.Misc}
	who.missing(pl.have)
	dst = p.appendStart(dst, pl, it.Thread, who, record.TypeSample)
	if f&Period != 0 {
		dst = append(appendUint(dst, s.Period, 10), ' ')
	}
	if f&EventName != 0 {
		dst = append(dst, pl.name...)
	}
	if f&Flags != 0 {
		dst = pad(dst, 2+21+1) // branch flags: only hardware traces have them
	}
	if f&Trace != 0 && pl.have&record.SampleRaw != 0 && s.Raw != nil {
		at := len(dst)
		dst = escapeFrom(p.appendTrace(dst, pl, it.Event, s.Raw), at, pl.keep)
	}
	if f&Addr != 0 {
		dst = p.appendAddr(dst, pl, it, s)
	}
	if f&Weight != 0 {
		dst = appendUint(dst, weight(pl.have, s), 16)
	}
	if f&InsLat != 0 {
		dst = appendUint(dst, s.Weight>>32&0xffff, 16)
	}
	if f&IP != 0 {
		dst = p.appendIP(dst, pl, it, s)
	}
	dst = p.appendRest(dst, pl, it, s)
	return append(dst, '\n')
}

// planOf returns the layout of an event. One that the layout was not made for, because a stream told of it later, gets
// that of its kind.
func (p *Printer) planOf(e *session.Event) *plan {
	if p.event == e && p.plan != nil {
		return p.plan
	}
	pl := p.l.plans[e]
	if pl == nil {
		pl = p.l.newPlan(e)
	}
	p.event, p.plan = e, pl
	return pl
}

// appendRest appends what stands behind the address.
func (p *Printer) appendRest(dst []byte, pl *plan, it *session.Item, s *record.Sample) []byte {
	f := pl.fields
	if f&IRegs != 0 && s.IntrABI != 0 {
		dst = p.appendRegs(dst, s.IntrABI, it.Layout.RegsIntr, s.IntrRegs)
	}
	if f&URegs != 0 && s.UserABI != 0 {
		dst = p.appendRegs(dst, s.UserABI, it.Layout.RegsUser, s.UserRegs)
	}
	if pl.bpf && f&BPFOutput != 0 {
		dst = appendBPFOutput(dst, s.Raw)
	}
	if f&PhysAddr != 0 {
		dst = appendHex(dst, s.PhysAddr, 16)
	}
	if f&DataPageSize != 0 {
		dst = appendSize(append(dst, ' '), s.DataPageSize)
	}
	if f&CodePageSize != 0 {
		dst = appendSize(append(dst, ' '), s.CodePageSize)
	}
	return dst
}

// who is what begins a line, of a sample or of the trailing sample id of another record.
type who struct {
	pid, tid, cpu int32
	time          uint64
	misc          uint16
}

// missing sets what a layout lacks to perf's values for it.
func (w *who) missing(have record.SampleFormat) {
	if have&record.SampleTID == 0 {
		w.pid, w.tid = -1, -1
	}
	if have&record.SampleCPU == 0 {
		w.cpu = -1
	}
	if have&record.SampleTime == 0 {
		w.time = ^uint64(0)
	}
}

func (p *Printer) appendStart(dst []byte, pl *plan, th *session.Thread, w who, t record.Type) []byte {
	f := pl.fields
	if f&Comm != 0 {
		comm := ":-1"
		if th != nil {
			comm = th.Comm
		}
		if f&IP == 0 || !pl.chains {
			dst = pad(dst, 16-len(comm))
		}
		dst = append(AppendEscaped(dst, comm), ' ')
	}
	switch {
	case f&PID != 0 && f&TID != 0:
		dst = append(appendInt(dst, int64(w.pid), 5), '/')
		at := len(dst)
		dst = strconv.AppendInt(dst, int64(w.tid), 10)
		dst = append(pad(dst, 5-(len(dst)-at)), ' ')
	case f&PID != 0:
		dst = append(appendInt(dst, int64(w.pid), 5), ' ')
	case f&TID != 0:
		dst = append(appendInt(dst, int64(w.tid), 5), ' ')
	}
	if f&CPU != 0 {
		dst = appendCPU(dst, w.cpu)
	}
	if f&Misc != 0 {
		dst = appendMisc(dst, w.misc, t)
	}
	if f&Time != 0 {
		dst = appendTime(dst, w.time, p.l.o.Nanos)
	}
	return dst
}

func appendCPU(dst []byte, cpu int32) []byte {
	dst = append(dst, '[')
	if cpu < 0 { // %03d counts the sign
		dst = append(dst, '-')
		dst = appendZeros(dst, uint64(-int64(cpu)), 2)
	} else {
		dst = appendZeros(dst, uint64(cpu), 3)
	}
	return append(dst, "] "...)
}

// appendMisc appends the processor mode as letters, as if each mode were a bit, which is how perf shows it.
func appendMisc(dst []byte, misc uint16, t record.Type) []byte {
	at := len(dst)
	for _, m := range [...]struct {
		bits   uint16
		letter byte
	}{{record.MiscKernel, 'K'}, {record.MiscUser, 'U'}, {record.MiscHypervisor, 'H'}, {record.MiscGuestKernel, 'G'}, {record.MiscGuestUser, 'g'}} {
		if misc&m.bits == m.bits {
			dst = append(dst, m.letter)
		}
	}
	switch t {
	case record.TypeMmap, record.TypeMmap2:
		dst = appendIf(dst, misc&record.MiscMmapData != 0, 'M')
	case record.TypeComm:
		dst = appendIf(dst, misc&record.MiscCommExec != 0, 'E')
	case record.TypeSwitch, record.TypeSwitchCPUWide:
		dst = appendIf(dst, misc&record.MiscSwitchOut != 0, 'S')
		dst = appendIf(dst, misc&record.MiscSwitchOut != 0 && misc&record.MiscSwitchOutPreempt != 0, 'p')
	}
	return pad(dst, max(1, 6-(len(dst)-at)))
}

func appendIf(dst []byte, yes bool, letter byte) []byte {
	if yes {
		dst = append(dst, letter)
	}
	return dst
}

func weight(have record.SampleFormat, s *record.Sample) uint64 {
	if have&record.SampleWeightStruct != 0 {
		return s.Weight & 0xffffffff
	}
	return s.Weight
}

func (p *Printer) appendRegs(dst []byte, abi, mask uint64, regs []uint64) []byte {
	dst = append(strconv.AppendUint(append(dst, " ABI:"...), abi, 10), ' ')
	for bit, i := 0, 0; mask != 0 && i < len(regs); bit, mask = bit+1, mask>>1 {
		if mask&1 == 0 {
			continue
		}
		if names := p.l.o.Machine.Registers; bit < len(names) {
			dst = appendRight(dst, names[bit], 5)
		} else {
			dst = appendRight(dst, "r"+strconv.Itoa(bit), 5)
		}
		dst = append(dst, ":0x"...)
		dst = append(appendHex(dst, regs[i], 0), ' ')
		i++
	}
	return dst
}
