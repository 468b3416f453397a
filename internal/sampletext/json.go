package sampletext

import (
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/jsonout"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/session"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// AppendJSON appends a sample that Sample decoded as a jsonout.Sample and a newline.
func (p *Printer) AppendJSON(dst []byte, it *session.Item, s *record.Sample) []byte {
	pl := p.planOf(it.Event)
	dst = jsonout.AppendString(append(dst, `{"type":"sample","event":`...), it.Event.Name)
	number := func(name string, v uint64) { dst = strconv.AppendUint(append(dst, name...), v, 10) }
	if pl.have&record.SampleTime != 0 {
		number(`,"time_ns":`, s.Time)
	}
	if pl.have&record.SampleTID != 0 {
		dst = strconv.AppendInt(append(dst, `,"pid":`...), int64(int32(s.PID)), 10)
		dst = strconv.AppendInt(append(dst, `,"tid":`...), int64(int32(s.TID)), 10)
	}
	if pl.have&record.SampleCPU != 0 {
		number(`,"cpu":`, uint64(s.CPU))
	}
	if it.Thread != nil {
		dst = jsonout.AppendString(append(dst, `,"comm":`...), it.Thread.Comm)
	}
	number(`,"period":`, s.Period)
	if pl.have&record.SampleIP != 0 {
		dst = appendFrameJSON(append(dst, ','), p.r.Resolve(it, it.Mode(), s.IP))
	}
	if pl.have&record.SampleAddr != 0 {
		dst = jsonout.AppendHex(append(dst, `,"addr":`...), s.Addr)
	}
	if pl.have&record.SampleCallchain != 0 && !p.l.o.NoChains && p.l.o.MaxStack >= 0 {
		dst = p.appendChainJSON(dst, it, s)
	}
	if pl.have&record.SampleRaw != 0 && it.Event.Format != nil && s.Raw != nil {
		dst = p.appendFieldsJSON(append(dst, `,"fields":{`...), it.Event.Format, s.Raw)
		p.text = p.appendTrace(p.text[:0], pl, it.Event, s.Raw)
		dst = jsonout.AppendString(append(dst, `},"text":`...), p.text)
	}
	return append(dst, "}\n"...)
}

// appendFrameJSON appends the fields of a jsonout.Frame, which are those of a sample too.
func appendFrameJSON(dst []byte, l session.Location) []byte {
	dst = jsonout.AppendHex(append(dst, `"ip":`...), l.Addr)
	if l.Frame.Name != "" {
		dst = jsonout.AppendString(append(dst, `,"symbol":`...), l.Frame.Name)
		if !l.Inlined { // it has no start
			dst = strconv.AppendUint(append(dst, `,"offset":`...), l.Frame.Offset, 10)
		}
	}
	if l.Map != nil {
		dst = jsonout.AppendString(append(dst, `,"module":`...), l.Module())
	}
	if l.Inlined {
		dst = append(dst, `,"inlined":true`...)
	}
	return dst
}

func (p *Printer) appendChainJSON(dst []byte, it *session.Item, s *record.Sample) []byte {
	p.chain = p.r.Chain(it, s, p.l.o.MaxStack, p.chain[:0])
	dst = append(dst, `,"callchain":[`...)
	for i, l := range p.chain {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendFrameJSON(append(dst, '{'), l), '}')
	}
	dst = append(dst, ']')
	if why, ok := p.r.ChainEnd(); ok {
		dst = jsonout.AppendString(append(dst, `,"callchain_end":`...), why.String())
	}
	return dst
}

// appendFieldsJSON appends the raw values of a tracepoint's fields.
func (p *Printer) appendFieldsJSON(dst []byte, f *tracefs.Format, raw []byte) []byte {
	for i := range f.Fields {
		fl := &f.Fields[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsonout.AppendString(dst, fl.Name), ':')
		dst = p.appendValueJSON(dst, fl, raw)
	}
	return dst
}

func (p *Printer) appendValueJSON(dst []byte, f *tracefs.Field, raw []byte) []byte {
	switch {
	case f.IsString:
		s, _ := f.Str(raw, &p.ctx) // what there is of it
		return jsonout.AppendString(dst, s)
	case f.IsArray:
		dst = append(dst, '[')
		for i := 0; ; i++ {
			v, ok := f.Elem(raw, i, &p.ctx)
			if !ok {
				return append(dst, ']')
			}
			if i > 0 {
				dst = append(dst, ',')
			}
			if f.Signed {
				dst = strconv.AppendInt(dst, int64(v), 10)
			} else {
				dst = strconv.AppendUint(dst, v, 10)
			}
		}
	case f.IsPointer || strings.HasPrefix(f.Name, "__probe_"): // where the probe was hit
		v, _ := f.Uint(raw, &p.ctx)
		return jsonout.AppendHex(dst, v)
	case f.Signed:
		if v, ok := f.Int(raw, &p.ctx); ok {
			return strconv.AppendInt(dst, v, 10)
		}
	default:
		if v, ok := f.Uint(raw, &p.ctx); ok {
			return strconv.AppendUint(dst, v, 10)
		}
	}
	return append(dst, "null"...) // the sample is too short for it
}
