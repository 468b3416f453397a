package statrun

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gperf-dev/gperf/internal/statview"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// ReportOptions tell how to print a recording of counts.
type ReportOptions struct {
	// View is how to print; its Aggregation is used only if Aggregate is set, else the recording's.
	View      statview.Options
	Aggregate bool
	Out       io.Writer
	Note      func(string)
}

// NoCountsError is a recording without counts.
type NoCountsError struct{ Path string }

func (e *NoCountsError) Error() string { return e.Path + " holds no counts" }

// Hint is the next step.
func (e *NoCountsError) Hint() string {
	return "'gperf stat record' makes one with counts; 'gperf script' prints samples"
}

// Report prints the counts of a recording, a block a round.
func Report(r *perfdata.Reader, o ReportOptions) error {
	p := &report{r: r, o: o}
	var rec record.Record
	for {
		err := r.Next(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errors.Join(err, p.notes())
		}
		if err := p.take(&rec); err != nil {
			return err
		}
	}
	if p.view == nil {
		return &NoCountsError{r.Info().Path}
	}
	return p.notes()
}

type report struct {
	r *perfdata.Reader
	o ReportOptions

	threads  []statview.Thread
	cpus     []int
	config   map[uint64]uint64
	own      map[int][]int // CPUs of events that are not on all
	readings statview.Readings
	seen     []bool
	view     *statview.View
	at       time.Duration
	buf      []byte
}

func (p *report) notes() error {
	if p.view != nil {
		for _, n := range p.view.Notes() {
			p.o.Note(n)
		}
	}
	return nil
}

// take takes one record.
func (p *report) take(rec *record.Record) error {
	switch rec.Type {
	case record.TypeThreadMap, record.TypeCPUMap, record.TypeStatConfig, record.TypeStat, record.TypeStatRound, record.TypeEventUpdate:
	default:
		return nil
	}
	body, err := record.Decode(nil, rec.Bytes)
	if err != nil {
		return err
	}
	switch b := body.(type) {
	case *record.ThreadMap:
		if p.threads == nil {
			for _, t := range b.Threads {
				p.threads = append(p.threads, statview.Thread{TID: int(int32(t.PID)), Comm: t.Comm})
			}
		}
	case *record.CPUMap:
		if p.cpus == nil {
			p.cpus = cpusOf(b)
		}
	case *record.StatConfig:
		p.config = map[uint64]uint64{}
		for _, t := range b.Terms {
			p.config[t.Tag] = t.Value
		}
	case *record.EventUpdate:
		p.ownCPUs(b)
	case *record.Stat:
		return p.stat(b)
	case *record.StatRound:
		return p.round(b)
	}
	return nil
}

// maxCells bounds CPUs times threads of a recording.
const maxCells = 1 << 22

func (p *report) ownCPUs(u *record.EventUpdate) {
	if u.Kind != record.EventUpdateCPUs {
		return
	}
	for i, e := range p.r.Events() {
		if slices.Contains(e.IDs, u.ID) {
			if p.own == nil {
				p.own = map[int][]int{}
			}
			p.own[i] = cpusOf(&u.CPUs)
		}
	}
}

func (p *report) cpusFor(event int) []int {
	if own, ok := p.own[event]; ok {
		return own
	}
	return p.cpus
}

// cpusOf are the CPUs of a map; -1 alone for any.
func cpusOf(m *record.CPUMap) []int {
	var out []int
	switch m.Kind {
	case record.CPUMapList:
		for _, c := range m.CPUs {
			out = append(out, int(int16(c)))
		}
	case record.CPUMapMask:
		for i, w := range m.Mask32 {
			out = appendBits(out, 32*i, uint64(w))
		}
		for i, w := range m.Mask64 {
			out = appendBits(out, 64*i, w)
		}
	case record.CPUMapRange:
		if m.Any != 0 {
			out = append(out, -1)
		}
		for c := int(m.Start); c <= int(m.End); c++ {
			out = append(out, c)
		}
	}
	return out
}

