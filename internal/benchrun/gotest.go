package benchrun

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// CommandError is a command whose test binaries cannot be counted.
type CommandError struct {
	Message string
	hint    string
}

func (e *CommandError) Error() string { return e.Message }

// Hint is the next step in words.
func (e *CommandError) Hint() string { return e.hint }

// GoTest tells whether a command is `go test`, and makes it run its test
// binaries by another program: the words that before gives, followed by the
// binary and its arguments. Compiling is not counted then. The error is a
// [*CommandError] or one of before.
func GoTest(argv []string, before func() ([]string, error)) (command []string, isGo bool, err error) {
	if len(argv) == 0 || filepath.Base(argv[0]) != "go" {
		return argv, false, nil
	}
	at := 1
	for at < len(argv) && strings.HasPrefix(argv[at], "-") { // go -C DIR test
		if argv[at] == "-C" || argv[at] == "--C" {
			at++
		}
		at++
	}
	if at >= len(argv) || argv[at] != "test" {
		return nil, true, &CommandError{"of go's commands only go test runs benchmarks", "gperf bench -- go test -bench . ./..."}
	}
	for _, arg := range argv[at+1:] {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if arg == "-args" || arg == "--args" {
			break
		}
		if strings.HasPrefix(arg, "-") && name == "exec" {
			return nil, true, &CommandError{"go test has an -exec already, which gperf bench needs for itself",
				"run gperf bench in it: -exec 'PROGRAM gperf bench --'"}
		}
	}
	words, err := before()
	if err != nil {
		return nil, true, err
	}
	for i, w := range words {
		if words[i], err = quote(w); err != nil {
			return nil, true, err
		}
	}
	return slices.Insert(slices.Clone(argv), at+1, "-exec="+strings.Join(words, " ")), true, nil
}

// quote makes a word one for the option -exec of go, which knows quotes and no
// escapes: see cmd/internal/quoted.
func quote(word string) (string, error) {
	switch {
	case word != "" && !strings.ContainsAny(word, " \t\r\n'\""):
		return word, nil
	case !strings.Contains(word, "'"):
		return "'" + word + "'", nil
	case !strings.Contains(word, `"`):
		return `"` + word + `"`, nil
	}
	return "", &CommandError{fmt.Sprintf("go test cannot be given a word with both quotes: %s", word), "leave one of them out"}
}
