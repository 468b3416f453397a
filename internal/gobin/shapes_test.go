package gobin

import (
	"slices"
	"testing"
)

func TestTypesOf(t *testing.T) {
	for name, want := range map[string][]string{
		"main.F":                   nil,
		"main.F[int]":              {"int"},
		"main.(*P[string, int]).M": {"string", "int"},
		"main.F[map[string][2]int,func(int, string) (a, b int),struct { X, Y int }]": {"map[string][2]int", "func(int, string) (a, b int)", "struct { X, Y int }"},
		"main.F[go.shape.int].func1": {"go.shape.int"},
		"main.F]x[":                  nil,
	} {
		if got := typesOf(name); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestServes(t *testing.T) {
	for _, test := range []struct {
		shapes, types []string
		want          bool
	}{
		{[]string{"go.shape.int"}, []string{"int"}, true},
		{[]string{"go.shape.int"}, []string{"int64"}, false},
		{[]string{"go.shape.*uint8"}, []string{"*main.T"}, true},
		{[]string{"go.shape.*uint8"}, []string{"uint8"}, false},
		{[]string{"go.shape.[]main.T", "go.shape.string"}, []string{"[]main.T", "string"}, true},
		{[]string{"go.shape.string"}, []string{"main.Name"}, false}, // it may be, which only the debug information knows
		{[]string{"go.shape.int"}, []string{"int", "int"}, false},
		{[]string{"*uint8"}, []string{"*main.T"}, false},
	} {
		if got := serves(test.shapes, test.types, nil); got != test.want {
			t.Errorf("%q for %q: %v", test.shapes, test.types, got)
		}
	}
}
