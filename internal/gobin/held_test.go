package gobin

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestHeld compares the types that are errors with the symbols of their tables, and reads the same from a stripped program.
func TestHeld(t *testing.T) {
	testkit.Need(t, testkit.Go)
	for _, tt := range []struct {
		name       string
		env, flags []string
	}{
		{name: "static"},
		{name: "pie", flags: []string{"-buildmode=pie"}},
		{name: "arm64", env: []string{"GOARCH=arm64"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := open(t, build(t, tt.env, tt.flags...))
			symbols, err := symtab.FromELF(f)
			if err != nil {
				t.Fatal(err)
			}
			tables := 0
			for s := range symbols.All() {
				if strings.HasPrefix(s.Name, "go:itab.") && strings.HasSuffix(s.Name, ",error") {
					tables++
				}
			}
			texts := map[string]bool{"*errors.errorString": true, "*fs.PathError": true, "syscall.Errno": false}
			held := Held(f, "error")
			for _, h := range held {
				if text, ok := texts[h.Name]; ok && text == h.Text && h.Addr%8 == 0 {
					delete(texts, h.Name)
				}
			}
			types := OpenTypes(f)
			for _, h := range held {
				if got, ok := types.At(h.Addr); !ok || got != h {
					t.Errorf("at %#x is %v, want %v", h.Addr, got, h)
				}
			}
			if got, ok := types.At(1); ok {
				t.Errorf("at no address is %v", got)
			}
			if len(held) != tables || len(texts) > 0 {
				t.Errorf("%d errors, %d tables; not found as they are: %v; of %v", len(held), tables, texts, held)
			}
			stripped, _ := open(t, build(t, tt.env, append(tt.flags, "-ldflags=-s -w")...))
			if n := len(Held(stripped, "error")); n != len(held) {
				t.Errorf("stripped: %d errors, want %d", n, len(held))
			}
			if n := len(Held(stripped, "no such")); n != 0 {
				t.Errorf("%d types of no interface", n)
			}
		})
	}
}

func FuzzHeld(f *testing.F) {
	const base = 0x1000
	b := make([]byte, 0x200)
	put := func(at int, v uint64) {
		for i := range 8 {
			b[at+i] = byte(v >> (8 * i))
		}
	}
	put(0, base+0x10)       // the only table:
	put(0x10, base+0x40)    // the interface
	put(0x18, base+0x80)    // and the type
	put(0x40+40, 0x180)     // names
	put(0x80+40, 0x190)     //
	b[0x80+kindField] = 22  // a pointer
	put(0x80+48, base+0xc0) // to a structure
	b[0xc0+kindField] = 25
	put(0xc0+fieldsField, base+0x120)
	put(0xc0+fieldsField+8, 1)
	put(0x128, base+0x140) // whose first field is a string
	b[0x140+kindField] = 24
	copy(b[0x180:], "\x00\x05error")
	copy(b[0x190:], "\x00\x07*main.E")
	read := func(b []byte) []HeldType {
		t := typeReader{find: func(uint64) section { return section{base, b} }, links: base, count: 1 + len(b)/64, base: base}
		return t.held("error")
	}
	if got := read(b); len(got) != 1 || got[0] != (HeldType{base + 0x80, "*main.E", true, reflect.Pointer}) {
		f.Fatalf("%v", got)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, h := range read(b) {
			if h.Name == "" || strings.ContainsAny(h.Name, "\x00\n\x1b") {
				t.Errorf("%q", h.Name)
			}
		}
	})
}
