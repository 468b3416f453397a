package sampletext

import (
	"github.com/gperf-dev/gperf/perfevent/session"
)

// appendTrace appends what a tracepoint's raw data says.
func (p *Printer) appendTrace(dst []byte, pl *plan, e *session.Event, raw []byte) []byte {
	if pl.typed != nil {
		return pl.typed.AppendText(dst, raw, &p.ctx)
	}
	if e.Format == nil {
		return dst
	}
	return e.Format.AppendText(dst, raw, &p.ctx)
}

// appendBPFOutput appends raw bytes, eight a line, and the string that they may be. See
// perf_sample__fprintf_bpf_output in tools/perf/builtin-script.c.
func appendBPFOutput(dst, data []byte) []byte {
	const perLine = 8
	dst = append(dst, '\n')
	text := textTest{printable: true}
	for at := 0; at < len(data); at += perLine {
		line := data[at:min(at+perLine, len(data))]
		if at == 0 {
			dst = appendRight(dst, "BPF output:", 17)
		} else {
			dst = pad(dst, 17)
		}
		dst = append(dst, ' ')
		for shift := 12; shift >= 0; shift -= 4 {
			dst = append(dst, "0123456789abcdef"[at>>shift&15])
		}
		dst = append(dst, ':')
		for _, b := range line {
			dst = append(dst, ' ', "0123456789abcdef"[b>>4], "0123456789abcdef"[b&15])
		}
		dst = pad(dst, 3*(perLine-len(line))+2)
		for _, b := range line {
			dst = append(dst, text.show(b))
		}
		dst = append(pad(dst, perLine-len(line)), '\n')
	}
	if text.printable && text.ended {
		dst = append(appendRight(dst, "BPF string:", 17), ` "`...)
		for _, b := range data {
			if b == 0 {
				break
			}
			dst = append(dst, b)
		}
		dst = append(dst, "\"\n"...)
	}
	return dst
}

// textTest finds out whether bytes are a string with zeros behind it.
type textTest struct{ printable, ended bool }

func (t *textTest) show(b byte) byte {
	if t.ended && b != 0 {
		t.printable = false
	}
	if b >= 0x20 && b < 0x7f {
		return b
	}
	if t.printable {
		if b == 0 {
			t.ended = true
		} else {
			t.printable = false
		}
	}
	return '.'
}
