package dwarfvars

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestReturnedARM64: where a structure is returned that has no function of its own to copy it; the guest of TestARM64Guest records some.
func TestReturnedARM64(t *testing.T) {
	testkit.Need(t, testkit.Clang, testkit.LLD)
	prog := filepath.Join(t.TempDir(), "prog")
	testkit.Run(t, "clang", "--target=aarch64-linux-gnu", "-x", "c++", "-std=c++17", "-w", "-O1", "-gdwarf-5", "-ffreestanding", "-fno-exceptions", "-nostdlib", "-static",
		"-fuse-ld=lld", "-o", prog, filepath.Join("testdata", "returnedarm64.cc"))
	i := openProgram(t, prog, Options{})
	const lost, floats = "only the caller has", "in floating point registers"
	for _, test := range []struct{ fn, member, want string }{
		{"give_two", ".a", "x0 from 0"},
		{"give_two", ".b", "x0 from 32"},
		{"give_odd", ".a", "x0 from 0"},
		{"give_odd", ".b", "x1 from 0"},
		{"give_odd", ".c", "x1 from 8"},
		{"give_mixed", ".f", "x0 from 0"},
		{"give_mixed", ".d", "x1 from 0"},
		{"give_nested", ".t.b", "x0 from 32"},
		{"give_nested", ".in.d", "x1 from 0"},
		{"give_either", ".f", "x0 from 0"},
		{"give_quad", ".v[0]", floats},
		{"give_doubles", ".d", floats},
		{"give_reals", ".f", floats},
		{"give_vec", ".v[0]", floats},
		{"give_ints", "[0]", floats},
		{"give_big", ".a", lost},
		{"give_five", ".v[0]", lost},
		{"give_owner", ".p", lost},
	} {
		places, err := i.Places(test.fn, PlaceOptions{})
		if err != nil || len(places) != 1 {
			t.Errorf("%s: %+v, %v", test.fn, places, err)
			continue
		}
		at, _, ok := i.AtReturn(places[0].Entry, places[0].Entry+4)
		if !ok {
			t.Errorf("%s: not known at its return", test.fn)
			continue
		}
		l, err := i.Value(at, mustExpr(Result+test.member))
		got := fmt.Sprint(err)
		if err == nil {
			first := 8 * l.Offset
			if l.Bits != nil {
				first += int64(l.Bits.Offset)
			}
			got = fmt.Sprintf("x%d from %d", l.Reg, first)
		}
		if !strings.Contains(got, test.want) || err == nil && l.Kind != Register {
			t.Errorf("%s%s: %s, %+v; want %s", test.fn, test.member, got, l, test.want)
		}
	}
}