func appendBits(out []int, base int, word uint64) []int {
	for bit := range 64 {
		if word>>bit&1 != 0 {
			out = append(out, base+bit)
		}
	}
	return out
}

// stat takes one count.
func (p *report) stat(s *record.Stat) error {
	event, ok := p.r.Set().Event(s.ID)
	if len(p.r.Events()) == 1 {
		ok = slices.Contains(p.r.Events()[0].IDs, s.ID)
	}
	if !ok {
		return fmt.Errorf("a count has the id %d, which is no event's", s.ID)
	}
	cpus := p.cpusFor(event)
	cpu := slices.Index(cpus, int(int32(s.CPU)))
	if cpu < 0 || int(s.Thread) >= len(p.threads) || len(cpus)*len(p.threads) > maxCells {
		return fmt.Errorf("a count of %s is of CPU %d and thread %d, which the recording's lists do not have", p.r.Events()[event].Name, int32(s.CPU), s.Thread)
	}
	for len(p.readings) < len(p.r.Events()) {
		p.readings, p.seen = append(p.readings, nil), append(p.seen, false)
	}
	if p.readings[event] == nil {
		p.readings[event] = make([]statview.Value, len(cpus)*len(p.threads))
	}
	p.seen[event] = true
	p.readings[event][cpu*len(p.threads)+int(s.Thread)] = statview.Value{Count: s.Value, Enabled: s.Enabled, Running: s.Running}
	return nil
}

// round prints what was counted until now.
func (p *report) round(b *record.StatRound) error {
	if p.view == nil {
		p.view = statview.New(p.options())
	}
	for i, seen := range p.seen {
		if seen {
			p.view.Supported(i)
		}
	}
	at := time.Duration(b.Time)
	now := make(statview.Readings, len(p.r.Events()))
	for i := range p.readings {
		now[i] = slices.Clone(p.readings[i])
	}
	p.buf = p.buf[:0]
	if p.config[tagInterval] != 0 && at != 0 {
		p.view.AddInterval(now, statview.Run{Elapsed: at - p.at})
		p.buf = p.view.AppendInterval(p.buf, at)
		p.at = at
	} else {
		p.view.Add(now, statview.Run{Elapsed: at})
		p.buf = p.view.AppendTotals(p.buf)
	}
	if _, err := p.o.Out.Write(p.buf); err != nil {
		return fmt.Errorf("writing the counts: %w", err)
	}
	return nil
}

// options makes what is printed out of what the recording tells of itself.
func (p *report) options() statview.Options {
	v := p.o.View
	if !p.o.Aggregate || len(p.cpus) == 0 || p.cpus[0] < 0 {
		if p.o.Aggregate {
			p.o.Note("these are counts of threads, which cannot be told apart by CPU")
		}
		v.Aggregation = statview.Aggregation(p.config[tagAggregation])
	}
	switch v.Aggregation {
	case statview.PerCPU, statview.Global, statview.PerSocket, statview.PerDie, statview.PerCore, statview.PerThread, statview.PerNode:
	default:
		v.Aggregation = statview.Global
	}
	v.NoScale = p.config[tagScale] == 0 && p.config != nil
	v.Interval = p.config[tagInterval] != 0
	v.Title = "'pipe'"
	if argv := p.r.Features().Cmdline; len(argv) > 0 {
		v.Title = "'" + strings.Join(argv, " ") + "'"
	}
	v.CPUs, v.Threads, v.Places = p.cpus, p.threads, places(p.r.Features())
	if len(v.Threads) == 0 {
		v.Threads = []statview.Thread{{TID: -1}}
	}
	for i, e := range p.r.Events() {
		scale := e.Scale
		if scale == 0 {
			scale = 1
		}
		v.Events = append(v.Events, statview.Event{Name: e.Name, Unit: e.Unit, Scale: scale, Kind: kindOf(&e.Attr), Exclude: excludeOf(&e.Attr), Core: coreOf(&e.Attr),
			CPUs: p.cpusFor(i), Leader: e.Leader, Type: uint32(e.Attr.Type)})
	}
	return v
}
