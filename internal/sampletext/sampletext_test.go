package sampletext

import (
	"debug/elf"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/session"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
	"github.com/gperf-dev/gperf/symbolize"
)

func TestNumbersLikePrintf(t *testing.T) {
	for _, v := range []uint64{0, 1, 9, 10, 99999, 123456, 1e9 - 1, 1e9, 12345678901, 1<<64 - 1} {
		for _, tt := range []struct{ got, want string }{
			{string(appendUint(nil, v, 10)), fmt.Sprintf("%10d", v)},
			{string(appendInt(nil, int64(v), 5)), fmt.Sprintf("%5d", int64(v))},
			{string(appendHex(nil, v, 16)), fmt.Sprintf("%16x", v)},
			{string(appendZeros(nil, v, 3)), fmt.Sprintf("%03d", v)},
			{string(append0x(nil, v)), strings.TrimSuffix(fmt.Sprintf("%#x", v), "x0")},
			{string(appendTime(nil, v, false)), fmt.Sprintf("%12s: ", fmt.Sprintf("%d.%06d", v/1e9, v%1e9/1000))},
			{string(appendTime(nil, v, true)), fmt.Sprintf("%5d.%09d: ", v/1e9, v%1e9)},
		} {
			if tt.got != tt.want {
				t.Errorf("%d: %q, want %q", v, tt.got, tt.want)
			}
		}
	}
}

func TestEscape(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"plain text \\ stays", "plain text \\ stays"},
		{"größe 日本", "größe 日本"},
		{"a\nb\tc", `a\nb\tc`},
		{"\x1b[31mred\x07", `\x1b[31mred\x07`},
		{"\x00\x7f", `\x00\x7f`},
		{"\u009b31m", `\xc2\x9b31m`}, // control sequence introducer, as UTF-8
		{"\x9b31m", `\x9b31m`},       // and as a byte
		{"\xff\xe9", "\xff\xe9"},     // Latin-1 harms nobody
	} {
		if got := string(AppendEscaped(nil, tt.in)); got != tt.want {
			t.Errorf("%q becomes %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := string(escapeFrom([]byte("\n\tx\n\x1b"), 0, keepNewline)); got != "\n\\tx\n\\x1b" {
		t.Errorf("kept newline: %q", got)
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("name\x1b]0;title\x07")
	f.Add("\xc2\x9b\xe2\x80\xa8")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range string(AppendEscaped(nil, s)) {
			if r < 0x20 || r >= 0x7f && r < 0xa0 {
				t.Fatalf("%q lets %q through", s, r)
			}
		}
	})
}

func TestSelection(t *testing.T) {
	def := defaultFields()
	for _, tt := range []struct {
		args []string
		sw   Field
		tp   Field
	}{
		{nil, def[software], def[tracepoint]},
		{[]string{"comm,ip"}, Comm | IP, Comm | IP},
		{[]string{"trace:time,event"}, def[software], Time | EventName},
		{[]string{"+misc,-comm"}, def[software]&^Comm | Misc, def[tracepoint]&^Comm | Misc},
		{[]string{"comm,trace"}, Comm, Comm | Trace},
		{[]string{"comm", "+tid"}, Comm | TID, Comm | TID},
		{[]string{"bpf-output"}, BPFOutput, BPFOutput},
		{[]string{"trace:"}, def[software], 0},
	} {
		var s Selection
		s.fields, s.ready = def, true
		for _, a := range tt.args {
			if err := s.Apply(a); err != nil {
				t.Errorf("%q: %v", tt.args, err)
			}
		}
		if s.fields[software] != tt.sw || s.fields[tracepoint] != tt.tp {
			t.Errorf("%q: %b and %b, want %b and %b", tt.args, s.fields[software], s.fields[tracepoint], tt.sw, tt.tp)
		}
	}
}

func TestSelectionErrors(t *testing.T) {
	for arg, want := range map[string]string{
		"":           "fields '': no field is left to show for any event",
		"nosuch":     "fields 'nosuch': there is no field 'nosuch'",
		"srcline":    "fields 'srcline': perf knows a field 'srcline', gperf does not print it",
		"foo:comm":   "fields 'foo:comm': no event type is called 'foo'",
		"hw:trace":   "fields 'hw:trace': hardware events have no 'trace'",
		"comm,+time": "fields 'comm,+time': +FIELD and -FIELD change the default, plain names replace it: both at once mean nothing",
	} {
		err := new(Selection).Apply(arg)
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", arg, err, want)
		}
		var field *FieldError
		if !errors.As(err, &field) {
			t.Errorf("%q: %T", arg, err)
		}
	}
}

