package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// outputFiles are the files of a recording: one, or with --switch-output one after the other.
type outputFiles struct {
	path   string
	stamp  bool // the name gets the time at which the file was complete
	max    int  // files with a time that are kept, 0: all
	tell   func(format string, args ...any)
	done   []string  // files with a time
	last   time.Time // in the name of the last of them
	writer *perfdata.Writer
}

// create creates the first file.
func (o *outputFiles) create() (w *perfdata.Writer, err error) {
	o.writer, err = perfdata.Create(o.path)
	return o.writer, err
}

// next closes a file that is complete, gives it the name with the time, and creates the next one.
func (o *outputFiles) next(w *perfdata.Writer) (*perfdata.Writer, error) {
	if err := w.Close(); err != nil {
		return nil, err
	}
	if err := o.rename(); err != nil {
		return nil, err
	}
	o.tell("[ gperf record: Dump %s ]", o.done[len(o.done)-1])
	return o.create()
}

// close closes the last file and returns what it is called in the end.
func (o *outputFiles) close() (string, error) {
	if err := o.writer.Close(); err != nil {
		return o.path, fmt.Errorf("closing %s: %w", o.path, err)
	}
	if !o.stamp {
		return o.path, nil
	}
	several := len(o.done) > 0
	if err := o.rename(); err != nil {
		return o.path, err
	}
	if several {
		o.tell("[ gperf record: Dump %s ]", o.done[len(o.done)-1])
		return o.path + ".<timestamp>", nil
	}
	return o.done[0], nil
}

// rename gives the file its name with the time, and removes the oldest if there are too many.
func (o *outputFiles) rename() error {
	const tick = 10 * time.Millisecond
	now := time.Now()
	if next := o.last.Add(tick); now.Before(next) {
		now = next // the names' order is the files', also where the oldest have gone and their names are free
	}
	name, at, err := stamped(o.path, now, tick)
	if err != nil {
		return err
	}
	if err := os.Rename(o.path, name); err != nil {
		return err
	}
	o.done, o.last = append(o.done, name), at
	if o.max > 0 && len(o.done) > o.max {
		oldest := o.done[0]
		o.done = o.done[1:]
		if err := os.Remove(oldest); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// stamped is the path with the time behind it as perf writes it, to the hundredth of a second (tick); a later one if that is taken.
func stamped(path string, now time.Time, tick time.Duration) (string, time.Time, error) {
	const tries = 10000
	for range tries {
		name := fmt.Sprintf("%s.%s%02d", path, now.Format("20060102150405"), now.Nanosecond()/int(tick))
		if _, err := os.Lstat(name); os.IsNotExist(err) {
			return name, now, nil
		} else if err != nil {
			return "", now, err
		}
		now = now.Add(tick)
	}
	return "", now, fmt.Errorf("no name is free behind %s", filepath.Base(path))
}

// setSwitch takes --switch-output, --max-size and what goes with them.
func (o *recordOptions) setSwitch(note func(string, ...any)) (err error) {
	if o.maxSize != "" {
		if o.maxBytes, err = sizeWithUnit("max-size", o.maxSize); err != nil {
			return err
		}
	}
	if o.switchFiles < 0 {
		return wrongValue("switch-max-files", strconv.Itoa(o.switchFiles), "a number of files")
	}
	if o.switchOutput == "" && len(o.triggers.words) > 0 {
		o.switchOutput = "signal"
	}
	if o.switchOutput == "" {
		return nil
	}
	if o.output == "-" {
		return &exitError{129, "--switch-output needs files: the standard output is one", "name the file with -o"}
	}
	o.stampName, o.noBuildIDs = true, true // looking over each file takes time in which records are lost
	const form = "signal, a size such as 100M, or a time such as 30s, 5m, 1h, 1d"
	text := o.switchOutput
	if text == "signal" {
		return nil
	}
	if n, unit, ok := number(text); ok && n > 0 {
		if every, isTime := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[unit]; isTime && n < 1<<20 {
			o.switchEvery = time.Duration(n) * every
			return nil
		}
		if o.switchBytes, err = sizeWithUnit("switch-output", text); err == nil {
			return nil
		}
	}
	return wrongValue("switch-output", text, form)
}
