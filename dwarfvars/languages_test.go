package dwarfvars

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestARM64 reads a program of the other machine.
func TestARM64(t *testing.T) {
	testkit.Need(t, testkit.Go)
	out := filepath.Join(t.TempDir(), "prog")
	cmd := exec.Command("go", "build", "-o", out, "main.go")
	cmd.Dir = filepath.Join("testdata", "golang")
	cmd.Env = append(os.Environ(), "GOARCH=arm64", "GOOS=linux", "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	i := openProgram(t, out, Options{})
	if i.Machine() != elf.EM_AARCH64 {
		t.Fatalf("machine %v", i.Machine())
	}
	places, err := i.Places("main.handle", PlaceOptions{})
	if err != nil || len(places) != 1 {
		t.Fatal(places, err)
	}
	for _, tt := range []struct {
		expr string
		want Location
	}{
		{"r", Location{Kind: Register, Reg: 0}},
		{"r->id", Location{Kind: Memory, Reg: 0}},
		{"r->name.str", Location{Kind: Memory, Reg: 0, Offset: 8}},
		{"r->tags.len", Location{Kind: Memory, Reg: 0, Offset: 32}},
		{"n", Location{Kind: Register, Reg: 1}},
		{"name.str", Location{Kind: Register, Reg: 2}},
		{"name.len", Location{Kind: Register, Reg: 3}},
		{"name.str[2]", Location{Kind: Memory, Reg: 2, Offset: 2}},
		{"share", Location{Kind: Register, Reg: 64}},
	} {
		got, err := i.Value(places[0], mustExpr(tt.expr))
		if err != nil || got.Kind != tt.want.Kind || got.Reg != tt.want.Reg || got.Offset != tt.want.Offset || len(got.Derefs) != 0 || got.Bits != nil {
			t.Errorf("%s: %+v, %v; want %+v", tt.expr, got, err, tt.want)
		}
	}
}

func TestCPlusPlus(t *testing.T) {
	testkit.Need(t, testkit.GXX)
	for _, flags := range [][]string{{"-O2", "-gdwarf-5"}, {"-O2", "-gdwarf-4"}} {
		out := filepath.Join(t.TempDir(), "prog")
		args := append([]string{"-o", out, filepath.Join("testdata", "classes.cc")}, flags...)
		if msg, err := exec.Command("g++", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, msg)
		}
		i := openProgram(t, out, Options{})
		for _, tt := range []struct {
			fn, symbol, expr string
			want             Location
		}{
			{"send", "_ZN3app4conn4sendEi", "this->fd", Location{Kind: Memory, Reg: 5, Offset: 4}},
			{"send", "_ZN3app4conn4sendEi", "this->id", Location{Kind: Memory, Reg: 5}},
			{"_ZN3app5queryERNS_4connEi", "_ZN3app5queryERNS_4connEi", "c.fd", Location{Kind: Memory, Reg: 5, Offset: 4}},
			{"_ZN3app5queryEi", "_ZN3app5queryEi", "n", Location{Kind: Register, Reg: 5}},
		} {
			places, err := i.Places(tt.fn, PlaceOptions{})
			if err != nil || len(places) != 1 || places[0].Symbol != tt.symbol {
				t.Errorf("%s: %+v, %v", tt.fn, places, err)
				continue
			}
			got, err := i.Value(places[0], mustExpr(tt.expr))
			if err != nil || got.Kind != tt.want.Kind || got.Reg != tt.want.Reg || got.Offset != tt.want.Offset || len(got.Derefs) != 0 {
				t.Errorf("%s %s: %+v, %v; want %+v", tt.fn, tt.expr, got, err, tt.want)
			}
		}
		if places, err := i.Places("query", PlaceOptions{}); err != nil || len(places) != 2 {
			t.Errorf("both overloads of query: %+v, %v", places, err)
		}
	}
}
