package gobin

import (
	"testing"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestFrameLikeDebugFrame compares the depth of the stack at each fourth byte of the code with what the linker wrote for debuggers.
func TestFrameLikeDebugFrame(t *testing.T) {
	testkit.Need(t, testkit.Go)
	for _, tt := range []struct {
		name       string
		env, flags []string
		call       int64 // bytes that a call pushes
	}{
		{name: "static", call: 8},
		{name: "pie", flags: []string{"-buildmode=pie"}, call: 8},
		{name: "arm64", env: []string{"GOARCH=arm64"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, b := open(t, build(t, tt.env, tt.flags...))
			data, err := f.Section(".debug_frame")
			if err != nil {
				t.Fatal(err)
			}
			frames := dwarfunit.NewFrameTable(dwarfunit.FrameSection{Data: data})
			same, tops := 0, 0
			for fn := range b.Functions.All() {
				for pc := fn.Entry; pc < fn.End; pc += 4 {
					row, ok, err := frames.Row(pc)
					if err != nil {
						t.Fatal(err)
					}
					got, known := b.Functions.Frame(pc)
					if !ok || !known {
						continue // what fills up to the next function
					}
					if got.Name != fn.Name || row.CFA.Reg != b.Machine.SP || row.CFA.Offset != got.Delta+tt.call {
						t.Fatalf("%s %#x: %+v, .debug_frame has %+v", fn.Name, pc, got, row)
					}
					same++
					for _, r := range row.Registers {
						if r.Reg == row.Return && r.Kind == dwarfunit.RuleUndefined {
							if tops++; !got.Top {
								t.Errorf("%s %#x has no caller", fn.Name, pc)
							}
						}
					}
				}
			}
			if same < 50_000 || tops == 0 && tt.call == 0 { // the linker marks them only where a register has the return address
				t.Errorf("%d places compared, %d without a caller", same, tops)
			}
			exit := b.Functions.Named("runtime.goexit")
			if got, _ := b.Functions.Frame(exit[0].Entry + 1); !got.Top {
				t.Errorf("runtime.goexit has a caller: %+v", got)
			}
		})
	}
}

// FuzzFrame asks a table of any bytes, and trees of inlined functions of any.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("\xf1\xff\xff\xff\x00\x00\x01\x08 a table of Go"), []byte(nil), uint64(0))
	b, trees := treeTable(5)
	f.Add(b, trees, uint64(8))
	f.Fuzz(func(t *testing.T, b, trees []byte, addr uint64) {
		table, err := parseTable(b)
		if err != nil {
			return
		}
		table.trees = trees
		for i := range min(table.Len(), 100) {
			table.Frame(table.At(i).Entry + addr)
			if names, _ := table.Inlined(nil, table.At(i).Entry+addr); len(names) > maxInlined {
				t.Errorf("%d functions in each other", len(names))
			}
		}
	})
}
