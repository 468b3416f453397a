package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// TestOffsetsInFile asks for offsets of a program: the kernel takes all of them, also those that never fire or kill it.
func TestOffsetsInFile(t *testing.T) {
	r := open(t, Target{Exec: compile(t, "-O2")})
	events, err := resolve(t, r, "handle")
	if err != nil {
		t.Fatal(err)
	}
	begin, ok := r.image.file.FileOffset(events[0].Places[0].Address)
	if !ok {
		t.Fatal("handle is not in the file")
	}
	refused := 0
	for offset := begin; offset < begin+12; offset++ {
		var inside *BoundaryError
		switch _, err := resolve(t, r, fmt.Sprintf("%#x", offset)); {
		case errors.As(err, &inside):
			refused++
		case err != nil:
			t.Error(err)
		}
	}
	if refused == 0 {
		t.Error("no offset was refused")
	}
	var none *OffsetError
	if _, err := resolve(t, r, "0x10"); !errors.As(err, &none) || none.Size != 0 {
		t.Errorf("the ELF header: %v", err)
	}
	if _, err := resolve(t, r, fmt.Sprintf("%#x", r.image.file.Size())); !errors.As(err, &none) || none.Size == 0 {
		t.Errorf("the end of the file: %v", err)
	}
}

// TestCutFile probes a program whose code is missing, although its symbols are known from elsewhere: the loader would not start
// it, and the kernel would take the definition.
func TestCutFile(t *testing.T) {
	whole := open(t, Target{Exec: compile(t, "-O2")})
	events, err := resolve(t, whole, "handle")
	if err != nil {
		t.Fatal(err)
	}
	addr := events[0].Places[0].Address
	offset, ok := whole.image.file.FileOffset(addr)
	if !ok {
		t.Fatal("handle is not in the file")
	}
	b, err := os.ReadFile(whole.target.Exec)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cut")
	if err := os.WriteFile(path, b[:offset], 0o755); err != nil {
		t.Fatal(err)
	}
	cut := open(t, Target{Exec: path})
	var none *OffsetError
	if at, err := cut.at(&spot{addr: addr}); !errors.As(err, &none) || none.Size != offset {
		t.Errorf("%q, %v", at, err)
	}
}

// TestListUnreadable lists probes in a file that is gone, whose name has what looks like a reference counter.
func TestListUnreadable(t *testing.T) {
	l := NewLister(Options{}, nil, nil)
	for text, want := range map[string]string{
		"p:g/e /gone(x):0x0000000000001640":                           "  g:e                  (on 0x1640 in /gone(x))",
		"r:g/e /gone:0x0000000000001640 arg1=%ax":                     "  g:e                  (on 0x1640%return in /gone with arg1)",
		"p:g/e /gone:0x0000000000001640(0x0000000000002000) arg1=%ax": "  g:e                  (on 0x1640 in /gone with arg1)",
	} {
		line, err := tracefs.ParseProbeLine(tracefs.UProbe, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Text(context.Background(), line); got != want {
			t.Errorf("%s:\n got %q\nwant %q", text, got, want)
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// TestOffsetsInFunctions asks for each offset of functions whose instructions are hard to measure, or that are the last of their section.
func TestOffsetsInFunctions(t *testing.T) {
	r := open(t, Target{Exec: compileText(t, `
__asm__(".text; .type wide,@function; wide: .byte 0xc5,0xf8,0x77, 0x0f,0x01,0xcb, 0xc3; .size wide,.-wide\n"    // vzeroupper; stac; ret
	".type odd,@function; odd: .byte 0x90,0x90,0x06,0x90,0xc3; .size odd,.-odd\n");                              // an invalid one in the middle
int main(void) { return 0; }
__asm__(".pushsection .zlast,\"ax\"; .type last,@function; last: .byte 0x8d,0x44,0x7f,0x01,0xc3; .size last,.-last; .popsection");    // lea; ret
`)})
	for _, tt := range []struct {
		function string
		good     []int
		size     int
		unknown  bool
	}{{"wide", []int{0, 3, 6}, 7, false}, {"odd", []int{0}, 5, true}, {"last", []int{0, 4}, 5, false}} {
		for offset := range tt.size {
			_, err := resolve(t, r, fmt.Sprintf("%s+%d", tt.function, offset))
			var inside *BoundaryError
			switch good := slices.Contains(tt.good, offset); {
			case good && err != nil:
				t.Errorf("%s+%d: %v", tt.function, offset, err)
			case !good && (!errors.As(err, &inside) || inside.Unknown != tt.unknown):
				t.Errorf("%s+%d is not refused as it should be: %v", tt.function, offset, err)
			}
		}
	}
}

// compileText compiles a program of a test's own.
func compileText(t *testing.T, source string) string {
	t.Helper()
	testkit.Need(t, testkit.GCC)
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program+".c", []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	testkit.Run(t, "gcc", "-g", "-o", program, program+".c")
	return program
}

// TestThreadLocal: no build has such a variable where a probe could read it.
func TestThreadLocal(t *testing.T) {
	r := open(t, Target{Exec: compileText(t, "static _Thread_local int own; __attribute__((noinline)) int f(int n) { own += n; return own; }\n"+
		"int main(int c, char **v) { return f(c); }\n")})
	_, err := resolve(t, r, "f n own")
	var cannot *dwarfvars.UnsupportedError
	if !errors.As(err, &cannot) || !cannot.ThreadLocal || strings.Contains(cannot.Hint(), "rebuild") {
		t.Errorf("a variable of a thread: %v", err)
	}
}
