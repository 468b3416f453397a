package tracefs

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// oracleEvent is one event for the real perf to print.
type oracleEvent struct {
	system string
	text   []byte // format file
	id     int
	raw    []byte
}

// perfDied stands for the text of an event of which perf script dies.
const perfDied = "[perf died]"

// askPerf writes a recording with one sample an event and returns what perf
// script prints for each. It has its own writer: perfdata imports tracefs.
func askPerf(t *testing.T, events []oracleEvent) []string {
	t.Helper()
	testkit.Need(t, testkit.Perf)
	name := filepath.Join(t.TempDir(), "perf.data")
	if err := os.WriteFile(name, oracleFile(events), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("perf", "script", "-i", name, "--ns", "-F", "time,trace")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		// It dies of some events. Find them, and keep what it says of the others.
		if len(events) == 1 {
			t.Logf("perf script: %v: %.300s", err, stderr.Bytes())
			return []string{perfDied}
		}
		half := len(events) / 2
		return append(askPerf(t, events[:half]), askPerf(t, events[half:])...)
	}
	mark := regexp.MustCompile(`(?m)^ *(\d+)\.(\d{9}): ?`)
	at := mark.FindAllSubmatchIndex(out, -1)
	texts := make([]string, len(events))
	for i, m := range at {
		end := len(out)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		n, err := strconv.Atoi(string(out[m[4]:m[5]]))
		if err != nil || n < 1 || n > len(events) {
			t.Fatalf("perf script: unexpected line %q", out[m[0]:end])
		}
		texts[n-1] = string(bytes.TrimSuffix(out[m[1]:end], []byte("\n")))
	}
	if len(at) != len(events) {
		t.Fatalf("perf script printed %d of %d events\n%.2000s", len(at), len(events), stderr.Bytes())
	}
	return texts
}

// oracleFile is a minimal perf.data: attributes, samples, tracing data.
func oracleFile(events []oracleEvent) []byte {
	le := binary.LittleEndian
	const headerSize, attrSize = 104, 128
	ids := make(map[int]int)
	var order []oracleEvent
	for _, e := range events {
		if _, ok := ids[e.id]; !ok {
			ids[e.id] = len(order)
			order = append(order, e)
		}
	}
	b := make([]byte, headerSize)
	for i := range order {
		b = le.AppendUint64(b, uint64(i)+1)
	}
	attrs := len(b)
	for i, e := range order {
		a := make([]byte, attrSize)
		le.PutUint32(a, 2) // PERF_TYPE_TRACEPOINT
		le.PutUint32(a[4:], attrSize)
		le.PutUint64(a[8:], uint64(e.id))
		le.PutUint64(a[16:], 1)                     // period
		le.PutUint64(a[24:], 1<<16|1<<10|0x87|1<<8) // identifier, raw, ip, tid, time, cpu, period
		le.PutUint64(a[40:], 1<<18)                 // sample_id_all
		b = append(b, a...)
		b = le.AppendUint64(b, uint64(headerSize+8*i))
		b = le.AppendUint64(b, 8)
	}
	data := len(b)
	for i, e := range events {
		s := le.AppendUint64(nil, uint64(ids[e.id])+1)
		s = le.AppendUint64(s, 0xffffffff81000000)
		s = le.AppendUint32(le.AppendUint32(s, 1), 1)
		s = le.AppendUint64(s, uint64(i)+1)
		s = le.AppendUint64(s, 0) // cpu
		s = le.AppendUint64(s, 1) // period
		raw := append([]byte(nil), e.raw...)
		le.PutUint16(raw, uint16(e.id)) // common_type: perf looks the event up by it
		for (len(raw)+4)%8 != 0 {
			raw = append(raw, 0)
		}
		s = le.AppendUint32(s, uint32(len(raw)))
		s = append(s, raw...)
		b = le.AppendUint32(b, 9)
		b = le.AppendUint16(b, 1)
		b = le.AppendUint16(b, uint16(len(s)+8))
		b = append(b, s...)
	}
	end := len(b)
	tracing := oracleTracing(order)
	b = le.AppendUint64(b, uint64(end+16))
	b = le.AppendUint64(b, uint64(len(tracing)))
	b = append(b, tracing...)

	copy(b, "PERFILE2")
	for i, v := range []int{headerSize, attrSize + 16, attrs, data - attrs, data, end - data, 0, 0, 1 << 1} {
		le.PutUint64(b[8+8*i:], uint64(v))
	}
	return b
}

func oracleTracing(events []oracleEvent) []byte {
	le := binary.LittleEndian
	b := []byte("\x17\x08\x44tracing0.6\x00\x00\x08")
	b = le.AppendUint32(b, 4096)
	for _, n := range [...]string{"header_page", "header_event"} {
		text, _ := os.ReadFile(DefaultDir + "/events/" + n)
		b = append(append(b, n...), 0)
		b = append(le.AppendUint64(b, uint64(len(text))), text...)
	}
	b = le.AppendUint32(b, 0) // ftrace
	b = le.AppendUint32(b, uint32(len(events)))
	for _, e := range events {
		b = append(append(b, e.system...), 0)
		b = le.AppendUint32(b, 1)
		b = append(le.AppendUint64(b, uint64(len(e.text))), e.text...)
	}
	b = le.AppendUint32(b, 0) // kallsyms
	printk := "0x4000 : \"a string of the kernel\\n\"\n"
	b = append(le.AppendUint32(b, uint32(len(printk))), printk...)
	cmds := "1 init\n"
	return append(le.AppendUint64(b, uint64(len(cmds))), cmds...)
}

