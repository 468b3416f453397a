package main

import (
	"fmt"
	"time"

	"github.com/gperf-dev/gperf/perfevent/recorder"
)

// progressAfter is how long a recording goes on before its progress is shown.
const progressAfter = 3 * time.Second

// eraseLine puts the cursor at the line's begin and clears it.
const eraseLine = "\r\x1b[K"

// progress gives what shows on a terminal how far a recording is; nil where standard error is none, under -q, and where the command writes to the
// same terminal.
func (r *recording) progress() func(recorder.Progress) {
	if r.o.quiet || !isTerminal(r.app.err) || r.command != nil && isTerminal(r.app.out) {
		return nil
	}
	begin := time.Now()
	return func(p recorder.Progress) {
		took := time.Since(begin)
		if took < progressAfter {
			return
		}
		r.onLine.Store(true)
		fmt.Fprint(r.app.err, eraseLine+progressText(took, p))
	}
}

func progressText(took time.Duration, p recorder.Progress) string {
	return fmt.Sprintf("[ gperf record: %s, %d samples, %.3f MB, %d lost ]", took.Truncate(time.Second), p.Events, float64(p.Bytes)/1024/1024, p.Lost)
}

// clearLine takes the progress away before something else is told.
func (r *recording) clearLine() {
	if r.onLine.Swap(false) {
		fmt.Fprint(r.app.err, eraseLine)
	}
}
