package recorder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// finish looks once over the records and completes the recording by what that tells.
func (r *run) finish() error {
	r.summary.Bytes += r.w.BytesWritten()
	late := &perfdata.Features{SampleTime: new(perfdata.SampleTime)} // perf writes zeros where it did not look
	if !r.o.NoBuildIDs && !r.w.Stream() {
		seen, err := lookOver(r.w, r.o.Root)
		if err != nil {
			return err
		}
		late.SampleTime, late.BuildIDs = &seen.times, seen.files
		r.w.SetLosses(seen.all)
		r.summary.Samples += seen.samples
		for _, l := range seen.losses {
			r.summary.lose(l.Event, l.Records)
		}
	}
	if err := r.w.Finish(late); err != nil {
		return fmt.Errorf("completing the recording: %w", err)
	}
	return nil
}

// seen is what one look over the records of a file tells.
type seen struct {
	samples uint64
	times   perfdata.SampleTime
	files   []record.BuildID // that were mapped executable
	losses  []Loss           // of events whose losses the kernel does not count
	all     perfdata.Losses
	mended  int // records that the kernel wrote wrong
}

// lookOver counts samples and losses, finds the first and the last sample's time, and the files that were mapped.
func lookOver(w *perfdata.Writer, root fs.FS) (*seen, error) {
	in, err := w.Reread()
	if err != nil {
		return nil, fmt.Errorf("looking over the recording: %w", err)
	}
	defer in.Close()
	out := &seen{times: perfdata.SampleTime{First: ^uint64(0)}}
	files := newFiles(root)
	var rec record.Record
	for {
		err := in.Next(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		mended := false
		if err == nil {
			mended, err = w.Mend(in, &rec)
		}
		if err != nil {
			return nil, fmt.Errorf("looking over the recording: %w", err)
		}
		if mended {
			out.mended++
		}
		switch rec.Type {
		case record.TypeSample:
			out.samples++
			if _, t, ok := in.Set().Find(rec.Bytes); ok {
				out.times.First, out.times.Last = min(out.times.First, t), max(out.times.Last, t)
			}
		case record.TypeLost:
			out.lostRecord(in, &rec)
		case record.TypeMmap, record.TypeMmap2:
			addFile(files, eventOf(in, &rec).Attr.Layout(), &rec)
		}
	}
	if out.samples == 0 {
		out.times = perfdata.SampleTime{}
	}
	out.files, out.all = files.ids, in.Losses()
	return out, nil
}

// eventOf is the event that wrote a record; the first one for records of the recorder's own.
func eventOf(in *perfdata.Reader, rec *record.Record) *perfdata.Event {
	events := in.Events()
	if i, _, ok := in.Set().Find(rec.Bytes); ok && i < len(events) {
		return &events[i]
	}
	return &events[0]
}

func addFile(files *files, layout *record.Layout, rec *record.Record) {
	body, err := record.Decode(layout, rec.Bytes)
	if err != nil {
		return // a file without a build-id is no reason to fail
	}
	switch m := body.(type) {
	case *record.Mmap:
		if m.Misc&record.MiscMmapData == 0 {
			files.add(m.Misc, m.PID, m.Filename)
		}
	case *record.Mmap2:
		if m.Misc&(record.MiscMmapData|record.MiscMmapBuildID) == 0 {
			files.add(m.Misc, m.PID, m.Filename)
		}
	}
}