// fillRaw makes raw data that fits the format: numbers of all sizes and
// signs, texts where texts belong.
func fillRaw(f *Format, r *rand.Rand) []byte {
	size := 8
	for i := range f.Fields {
		size = max(size, f.Fields[i].Offset+f.Fields[i].Size)
	}
	raw := make([]byte, size)
	le := binary.LittleEndian
	le.PutUint16(raw, uint16(f.ID))
	for i := range f.Fields {
		fl := &f.Fields[i]
		b := raw[fl.Offset : fl.Offset+fl.Size]
		switch {
		case fl.dynamic():
			for j := 0; j+4 <= len(b); j += 4 {
				content := []byte(fmt.Sprintf("text%d", r.IntN(1000)))
				if !fl.IsString {
					content = make([]byte, 8*(1+r.IntN(3)))
					for k := range content {
						content[k] = byte(r.IntN(256))
					}
				} else {
					content = append(content, 0)
				}
				off := len(raw)
				if fl.IsRelDynamic {
					off -= fl.Offset + j + 4
				}
				le.PutUint32(b[j:], uint32(off)|uint32(len(content))<<16)
				raw = append(raw, content...)
				b = raw[fl.Offset : fl.Offset+fl.Size]
			}
		case fl.IsString:
			copy(b, fmt.Sprintf("name%d", r.IntN(100)))
			if len(b) > 0 {
				b[len(b)-1] = 0
			}
		case fl.IsArray:
			for k := range b {
				b[k] = byte(r.IntN(256))
			}
		default:
			fillNumber(b, r)
		}
	}
	return raw
}

// fillNumber stays below 2^31, where perf loses no bits and no signs.
func fillNumber(b []byte, r *rand.Rand) {
	var v uint64
	switch r.IntN(4) {
	case 0:
		v = uint64(r.IntN(2))
	case 1:
		v = uint64(r.IntN(16))
	case 2:
		v = 1 << r.IntN(min(8*len(b)-1, 30))
	case 3:
		v = r.Uint64N(1 << min(8*len(b)-1, 30))
	}
	var le [8]byte
	binary.LittleEndian.PutUint64(le[:], v)
	copy(b, le[:])
}

// oracleContext is what askPerf's recording tells perf.
func oracleContext() *Context {
	return &Context{
		Order:  binary.LittleEndian,
		Printk: ParsePrintkFormats([]byte("0x4000 : \"a string of the kernel\\n\"\n")).Lookup,
	}
}

// whyPerfIsWrong names what perf 6.1 prints wrong in a format, "" if nothing
// is known. docs/differences.md tells of each kind.
func whyPerfIsWrong(f *Format) string {
	constant := regexp.MustCompile(`\{ ?[^,{}"]*[A-Z][A-Z_]{2,}[^,{}"]*,`)
	switch {
	case strings.Contains(f.PrintFmt, "%c"):
		return "%c is not known to it"
	case constant.MatchString(f.PrintFmt):
		return "it takes constants that the kernel left as names for 0"
	case strings.Contains(f.PrintFmt, "__print_hex"):
		return "it reads beyond the array"
	case strings.Contains(f.PrintFmt, "| 0x00080000"), strings.Contains(f.PrintFmt, " < ((("), strings.Contains(f.PrintFmt, "nr_data + 1"),
		strings.Contains(f.PrintFmt, "(1))|(((1UL))"):
		return "its operators bind in the wrong order"
	case strings.Contains(f.PrintFmt, "%*phD"):
		return "it prints bytes of dynamic arrays only"
	case strings.Contains(f.PrintFmt, "63"):
		return "bit 63 counts as set in 0"
	case strings.Contains(f.PrintFmt, "(1 << REC->"):
		return "shift beyond an int"
	}
	return ""
}

// TestHostAgainstPerf prints every event of this kernel with made-up data and
// compares with the real perf.
func TestHostAgainstPerf(t *testing.T) {
	var formats []hostFormat
	for _, f := range hostFormats(t) {
		text, err := At(DefaultDir).FormatText(f.System, f.Name)
		if err == nil {
			formats = append(formats, hostFormat{f, text})
		}
	}
	againstPerf(t, formats)
}

// hostFormat is a format with its text.
type hostFormat struct {
	*Format
	text []byte
}

// againstPerf lets perf and us print made-up data of formats.
func againstPerf(t *testing.T, formats []hostFormat) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var events []oracleEvent
	var asked []hostFormat
	for _, f := range formats {
		if f.System == "ftrace" || f.isProbe() {
			continue
		}
		for range 3 {
			events = append(events, oracleEvent{f.System, f.text, f.ID, fillRaw(f.Format, r)})
			asked = append(asked, f)
		}
	}
	equal, failed, wrong := 0, 0, 0
	for i, want := range askPerf(t, events) {
		f := asked[i]
		got := string(f.AppendText(nil, events[i].raw, oracleContext()))
		switch {
		case got == want:
			equal++
		case strings.HasPrefix(want, "[FAILED") && f.PrintErr() == nil:
			failed++
		case want == perfDied, whyPerfIsWrong(f.Format) != "":
			wrong++
		default:
			t.Errorf("%s:%s\n got %q\nwant %q\n%s", f.System, f.Name, got, want, f.PrintFmt)
		}
	}
	t.Logf("%d events: %d equal, %d that perf cannot print, %d that it prints wrong", len(events), equal, failed, wrong)
}
