package main

import "github.com/gperf-dev/gperf/internal/sampletext"

// shown makes a message fit for a terminal, which obeys control characters: names of files, functions and variables are
// other people's. Line ends and tabs stay.
func shown(message string) string {
	var b []byte
	from := 0
	for i := range len(message) {
		if c := message[i]; c == '\n' || c == '\t' {
			b = append(sampletext.AppendEscaped(b, message[from:i]), c)
			from = i + 1
		}
	}
	return string(sampletext.AppendEscaped(b, message[from:]))
}
