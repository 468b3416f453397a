package sampletext

import (
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/session"
	"github.com/gperf-dev/gperf/symbolize"
)

// appendIP appends the sampled address behind a blank, or the call chain on lines of its own.
func (p *Printer) appendIP(dst []byte, pl *plan, it *session.Item, s *record.Sample) []byte {
	f := pl.fields
	if !pl.chains || p.l.o.MaxStack < 0 {
		dst = appendHex(append(dst, ' '), s.IP, 16)
		l := p.r.Resolve(it, s.Misc&record.MiscCPUModeMask, s.IP)
		return appendPlace(dst, f, &l)
	}
	dst = append(dst, '\n')
	p.chain = p.r.Chain(it, s, p.l.o.MaxStack, p.chain[:0])
	for i := range p.chain {
		l := &p.chain[i]
		dst = appendHex(append(dst, '\t'), l.PrintAddr(), 16)
		dst = append(appendPlace(dst, f, l), '\n')
	}
	return dst
}

// appendAddr appends the address of data, with its name where the address says something of a name.
func (p *Printer) appendAddr(dst []byte, pl *plan, it *session.Item, s *record.Sample) []byte {
	dst = appendHex(dst, s.Addr, 16)
	if !pl.addrSym {
		return dst
	}
	mode := s.Misc & record.MiscCPUModeMask
	l := p.r.Resolve(it, mode, s.Addr)
	if l.Map == nil {
		// The mode is that of the code; the data may be on the other side.
		if mode = record.MiscUser; s.Addr>>63 != 0 {
			mode = record.MiscKernel
		}
		l = p.r.Resolve(it, mode, s.Addr)
	}
	return appendPlace(dst, pl.fields, &l)
}

// appendPlace appends symbol and module of an address, as far as the fields ask for them.
func appendPlace(dst []byte, f Field, l *session.Location) []byte {
	if f&Sym != 0 {
		dst = appendSymbol(append(dst, ' '), f, l.Frame)
	}
	switch {
	case l.Inlined:
		dst = append(dst, " (inlined)"...)
	case f&DSO != 0:
		dst = AppendEscaped(append(dst, " ("...), l.Module())
		dst = append(dst, ')')
	}
	return dst
}

func appendSymbol(dst []byte, f Field, frame *symbolize.Frame) []byte {
	if frame.Name == "" {
		return append(dst, symbolize.Unknown...)
	}
	dst = AppendEscaped(dst, frame.Name)
	if f&SymOff != 0 {
		dst = appendHex(append(dst, "+0x"...), frame.Offset, 0)
	}
	return dst
}
