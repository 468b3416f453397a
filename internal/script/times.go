package script

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// TimeError is a --time that cannot be read or followed.
type TimeError struct {
	Text string
	What string
}

func (e *TimeError) Error() string { return fmt.Sprintf("time '%s': %s", e.Text, e.What) }

// Hint is the next step.
func (e *TimeError) Hint() string {
	return "write START,STOP in seconds (either may be left out), several with blanks between, or parts of the recording: 10%/2, 0%-20%"
}

// parseTimes reads perf's --time: "START,STOP" in seconds, several separated by blanks; or parts of the time between
// the first sample and the last, as "N%/M" (the M-th of the parts of N percent) or "A%-B%", several separated by
// commas. first and last are 0 if the recording does not tell them.
func parseTimes(text string, first, last uint64) ([]Span, error) {
	if strings.Contains(text, "%") {
		if last == 0 {
			return nil, &TimeError{text, "the recording does not tell the times of its first and last sample"}
		}
		return parseParts(text, first, last)
	}
	var spans []Span
	for word := range strings.FieldsSeq(text) {
		from, to, found := strings.Cut(word, ",")
		start, ok1 := parseSeconds(from)
		end, ok2 := parseSeconds(to)
		switch {
		case !ok1 || !ok2:
			return nil, &TimeError{text, "it is no number of seconds"}
		case found && to != "" && end < start:
			return nil, &TimeError{text, "it ends before it starts"}
		}
		spans = append(spans, Span{start, end})
	}
	if len(spans) == 0 {
		return nil, &TimeError{text, "it is empty"}
	}
	return spans, nil
}

// parseSeconds reads a decimal number of seconds exactly; nothing is 0.
func parseSeconds(s string) (uint64, bool) {
	if s == "" {
		return 0, true
	}
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) > 9 {
		frac = frac[:9]
	}
	sec, err := strconv.ParseUint(whole, 10, 33)
	if err != nil {
		return 0, false
	}
	ns, err := strconv.ParseUint(frac+"000000000"[len(frac):], 10, 64)
	return sec*1e9 + ns, err == nil
}

func parseParts(text string, first, last uint64) ([]Span, error) {
	total := float64(last - first)
	var spans []Span
	for word := range strings.SplitSeq(text, ",") {
		var from, to float64
		if size, index, found := strings.Cut(word, "%/"); found {
			p, err1 := strconv.ParseFloat(size, 64)
			i, err2 := strconv.ParseUint(index, 10, 32)
			if err1 != nil || err2 != nil || i == 0 || p <= 0 {
				return nil, &TimeError{text, "it is not of the form N%/M"}
			}
			from, to = p*float64(i-1), p*float64(i)
		} else {
			a, b, _ := strings.Cut(word, "%-")
			var err1, err2 error
			from, err1 = strconv.ParseFloat(a, 64)
			to, err2 = strconv.ParseFloat(strings.TrimSuffix(b, "%"), 64)
			if err1 != nil || err2 != nil {
				return nil, &TimeError{text, "it is not of the form A%-B%"}
			}
		}
		if from < 0 || from > 100 || to < from || math.IsNaN(to) {
			return nil, &TimeError{text, "a part lies outside the recording"}
		}
		to = min(to, 100)
		spans = append(spans, Span{first + uint64(math.Round(from*total/100)), first + uint64(math.Round(to*total/100))})
	}
	return spans, nil
}
