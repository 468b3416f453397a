package dwarfunit

import (
	"debug/dwarf"
	"debug/elf"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// rowText is what is compared of a row.
type rowText struct {
	Addr           uint64
	Path           string
	Line           int
	Stmt, Pro, End bool
}

// TestLines compares every row with the standard library's reading of it.
func TestLines(t *testing.T) {
	all := objects(t)
	for _, f := range seedFiles(t) {
		std, err := f.DWARF()
		if err != nil {
			t.Fatal(err)
		}
		d, err := New(sectionsOf(f))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, object{"seed", d, std, f})
	}
	for _, o := range all {
		t.Run(o.name, func(t *testing.T) {
			if n := compareLines(t, o); n < 5 {
				t.Errorf("%d rows", n)
			}
		})
	}
}

// TestLinesKernel compares some of a kernel's units.
func TestLinesKernel(t *testing.T) {
	testkit.Need(t, testkit.KernelLab)
	path, err := testkit.Vmlinux()
	if err != nil {
		t.Fatal(err)
	}
	o := load(t, path)
	units := o.data.Units
	o.data.Units = nil
	for i := 0; i < len(units); i += 200 {
		o.data.Units = append(o.data.Units, units[i])
	}
	if n := compareLines(t, o); n < 3000 {
		t.Errorf("%d rows", n)
	}
}

func compareLines(t *testing.T, o object) (rows int) {
	t.Helper()
	for i := range o.data.Units {
		c, err := o.data.Context(i)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Lines()
		if err != nil {
			t.Fatal(err)
		}
		r := o.std.Reader()
		r.Seek(dwarf.Offset(c.U.First))
		unit, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		lr, err := o.std.LineReader(unit)
		if err != nil {
			t.Fatal(err)
		}
		if got == nil || lr == nil {
			if got != nil || lr != nil {
				t.Errorf("unit %d: lines %v, the library's %v", i, got != nil, lr != nil)
			}
			continue
		}
		compareRows(t, got, lr)
		rows += len(got.Rows)
	}
	return rows
}

func compareRows(t *testing.T, table *LineTable, lr *dwarf.LineReader) {
	t.Helper()
	var got, want []rowText
	for _, r := range table.Rows {
		got = append(got, rowText{r.Addr, filepath.Clean(table.Path(uint64(r.File))), int(r.Line), r.Flags&LineStmt != 0, r.Flags&LinePrologueEnd != 0, r.Flags&LineEnd != 0})
	}
	var e dwarf.LineEntry
	for {
		err := lr.Next(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		path := "."
		if e.File != nil {
			path = filepath.Clean(e.File.Name)
		}
		want = append(want, rowText{e.Address, path, e.Line, e.IsStmt, e.PrologueEnd, e.EndSequence})
	}
	slices.SortStableFunc(want, func(a, b rowText) int {
		switch {
		case a.Addr < b.Addr, a.Addr == b.Addr && a.End && !b.End:
			return -1
		case a.Addr > b.Addr, a.Addr == b.Addr && b.End && !a.End:
			return 1
		}
		return 0
	})
	for i := range min(len(got), len(want)) { // the library puts directories before relative names, and some absolute ones
		if strings.HasSuffix(want[i].Path, got[i].Path) {
			want[i].Path = got[i].Path
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("-library +ours:\n%.3000s", diff)
	}
}

// TestLinesOfAssembler reads advances that compilers do not write.
func TestLinesOfAssembler(t *testing.T) {
	text := ".globl _start\n_start:\n.fill 70000, 1, 0x90\nnop\n" + strings.Repeat("\n", 3000) + "ret\n"
	for _, flags := range []string{"-gdwarf-5", "-gdwarf-3"} {
		if n := compareLines(t, load(t, compileLines(t, "a.s", text, flags))); n < 3 {
			t.Errorf("%s: %d rows", flags, n)
		}
	}
}

// TestLinesWide reads a table in 64-bit DWARF, which the library does not read.
func TestLinesWide(t *testing.T) {
	const text = "int f(int n)\n{\n\tn++;\n\treturn n;\n}\nint _start(void)\n{\n\treturn f(2);\n}\n"
	var want []LineRow
	for _, flags := range []string{"-gdwarf-5", "-gdwarf64"} {
		f, err := elf.Open(compileLines(t, "b.c", text, flags))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		d, err := New(sectionsOf(f))
		if err != nil {
			t.Fatal(err)
		}
		c, err := d.Context(0)
		if err != nil {
			t.Fatal(err)
		}
		table, err := c.Lines()
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = table.Rows
		}
		if diff := cmp.Diff(want, table.Rows); diff != "" || len(want) < 5 || !strings.HasSuffix(table.Path(1), "b.c") {
			t.Errorf("%s: %d rows of %s: %s", flags, len(want), table.Path(1), diff)
		}
	}
}

// compileLines makes a program of one file.
func compileLines(t *testing.T, name, text, flags string) string {
	t.Helper()
	testkit.Need(t, testkit.GCC)
	dir := t.TempDir()
	src, out := filepath.Join(dir, name), filepath.Join(dir, "a")
	if err := os.WriteFile(src, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if msg, err := exec.Command("gcc", "-g", flags, "-nostdlib", "-static", "-o", out, src).CombinedOutput(); err != nil {
		t.Fatalf("gcc %s: %v\n%s", flags, err, msg)
	}
	return out
}

// FuzzLines reads any bytes as line tables.
func FuzzLines(f *testing.F) {
	for _, file := range seedFiles(f) {
		s := sectionsOf(file)
		f.Add(s.Line, append(s.LineStr, s.Str...), false)
	}
	abbrev := []byte{1, TagCompileUnit, 0, AttrStmtList, FormSecOffset, 0, 0, 0}
	f.Fuzz(func(t *testing.T, line, str []byte, short bool) {
		info := []byte{13, 0, 0, 0, 5, 0, unitCompile, 8, 0, 0, 0, 0, 1, 0, 0, 0, 0}
		if short {
			info[7] = 4
		}
		d, err := New(Sections{Info: info, Abbrev: abbrev, Line: line, Str: str, LineStr: str, StrOffsets: str})
		if err != nil {
			t.Fatal(err)
		}
		c, err := d.Context(0)
		if err != nil {
			t.Fatal(err)
		}
		table, err := c.Lines()
		isFormat(t, err)
		if table == nil {
			return
		}
		if len(table.Rows) > len(line) {
			t.Errorf("%d rows of %d bytes", len(table.Rows), len(line))
		}
		for _, r := range table.Rows {
			table.Path(uint64(r.File))
			table.Covering(r.Addr)
			table.StatementAt(r.Addr)
		}
	})
}
