package main

import (
	"math/bits"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/recorder"
)

func (o *recordOptions) setFrequency(func(string, ...any)) error {
	switch o.frequency {
	case "":
		return nil
	case "max":
		o.open.Freq = evlist.FreqMax
		return nil
	}
	n, err := strconv.ParseUint(o.frequency, 0, 63)
	if err != nil || n == 0 {
		return wrongValue("freq", o.frequency, "a number of samples a second, or max")
	}
	o.open.Freq = n
	return nil
}

func (o *recordOptions) setCallchain(func(string, ...any)) error {
	how, size, sized := strings.Cut(o.callGraph, ",")
	switch {
	case how == "" && o.framePtrs, how == "fp":
		o.open.Callchain = evlist.CallchainFP
	case how == "lbr":
		o.open.Callchain = evlist.CallchainLBR
	case how == "dwarf":
		o.open.Callchain = evlist.CallchainDWARF
	case how != "":
		return wrongValue("call-graph", o.callGraph, "fp, dwarf[,BYTES] or lbr")
	}
	if !sized {
		return nil
	}
	n, err := strconv.ParseUint(size, 0, 32)
	if err != nil || n == 0 || how != "dwarf" {
		return wrongValue("call-graph", o.callGraph, "fp, dwarf[,BYTES] or lbr")
	}
	o.open.StackSize = uint32(n)
	return nil
}

// pagesOf takes a number of pages, or bytes with a unit; either is rounded up to a power of two pages.
func pagesOf(text string, note func(string, ...any)) (int, error) {
	const form = "a number of pages, or a size such as 512K, 2M"
	digits := strings.TrimRight(text, "BKMGbkmg")
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || n == 0 {
		return 0, wrongValue("mmap-pages", text, form)
	}
	page := uint64(os.Getpagesize())
	if unit := strings.ToUpper(text[len(digits):]); unit != "" {
		shift, ok := map[string]int{"B": 0, "K": 10, "M": 20, "G": 30}[unit]
		if !ok {
			return 0, wrongValue("mmap-pages", text, form)
		}
		n = (n<<shift + page - 1) / page
	}
	if n > 1<<20 {
		return 0, wrongValue("mmap-pages", text, "at most 1048576 pages")
	}
	if rounded := uint64(1) << bits.Len64(n-1); rounded != n {
		note("rounding the buffers to %d kB (%d pages)", rounded*page>>10, rounded)
		n = rounded
	}
	return int(n), nil
}

// setDelay takes --delay: how long to wait, or the times in which events are on.
func (o *recordOptions) setDelay(func(string, ...any)) error {
	const form = "a number of milliseconds, times such as 10-20,30-40 of which each begins after the one before has ended, or -1"
	milliseconds := func(text string) (time.Duration, bool) {
		n, err := strconv.ParseUint(text, 10, 32)
		return time.Duration(n) * time.Millisecond, err == nil
	}
	ok := true
	switch {
	case o.delay == "-1":
		o.wait = -1
	case strings.ContainsAny(o.delay, "-,"):
		for word := range strings.SplitSeq(o.delay, ",") {
			from, to, _ := strings.Cut(strings.TrimSpace(word), "-")
			var s recorder.Span
			var fromOK, toOK bool
			s.From, fromOK = milliseconds(from)
			s.To, toOK = milliseconds(to)
			ok = ok && fromOK && toOK && s.From < s.To && (len(o.spans) == 0 || o.spans[len(o.spans)-1].To < s.From)
			o.spans = append(o.spans, s)
		}
		o.open.Paused = true
	case o.delay != "":
		o.wait, ok = milliseconds(o.delay)
	}
	o.open.Delayed = o.wait != 0 || len(o.spans) > 0 && o.spans[0].From > 0
	if !ok {
		return wrongValue("delay", o.delay, form)
	}
	return nil
}

// setClock takes the names that perf has for CLOCK_*, or a number.
func (o *recordOptions) setClock(func(string, ...any)) error {
	if o.clock == "" {
		return nil
	}
	name := strings.TrimPrefix(strings.ToLower(o.clock), "clock_")
	names := map[string]int32{
		"realtime": 0, "monotonic": 1, "mono": 1, "monotonic_raw": 4, "raw": 4, "boottime": 7, "boot": 7, "tai": 11,
	}
	id, ok := names[name]
	if !ok {
		n, err := strconv.ParseInt(o.clock, 0, 32)
		if err != nil {
			return wrongValue("clockid", o.clock, "monotonic, monotonic_raw, boottime, realtime or tai")
		}
		id = int32(n)
	}
	o.open.ClockID = &id
	return nil
}

// number splits a number from its unit.
func number(text string) (n int64, unit string, ok bool) {
	unit = strings.TrimLeft(text, "0123456789")
	n, err := strconv.ParseInt(text[:len(text)-len(unit)], 10, 64)
	return n, unit, err == nil
}

// sizeWithUnit takes a size, which needs a unit, as in perf.
func sizeWithUnit(flag, text string) (int64, error) {
	n, unit, ok := number(text)
	shift, known := map[string]int{"B": 0, "K": 10, "M": 20, "G": 30}[unit]
	if !ok || !known || n <= 0 || n > 1<<62>>shift {
		return 0, wrongValue(flag, text, "a size with its unit B, K, M or G, such as 100M")
	}
	return n << shift, nil
}
