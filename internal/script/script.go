package script

import (
	"cmp"
	"context"
	"debug/elf"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gperf-dev/gperf/internal/headertext"
	"github.com/gperf-dev/gperf/internal/jsonout"
	"github.com/gperf-dev/gperf/internal/ordered"
	"github.com/gperf-dev/gperf/internal/sampletext"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/session"
	"github.com/gperf-dev/gperf/symbolize"
)

// Input is what a script is made of.
type Input struct {
	Source session.Source
	// About returns the recording's header as far as it is known; it is asked after the first samples were read.
	About func() *headertext.Recording
}

// Options of a script. The zero value prints all samples in perf's default layout.
type Options struct {
	Text       sampletext.Options
	Filter     Filter
	Times      string // perf's --time, "" for all
	Show       Show
	Header     bool              // print the header first
	HeaderOnly bool              // and nothing else
	JSON       bool              // lines of jsonout instead of text: the recording, its samples, the end
	Inlines    session.Inlines   // in which call chains inlined functions are shown
	Names      symbolize.Options // where names come from; KernelID and BuildIDs are the recording's if they are nil
}

// Stats is what a script has printed and what it could not.
type Stats struct {
	session.Stats
	Damaged uint64            // samples that their layout does not fit
	Unwinds session.Unwinds   // chains that registers and stack told
	Unnamed []session.Unnamed // where names were missing although the user can do something about it, in order
}

// Run prints the samples of in to w. It returns what was counted, also with an error.
func Run(ctx context.Context, w io.Writer, in Input, o Options) (Stats, error) {
	e := &engine{o: o}
	err := e.run(ctx, w, in)
	st := Stats{Damaged: e.damaged.Load(), Unnamed: e.unnamed(), Unwinds: e.unwinds()}
	if e.session != nil {
		st.Stats = e.session.Stats()
		st.Damaged += st.Stats.Damaged
	}
	if o.JSON {
		if end := writeEnd(w, st); !errors.Is(err, end) { // what could not be written before is not told twice
			err = errors.Join(err, end)
		}
	}
	return st, err
}

// writeEnd writes the last line of JSON, also behind what could be read of a damaged recording.
func writeEnd(w io.Writer, st Stats) error {
	line, err := json.Marshal(&jsonout.End{Type: "end", Samples: st.Samples, Lost: st.Lost, LostSamples: st.LostSample, Damaged: st.Damaged})
	if err == nil {
		_, err = w.Write(append(line, '\n'))
	}
	return err
}

// unnamed puts together what the workers could not name. They have ended.
func (e *engine) unnamed() []session.Unnamed {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make(map[session.Unnamed]struct{})
	for _, r := range e.resolvers {
		for u := range r.Unnamed() {
			all[u] = struct{}{}
		}
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b session.Unnamed) int {
		return cmp.Or(strings.Compare(a.Module, b.Module), cmp.Compare(a.Why, b.Why))
	})
}

// unwinds adds up what the workers unwound. They have ended.
func (e *engine) unwinds() (all session.Unwinds) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range e.resolvers {
		u := r.Unwinds()
		all.Chains += u.Chains
		all.Cut += u.Cut
		all.Narrow += u.Narrow
	}
	return all
}

type engine struct {
	o       Options
	session *session.Session
	layout  *sampletext.Layout
	symbols *symbolize.Symbolizer
	damaged atomic.Uint64
	machine elf.Machine // EM_NONE if the recording does not tell

	mu        sync.Mutex
	resolvers []*session.Resolver // one a worker
}

func (e *engine) run(ctx context.Context, w io.Writer, in Input) error {
	var err error
	if e.session, err = session.New(in.Source, session.Options{Records: e.o.Show.records()}); err != nil {
		return err
	}
	// What the header and the events' lines need is known of a stream only when its first sample is there.
	var first session.Batch
	readErr := e.session.Next(&first)
	about := in.About()
	if err := e.writeHead(w, about); err != nil {
		return err
	}
	if e.o.HeaderOnly {
		return damage(about)
	}
	if err := e.completeFilter(about); err != nil {
		return err
	}
	e.o.Text.Machine, e.machine = machine(about), elfMachine(about)
	if e.layout, err = sampletext.New(e.session.Events(), e.o.Text); err != nil {
		return err
	}
	e.symbols = symbolize.New(e.names(about))
	defer e.symbols.Close()
	next := func(b *session.Batch) error {
		if first.Items != nil {
			*b, first = first, session.Batch{}
			return nil
		}
		if readErr != nil {
			return readErr
		}
		return e.session.Next(b)
	}
	if err := ordered.Format(ctx, w, next, e.formatter); err != nil {
		return err
	}
	return damage(about)
}

// writeHead writes what stands before all events.
func (e *engine) writeHead(w io.Writer, about *headertext.Recording) error {
	var head []byte
	var err error
	if e.o.JSON {
		if head, err = headertext.AppendJSON(head, about); err != nil {
			return err
		}
	}
	if e.o.Header || e.o.HeaderOnly {
		head = headertext.Append(head, about)
	}
	if len(head) > 0 {
		_, err = w.Write(head)
	}
	return err
}

// names says where symbols come from, by the recording's word where the caller leaves it open.
func (e *engine) names(about *headertext.Recording) symbolize.Options {
	names := e.o.Names
	if names.KernelID == nil {
		names.KernelID = kernelID(about.Features)
	}
	if names.BuildIDs == nil {
		names.BuildIDs = buildIDs(about.Features)
	}
	return names
}

// completeFilter ties the filter to the recording: parts of its time, and whether its samples tell what is asked for.
func (e *engine) completeFilter(about *headertext.Recording) (err error) {
	f := &e.o.Filter
	if e.o.Times != "" {
		var from, to uint64
		if t := about.Features.SampleTime; t != nil {
			from, to = t.First, t.Last
		}
		if f.Times, err = parseTimes(e.o.Times, from, to); err != nil {
			return err
		}
	}
	if len(f.CPUs) > 0 {
		return haveCPUs(e.session.Events())
	}
	return nil
}

// damage is the first of the features that could not be read: names and formats of events may be among them.
func damage(about *headertext.Recording) error {
	if len(about.Features.Damage) > 0 {
		return about.Features.Damage[0]
	}
	return nil
}

// formatter makes what one goroutine formats batches with.
func (e *engine) formatter() ordered.Formatter[session.Batch] {
	r := session.NewResolver(e.symbols.NewCache(), e.machine)
	r.Inlines = e.o.Inlines
	e.mu.Lock()
	e.resolvers = append(e.resolvers, r)
	e.mu.Unlock()
	p := e.layout.NewPrinter(r)
	return func(dst []byte, b *session.Batch) ([]byte, error) {
		for i := range b.Items {
			dst = e.item(dst, &b.Items[i], p, r)
		}
		return dst, nil
	}
}

func (e *engine) item(dst []byte, it *session.Item, p *sampletext.Printer, r *session.Resolver) []byte {
	f := &e.o.Filter
	if it.Header.Type != record.TypeSample {
		if e.o.JSON {
			return dst
		}
		return p.AppendRecord(dst, it)
	}
	if !f.early(it) {
		return dst
	}
	s, err := p.Sample(it)
	if err != nil {
		e.damaged.Add(1)
		return dst
	}
	if !f.cpu(it.Layout.SampleType&record.SampleCPU != 0, s.CPU) || !f.late(it, s, r) {
		return dst
	}
	if e.o.JSON {
		return p.AppendJSON(dst, it, s)
	}
	return p.AppendSample(dst, it, s)
}
