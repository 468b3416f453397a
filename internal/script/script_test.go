package script

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/headertext"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/session"
	"github.com/gperf-dev/gperf/symbolize"
)

// input makes a script of a recording in memory, without names.
func input(r *perfdata.Reader) Input {
	return Input{
		Source: session.File(r),
		About: func() *headertext.Recording {
			return &headertext.Recording{Info: r.Info(), Features: r.Features(), Events: r.Events(), Full: true}
		},
	}
}

func recordings(t testing.TB) [][]byte {
	files, err := filepath.Glob("../../cmd/gperf/testdata/golden/*.data")
	if err != nil || len(files) == 0 {
		t.Fatal("no recordings", err)
	}
	var all [][]byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

var everything = Options{Header: true, Show: Show{Tasks: true, Mmaps: true, Lost: true, Switches: true, Namespaces: true, CGroups: true, BPF: true},
	Names: noNames}

var noNames = symbolize.Options{NoKernel: true, Root: "/nonexistent"}

// FuzzRun reads recordings that anybody may have made.
func FuzzRun(f *testing.F) {
	for _, b := range recordings(f) {
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := perfdata.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		defer r.Close()
		var out bytes.Buffer
		if _, err := Run(context.Background(), &out, input(r), everything); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
		asJSON := everything
		asJSON.JSON = true
		if again, err := perfdata.NewReader(bytes.NewReader(b), int64(len(b))); err == nil {
			_, _ = Run(context.Background(), &out, input(again), asJSON) // errors are those of the text
			again.Close()
			if at := bytes.LastIndexByte(bytes.TrimSuffix(out.Bytes(), []byte("\n")), '\n') + 1; !json.Valid(out.Bytes()[at:]) {
				t.Errorf("the last line is no JSON: %q", out.Bytes()[at:])
			}
		}
		if bytes.ContainsAny(out.Bytes(), "\x1b\x07") {
			t.Error("a control character comes through")
		}
	})
}

func open(t testing.TB, b []byte) *perfdata.Reader {
	t.Helper()
	r, err := perfdata.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// A recording that is cut short is printed as far as it goes.
func TestRunOfCutRecording(t *testing.T) {
	whole := recordings(t)[0]
	r := open(t, whole)
	r = open(t, whole[:r.Info().DataOffset+r.Info().DataSize/2+1])
	st, err := Run(context.Background(), io.Discard, input(r), Options{Names: noNames})
	var corrupt *perfdata.CorruptError
	if !errors.As(err, &corrupt) || !corrupt.Cut {
		t.Errorf("error %v", err)
	}
	if st.Records == 0 {
		t.Error("nothing was read")
	}
}

func TestParseTimes(t *testing.T) {
	const first, last = 100e9, 200e9
	for _, tt := range []struct {
		text string
		want []Span
	}{
		{"1.5,2", []Span{{1.5e9, 2e9}}},
		{"1.5,", []Span{{1.5e9, 0}}},
		{",2.000000001", []Span{{0, 2e9 + 1}}},
		{"1,2 3,4", []Span{{1e9, 2e9}, {3e9, 4e9}}},
		{"10%/2", []Span{{110e9, 120e9}}},
		{"0%-10%,50%-60%", []Span{{100e9, 110e9}, {150e9, 160e9}}},
	} {
		got, err := parseTimes(tt.text, first, last)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: %s", tt.text, d)
		}
	}
	for _, text := range []string{"", "x", "2,1", "1,x", "10%/0", "0%/1", "120%-130%", "10%", "NaN%/1"} {
		if _, err := parseTimes(text, first, last); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if _, err := parseTimes("10%/1", 0, 0); err == nil {
		t.Error("a part of an unknown time is taken")
	}
}

func TestLosses(t *testing.T) {
	st := Stats{Damaged: 1}
	st.Lost, st.LostChunks, st.LostSample = 5, 2, 5
	if n := len(Losses(st)); n != 2 {
		t.Errorf("%d lines: %q", n, Losses(st))
	}
	cut := Losses(Stats{Unwinds: session.Unwinds{Chains: 9, Cut: 2, Narrow: 1}})
	if len(cut) != 2 || !strings.HasPrefix(cut[0], "2 of 9 call chains end where the copied stack does") || !strings.HasPrefix(cut[1], "1 samples are of 32-bit programs") {
		t.Errorf("%q", cut)
	}
	for range 7 {
		st.Unnamed = append(st.Unnamed, session.Unnamed{Module: "/bin/a\x1b", Why: symbolize.BuildIDMismatch})
	}
	lines := Losses(st)
	if n := len(lines); n != 2+5+1 || !strings.HasPrefix(lines[2], `names of /bin/a\x1b are missing: the file has changed`) || lines[7] != "names are missing in 2 more files" {
		t.Errorf("%d lines: %q", n, lines)
	}
	if len(Losses(Stats{})) != 0 {
		t.Error("nothing was lost")
	}
}

// BenchmarkRun prints a recording of tracepoints.
func BenchmarkRun(b *testing.B) {
	whole := recordings(b)[1]
	b.ReportAllocs()
	b.SetBytes(int64(len(whole)))
	for b.Loop() {
		r, err := perfdata.NewReader(bytes.NewReader(whole), int64(len(whole)))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Run(context.Background(), io.Discard, input(r), Options{Names: noNames}); err != nil {
			b.Fatal(err)
		}
	}
}
