package dwarfunit

import (
	"debug/elf"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// frameTables returns the table of a file's .eh_frame, with and without the help of .eh_frame_hdr.
func frameTables(t testing.TB, path string) (plain, sorted *FrameTable) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	eh, hdr := f.Section(".eh_frame"), f.Section(".eh_frame_hdr")
	s := FrameSection{Addr: eh.Addr, HeaderAddr: hdr.Addr, EH: true}
	if s.Data, err = eh.Data(); err != nil {
		t.Fatal(err)
	}
	plain = NewFrameTable(s)
	if s.Header, err = hdr.Data(); err != nil {
		t.Fatal(err)
	}
	if sorted = NewFrameTable(s); sorted.index == nil {
		t.Fatal("the header's table was not taken")
	}
	return plain, sorted
}

// TestRowsLikeReadelf compares the rows of the C library, whose signal frames and hand-written assembly use most of the instructions.
func TestRowsLikeReadelf(t *testing.T) {
	testkit.Need(t, testkit.GCC) // comes with readelf
	const libc = "/lib/x86_64-linux-gnu/libc.so.6"
	text, err := exec.Command("readelf", "-wF", libc).Output()
	if err != nil && len(text) == 0 { // it fails if the separate debug file is not there
		t.Fatal(err)
	}
	plain, sorted := frameTables(t, libc)
	rows, expressions := 0, 0
	var columns []string
	lines := strings.Split(string(text), "\n")
	for _, line := range lines {
		f := strings.Fields(line)
		switch {
		case len(f) > 2 && f[0] == "LOC":
			columns = f[2:]
			continue
		case len(f) < 2 || len(f) != len(columns)+2 || len(f[0]) != 16 || !strings.ContainsAny(f[1], "+e"):
			continue
		}
		pc, err := strconv.ParseUint(f[0], 16, 64)
		if err != nil {
			continue
		}
		row, ok, err := plain.Row(pc)
		if err != nil {
			t.Fatalf("%#x: %v", pc, err)
		}
		if !ok { // the initial rows of common entries, which readelf shows at address 0
			if pc != 0 {
				t.Errorf("%#x is not covered", pc)
			}
			continue
		}
		if again, _, err := sorted.Row(pc); err != nil || !cmp.Equal(row, again) {
			t.Fatalf("%#x by the header: %v %s", pc, err, cmp.Diff(row, again))
		}
		if got := cfiText(row, columns); got != strings.Join(f[1:], " ") {
			t.Fatalf("%#x: %s, readelf has %s", pc, got, strings.Join(f[1:], " "))
		}
		if rows++; row.CFA.Expr != nil {
			expressions++
		}
	}
	if rows < 10000 || expressions == 0 {
		t.Errorf("%d rows, %d with expressions", rows, expressions)
	}
}

// cfiText writes a row as readelf does.
func cfiText(row Row, columns []string) string {
	names := []string{"rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "ra"}
	out := "exp"
	if row.CFA.Expr == nil {
		out = fmt.Sprintf("%s%+d", names[row.CFA.Reg], row.CFA.Offset)
	}
	for _, c := range columns {
		text := "u"
		for _, r := range row.Registers {
			if r.Reg >= len(names) || names[r.Reg] != c {
				continue
			}
			switch r.Kind {
			case RuleOffset:
				text = fmt.Sprintf("c%+d", r.Offset)
			case RuleValOffset:
				text = fmt.Sprintf("v%+d", r.Offset)
			case RuleSameValue:
				text = "s"
			case RuleRegister:
				text = names[r.From]
			case RuleExpression:
				text = "exp"
			case RuleValExpression:
				text = "vexp"
			}
		}
		out += " " + text
	}
	return out
}

// TestInstructions runs instructions that compilers seldom write.
func TestInstructions(t *testing.T) {
	const offsetR3, restoreR3 = cfaOffset | 3, cfaRestore | 3
	for _, tt := range []struct {
		name  string
		insns []byte
		want  Row
	}{
		{"restore gives the common entry's rule", []byte{offsetR3, 9, restoreR3}, Row{CFA: Rule{Reg: 7, Offset: 8}, Registers: []RegisterRule{{Reg: 3, Kind: RuleOffset, Offset: -16}}}},
		{"remember and restore", []byte{cfaRememberState, cfaDefCFA, 6, 32, cfaUndefined, 3, cfaRestoreState}, Row{CFA: Rule{Reg: 7, Offset: 8}, Registers: []RegisterRule{{Reg: 3, Kind: RuleOffset, Offset: -16}}}},
		{"val_offset counts in data alignment", []byte{cfaValOffset, 3, 2}, Row{CFA: Rule{Reg: 7, Offset: 8}, Registers: []RegisterRule{{Reg: 3, Kind: RuleValOffset, Offset: -16}}}},
		{"signed factored offsets", []byte{cfaDefCFASF, 6, 0x7e, cfaOffsetExtendedSF, 3, 0x7f}, Row{CFA: Rule{Reg: 6, Offset: 16}, Registers: []RegisterRule{{Reg: 3, Kind: RuleOffset, Offset: 8}}}},
		{"register and expressions", []byte{cfaRegister, 3, 5, cfaExpression, 4, 1, 0x96, cfaValExpression, 5, 1, 0x31}, Row{CFA: Rule{Reg: 7, Offset: 8}, Registers: []RegisterRule{
			{Reg: 3, Kind: RuleRegister, From: 5}, {Reg: 4, Kind: RuleExpression, Expr: []byte{0x96}}, {Reg: 5, Kind: RuleValExpression, Expr: []byte{0x31}}}}},
		{"a later row does not count", []byte{cfaAdvanceLoc | 32, cfaSameValue, 3}, Row{CFA: Rule{Reg: 7, Offset: 8}, Registers: []RegisterRule{{Reg: 3, Kind: RuleOffset, Offset: -16}}}},
		{"signed twice", []byte{cfaAArch64NegateRAState, cfaAdvanceLoc | 1, cfaAArch64NegateRAState, cfaAArch64NegateRAState}, Row{CFA: Rule{Reg: 7, Offset: 8}, Signed: true, Registers: []RegisterRule{{Reg: 3, Kind: RuleOffset, Offset: -16}}}},
	} {
		tt.want.Return = 16
		row, ok, err := NewFrameTable(FrameSection{Data: debugFrame(tt.insns)}).Row(0x1010)
		if err != nil || !ok {
			t.Errorf("%s: %v %v", tt.name, ok, err)
		} else if d := cmp.Diff(tt.want, row); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
	for name, insns := range map[string][]byte{
		"unknown": {0x3f}, "cut short": {cfaDefCFA, 7}, "an expression longer than the entry": {cfaExpression, 3, 0x7f},
		"too many states": []byte(strings.Repeat("\x0a", maxSaved+1)),
	} {
		if _, _, err := NewFrameTable(FrameSection{Data: debugFrame(insns)}).Row(0x1010); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// debugFrame is a .debug_frame of one function, from 0x1000 to 0x1100, with the given instructions.
func debugFrame(insns []byte) []byte {
	cie := []byte{0xff, 0xff, 0xff, 0xff, 3, 0, 1, 0x78, 16, cfaDefCFA, 7, 8, cfaOffset | 3, 2}
	fde := append([]byte{0, 0, 0, 0, 0x00, 0x10, 0, 0, 0, 0, 0, 0, 0x00, 0x01, 0, 0, 0, 0, 0, 0}, insns...)
	var b []byte
	for _, e := range [][]byte{cie, fde} {
		b = append(append(b, byte(len(e)), byte(len(e)>>8), 0, 0), e...)
	}
	return b
}
