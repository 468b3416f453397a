package recorder

import (
	"errors"
	"fmt"
	"io"

	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// finish looks once over the records and completes the recording by what that tells.
func (r *run) finish() error {
	r.summary.Bytes = r.w.BytesWritten()
	late := &perfdata.Features{SampleTime: new(perfdata.SampleTime)} // perf writes zeros where it did not look
	if !r.o.NoBuildIDs && !r.w.Stream() {
		if err := r.review(late); err != nil {
			return err
		}
	}
	if err := r.w.Finish(late); err != nil {
		return fmt.Errorf("completing the recording: %w", err)
	}
	return nil
}

// review counts samples, finds the first and the last one's time, and the files that were mapped executable.
func (r *run) review(late *perfdata.Features) error {
	in, err := r.w.Reread()
	if err != nil {
		return fmt.Errorf("looking over the recording: %w", err)
	}
	defer in.Close()
	times := perfdata.SampleTime{First: ^uint64(0)}
	files := newFiles(r.o.Root)
	var rec record.Record
	for {
		err := in.Next(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("looking over the recording: %w", err)
		}
		switch rec.Type {
		case record.TypeSample:
			r.summary.Samples++
			if _, t, ok := in.Set().Find(rec.Bytes); ok {
				times.First, times.Last = min(times.First, t), max(times.Last, t)
			}
		case record.TypeLost:
			r.lostRecord(in.Set(), &rec)
		case record.TypeMmap, record.TypeMmap2:
			r.addFile(files, in.Set(), &rec)
		}
	}
	if r.summary.Samples == 0 {
		times = perfdata.SampleTime{}
	}
	late.SampleTime = &times
	late.BuildIDs = files.ids
	return nil
}

func (r *run) addFile(files *files, set *record.Set, rec *record.Record) {
	layout := r.layout
	if i, _, ok := set.Find(rec.Bytes); ok && i < len(r.list.Events()) {
		layout = r.list.Events()[i].Attr.Layout()
	}
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
