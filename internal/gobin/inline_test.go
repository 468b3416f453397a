package gobin

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/dwarffile"
	"github.com/gperf-dev/gperf/internal/inlines"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestInlinedLikeDWARF asks for each address of the code, and wants what the debug information says.
func TestInlinedLikeDWARF(t *testing.T) {
	testkit.Need(t, testkit.Go)
	for _, tt := range forms() {
		t.Run(tt.name, func(t *testing.T) {
			testkit.Need(t, tt.needs...)
			inlinedLikeDWARF(t, build(t, tt.env, tt.flags...))
			_, b := open(t, build(t, tt.env, append(tt.flags, "-ldflags=-s -w")...))
			if f := b.Functions.Named("main.main"); len(f) != 1 {
				t.Errorf("stripped: %d functions main.main", len(f))
			} else if _, ok := b.Functions.Inlined(nil, f[0].Entry); !ok {
				t.Error("of a stripped program nothing is known")
			}
		})
	}
}

func inlinedLikeDWARF(t *testing.T, path string) {
	t.Helper()
	f, b := open(t, path)
	d, err := dwarffile.Load(f, f, dwarffile.Options{Functions: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	table := inlines.New(d.Data)
	same, bad := 0, 0
	for fn := range b.Functions.All() {
		for pc := fn.Entry; pc < fn.End; pc += 4 {
			got, ok := b.Functions.Inlined(nil, pc)
			want := table.At(nil, pc)
			switch {
			case !ok:
				t.Fatalf("%s %#x: nothing is known", fn.Name, pc)
			case !slices.Equal(got, want):
				if bad++; bad < 5 {
					t.Errorf("%s %#x: %q, the debug information has %q", fn.Name, pc, got, want)
				}
			case len(got) > 0:
				same++
			}
		}
	}
	if same < 10_000 || bad > 0 {
		t.Errorf("%d addresses have inlined functions, %d differ", same, bad)
	}
}

// treeTable is a table of one function, f, of twelve bytes: the second four are outer's, the last inner's, which is in outer. from is where
// inner was called; trees are its nodes.
func treeTable(from uint32) (table, trees []byte) {
	le := binary.LittleEndian
	const names, pctab = "f\x00outer\x00inner\x00\x00\x00", "\x00\x00\x04\x02\x04\x02\x04\x00"
	const namesAt, pctabAt, funcsAt = 72, 72 + len(names), 72 + len(names) + len(pctab)
	table = append(table, "\xf1\xff\xff\xff\x00\x00\x01\x08"...)
	for _, word := range []uint64{1, 0, 0x401000, namesAt, 0, 0, uint64(pctabAt), uint64(funcsAt)} {
		table = le.AppendUint64(table, word)
	}
	table = append(append(table, names...), pctab...)
	for _, v := range []uint32{0, 12, 12 /* end */, 0, 0, 0, 0, 0, 0, 0, 3 /* tables */, 0, 0, 4 << 24 /* data */, 0, 0, 1, ^uint32(0), ^uint32(0), ^uint32(0), 0} {
		table = le.AppendUint32(table, v)
	}
	for _, v := range []uint32{0, 2, 1, 0, 0, 8, from, 0} {
		trees = le.AppendUint32(trees, v)
	}
	return table, trees
}

// TestInlinedTable reads a small table, one in which a function is in itself for ever, and damaged ones.
func TestInlinedTable(t *testing.T) {
	ask := func(b, trees []byte, addr uint64) (string, bool) {
		table, err := parseTable(b)
		if err != nil {
			t.Fatal(err)
		}
		if trees != nil && table.plausible(trees) {
			table.trees = trees
		}
		names, ok := table.Inlined(nil, addr)
		return strings.Join(names, " "), ok
	}
	b, trees := treeTable(5)
	for addr, want := range map[uint64]string{0x401000: "", 0x401003: "", 0x401004: "outer", 0x401008: "inner outer", 0x40100b: "inner outer"} {
		if got, ok := ask(b, trees, addr); got != want || !ok {
			t.Errorf("%#x: %q, %v, want %q", addr, got, ok, want)
		}
	}
	for name, trees := range map[string][]byte{"no trees": nil, "nothing": {}, "no names": bytes.Repeat([]byte{0xee}, 64)} {
		if got, ok := ask(b, trees, 0x401008); got != "" || ok {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
	if got, ok := ask(b, trees, 0x40100c); got != "" || ok {
		t.Errorf("behind the function: %q, %v", got, ok)
	}
	if got, _ := ask(b, trees[:16], 0x401008); got != "" {
		t.Errorf("a tree that is cut short: %q", got)
	}
	b, trees = treeTable(9)
	if got, _ := ask(b, trees, 0x401008); strings.Count(got, "inner") != maxInlined {
		t.Errorf("for ever: %q", got)
	}
}