const someFields = record.SampleIP | record.SampleTID | record.SampleTime | record.SamplePeriod

func event(name string, typ perfevent.Type, config uint64, st record.SampleFormat) *session.Event {
	e := &session.Event{Name: name, Attr: perfevent.Attr{Type: typ, Config: config, SampleType: st, Flags: perfevent.FlagSampleIDAll}}
	e.Layout = e.Attr.Layout()
	return e
}

// text prints one sample.
func text(t *testing.T, e *session.Event, s record.Sample, o Options) string {
	t.Helper()
	l, err := New([]*session.Event{e}, o)
	if err != nil {
		t.Fatal(err)
	}
	p := printer(t, l)
	it := session.Item{Event: e, Layout: e.Layout, Bytes: e.Layout.AppendSample(nil, &s), Thread: &session.Thread{PID: 7, TID: 8, Comm: "prog"}}
	decoded, err := p.Sample(&it)
	if err != nil {
		t.Fatal(err)
	}
	return string(p.AppendSample(nil, &it, decoded))
}

func printer(t testing.TB, l *Layout) *Printer {
	names := symbolize.New(symbolize.Options{NoKernel: true})
	t.Cleanup(func() { names.Close() })
	return l.NewPrinter(session.NewResolver(names.NewCache(), elf.EM_NONE))
}

func TestSamples(t *testing.T) {
	base := record.Sample{Misc: record.MiscUser, PID: 7, TID: 8, Time: 3718052921000, IP: 0x1234, Period: 10}
	addr := base
	addr.Addr = 0xabc
	weight := base
	weight.Weight = 3<<32 | 5
	bpf := base
	bpf.Raw = []byte("hello, worl\x00")
	for _, tt := range []struct {
		name string
		e    *session.Event
		s    record.Sample
		want string
	}{
		{"hardware", event("cycles", 0, 0, someFields), base,
			"            prog     8  3718.052921:         10 cycles:              1234 [unknown] ([unknown])\n"},
		{"raw with weight", event("cpu/mem/", 4, 0, someFields|record.SampleAddr|record.SampleWeightStruct), func() record.Sample { s := weight; s.Addr = 0xabc; return s }(),
			"            prog     8  3718.052921:         10 cpu/mem/:              abc               5               3             1234 [unknown] ([unknown])\n"},
		{"bpf-output", event("bpf-output", 1, perfevent.SWBPFOutput, someFields|record.SampleRaw), bpf,
			"            prog     8  3718.052921:         10 bpf-output:              1234 [unknown] ([unknown])\n" +
				"      BPF output: 0000: 68 65 6c 6c 6f 2c 20 77  hello, w\n" +
				"                  0008: 6f 72 6c 00              orl.    \n" +
				"      BPF string: \"hello, worl\"\n\n"},
		{"no period in the sample", func() *session.Event {
			e := event("cycles", 0, 0, someFields&^record.SamplePeriod)
			e.Attr.Period = 4242
			return e
		}(), base, "            prog     8  3718.052921:       4242 cycles:              1234 [unknown] ([unknown])\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, text(t, tt.e, tt.s, Options{})); d != "" {
				t.Error(d)
			}
		})
	}
}

// A field that was asked for by name and is not there is an error; from the default it is dropped.
func TestMissingField(t *testing.T) {
	var s Selection
	if err := s.Apply("+cpu"); err != nil {
		t.Fatal(err)
	}
	_, err := New([]*session.Event{event("cycles", 0, 0, someFields)}, Options{Fields: s})
	var missing *MissingError
	if !errors.As(err, &missing) || missing.Error() != "Samples for 'cycles' event do not have CPU attribute set. Cannot print 'cpu' field." {
		t.Errorf("error %v", err)
	}
}

const probeFormat = `name: work
ID: 99
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:unsigned long __probe_ip;	offset:8;	size:8;	signed:0;
	field:u32 color;	offset:16;	size:4;	signed:0;

print fmt: "(%lx) color=%u", REC->__probe_ip, REC->color
`

// Types that say more than the kernel's format win.
func TestTypedFields(t *testing.T) {
	f, err := tracefs.ParseFormat([]byte(probeFormat))
	if err != nil {
		t.Fatal(err)
	}
	e := event("probe:work", perfevent.TypeTracepoint, 99, someFields|record.SampleRaw)
	e.Format = f
	raw := make([]byte, 20)
	raw[8], raw[16] = 0x55, 2
	s := record.Sample{PID: 7, TID: 8, Time: 1e9, Raw: raw}
	const start = "            prog     8     1.000000: probe:work: "
	if got := text(t, e, s, Options{}); got != start+"(55) color=2\n" {
		t.Errorf("kernel's format: %q", got)
	}
	e.Types = &argtype.Event{Group: "probe", Name: "work", Fields: []argtype.Field{{Name: "color", Raw: []string{"color"},
		Type: argtype.Type{Kind: argtype.Enum, Values: []argtype.EnumValue{{Value: 2, Name: "GREEN\x1b"}}}}}}
	if got := text(t, e, s, Options{}); got != start+`(55) color=GREEN\x1b`+"\n" {
		t.Errorf("with types: %q", got)
	}
}

