package recorder

import (
	"fmt"
	"time"

	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// Rotation tells when a recording goes on in another file. Without Next it does not.
type Rotation struct {
	// Size is how large a file becomes, in bytes of records; 0: as large as it may be.
	Size int64
	// Every is how long a file is written; 0: as long as it may be.
	Every time.Duration
	// Next is given the Writer of a file that is complete, which it closes, and gives one for the next file.
	Next func(*perfdata.Writer) (*perfdata.Writer, error)
}

// sizeReached tells whether the file has grown to a limit; 0 is none.
func (r *run) sizeReached(limit int64) bool { return limit > 0 && r.w.BytesWritten() >= limit }

// rotate completes the file and begins the next one, which again tells of all that was there before.
func (r *run) rotate() error {
	if err := r.complete(); err != nil {
		return err
	}
	w, err := r.o.Rotation.Next(r.w)
	if err != nil {
		return fmt.Errorf("going on in the next file: %w", err)
	}
	r.w = w
	return r.open()
}

// open begins a file.
func (r *run) open() error {
	if r.o.Compress != 0 {
		if err := r.w.Compress(r.o.Compress); err != nil {
			return err
		}
	}
	r.w.Live(r.o.Sync)
	features := *r.features
	if err := r.w.Begin(r.events, &features); err != nil {
		return fmt.Errorf("beginning the recording: %w", err)
	}
	if !r.o.TailSynthesize {
		if err := r.synthesize(); err != nil {
			return fmt.Errorf("writing what was there before: %w", err)
		}
	}
	return nil
}

// complete writes what the end of a file has to tell.
func (r *run) complete() error {
	if r.o.Overwrite {
		if err := r.snapshot(); err != nil {
			return err
		}
	}
	if r.o.TailSynthesize {
		if err := r.synthesize(); err != nil {
			return fmt.Errorf("writing what was there: %w", err)
		}
	}
	if err := r.lostSamples(); err != nil {
		return err
	}
	return r.finish()
}

// snapshot writes what the rings hold that overwrite themselves. They stand still meanwhile.
func (r *run) snapshot() error {
	rings := r.list.Rings()
	for _, ring := range rings {
		if err := ring.Pause(true); err != nil {
			return err
		}
	}
	for _, ring := range rings {
		a, b := ring.PeekLatest()
		if len(a)+len(b) == 0 {
			continue
		}
		if err := r.w.WriteRaw(a, b); err != nil {
			return err
		}
	}
	for _, ring := range rings {
		if err := ring.Pause(false); err != nil {
			return err
		}
	}
	return nil
}
