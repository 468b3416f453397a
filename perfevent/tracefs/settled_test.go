package tracefs

import (
	"errors"
	"strings"
	"testing"
)

func TestSettled(t *testing.T) {
	long := func(s string) string { return strings.Repeat(s, seqPage) }
	gone := errors.New("gone")
	for _, test := range []struct {
		name     string
		readings []string // the last again and again; "!" fails
		want     string
		calls    int
		err      error
	}{
		{"one page", []string{"a", "b"}, "a", 1, nil},
		{"quiet", []string{long("a")}, long("a"), 2, nil},
		{"a line is missed", []string{long("ab"), long("abc")}, long("abc"), 3, nil},
		{"shrinks to a page", []string{long("ab"), "a", "b"}, "a", 2, nil},
		{"fails", []string{"!"}, "", 1, gone},
		{"fails later", []string{long("a"), "!"}, "", 2, gone},
	} {
		calls := 0
		got, err := settled(func() ([]byte, error) {
			r := test.readings[min(calls, len(test.readings)-1)]
			if calls++; r == "!" {
				return nil, gone
			}
			return []byte(r), nil
		})
		if string(got) != test.want || calls != test.calls || !errors.Is(err, test.err) {
			t.Errorf("%s: %d bytes, %d readings, %v", test.name, len(got), calls, err)
		}
	}
	calls := 0
	if _, err := settled(func() ([]byte, error) { calls++; return []byte(long(string(rune('a' + calls%20)))), nil }); err != nil || calls != maxReadings+1 {
		t.Errorf("a list that always changes: %d readings, %v", calls, err)
	}
}