func TestRecords(t *testing.T) {
	e := event("cycles", 0, 0, someFields)
	l, err := New([]*session.Event{e}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := printer(t, l)
	meta := func(misc uint16) record.Meta {
		return record.Meta{Misc: misc, SampleID: record.Trailer{PID: 7, TID: 8, Time: 1e9}}
	}
	const start = "            prog     8     1.000000: PERF_RECORD_"
	for _, tt := range []struct {
		body record.Body
		want string
	}{
		{&record.Comm{Meta: meta(record.MiscCommExec), PID: 7, TID: 8, Comm: "ls\n"}, `COMM exec: ls\n:7/8`},
		{&record.Task{Meta: meta(0), PID: 9, TID: 9, PPID: 7, PTID: 8}, "FORK(9:9):(7:8)"},
		{&record.Task{Meta: meta(0), Exit: true, PID: 9, TID: 9, PPID: 7, PTID: 8}, "EXIT(9:9):(7:8)"},
		{&record.Mmap{Meta: meta(record.MiscKernel), PID: 1<<32 - 1, Addr: 0x1000, Len: 0x20, Filename: "[kernel.kallsyms]_text"},
			"MMAP -1/0: [0x1000(0x20) @ 0]: x [kernel.kallsyms]_text"},
		{&record.Mmap2{Meta: meta(0), PID: 7, TID: 7, Addr: 0x1000, Len: 0x20, PgOff: 0x3000, Maj: 0xfe, Inode: 12, InodeGeneration: 3, Prot: 5, Flags: 2, Filename: "/bin/ls"},
			"MMAP2 7/7: [0x1000(0x20) @ 0x3000 fe:00 12 3]: r-xp /bin/ls"},
		{&record.Mmap2{Meta: meta(record.MiscMmapBuildID), PID: 7, TID: 7, Addr: 0x1000, Len: 0x20, BuildIDSize: 2, BuildID: [20]byte{0xab, 1}, Prot: 7, Flags: 1, Filename: "/bin/ls"},
			"MMAP2 7/7: [0x1000(0x20) @ 0 <ab01>]: rwxs /bin/ls"},
		{&record.Lost{Meta: meta(0), ID: 1, Lost: 12}, "LOST lost 12"},
		{&record.Switch{Meta: meta(record.MiscSwitchOut), CPUWide: true, PID: 3, TID: 4}, "SWITCH_CPU_WIDE OUT          next pid/tid:     3/4    "},
		{&record.Switch{Meta: meta(0)}, "SWITCH IN         "},
		{&record.Ksymbol{Meta: meta(0), Addr: 0xff, Len: 3, Kind: 1, Name: "bpf_prog"}, "KSYMBOL addr ff len 3 type 1 flags 0x0 name bpf_prog"},
		{&record.BPFEvent{Meta: meta(0), Kind: 1, ID: 6}, "BPF_EVENT type 1, flags 0, id 6"},
		{&record.CGroup{Meta: meta(0), ID: 5, Path: "/a"}, "CGROUP cgroup: 5 /a"},
	} {
		it := session.Item{Event: e, Layout: e.Layout, Bytes: record.Append(e.Layout, nil, tt.body), Thread: &session.Thread{PID: 7, TID: 8, Comm: "prog"}}
		if d := cmp.Diff(start+tt.want+"\n", string(p.AppendRecord(nil, &it))); d != "" {
			t.Error(d)
		}
	}
}

func BenchmarkAppendSample(b *testing.B) {
	e := event("cycles", 0, 0, someFields)
	l, err := New([]*session.Event{e}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	p := printer(b, l)
	s := record.Sample{Misc: record.MiscUser, PID: 7, TID: 8, Time: 3718052921000, IP: 0x1234, Period: 10}
	it := session.Item{Event: e, Layout: e.Layout, Bytes: e.Layout.AppendSample(nil, &s), Thread: &session.Thread{PID: 7, TID: 8, Comm: "prog"}}
	dst := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		decoded, err := p.Sample(&it)
		if err != nil {
			b.Fatal(err)
		}
		dst = p.AppendSample(dst[:0], &it, decoded)
	}
}
