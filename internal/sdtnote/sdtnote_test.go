package sdtnote

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/testkit"
)

func TestOperand(t *testing.T) {
	for _, tt := range []struct {
		machine elf.Machine
		text    string
		want    Operand // without Text
	}{
		{elf.EM_X86_64, "8@%rdi", Operand{Kind: Register, Size: 8, Register: "rdi"}},
		{elf.EM_X86_64, "-4@%edi", Operand{Kind: Register, Size: 4, Signed: true, Register: "rdi"}},
		{elf.EM_X86_64, "2@%ax", Operand{Kind: Register, Size: 2, Register: "rax"}},
		{elf.EM_X86_64, "1@%sil", Operand{Kind: Register, Size: 1, Register: "rsi"}},
		{elf.EM_X86_64, "1@%dl", Operand{Kind: Register, Size: 1, Register: "rdx"}},
		{elf.EM_X86_64, "1@%ch", Operand{Kind: Register, Size: 1, Register: "rcx", High: true}},
		{elf.EM_X86_64, "8@%r8", Operand{Kind: Register, Size: 8, Register: "r8"}},
		{elf.EM_X86_64, "-4@%r10d", Operand{Kind: Register, Size: 4, Signed: true, Register: "r10"}},
		{elf.EM_X86_64, "2@%r15w", Operand{Kind: Register, Size: 2, Register: "r15"}},
		{elf.EM_X86_64, "1@%r9b", Operand{Kind: Register, Size: 1, Register: "r9"}},
		{elf.EM_X86_64, "8f@%xmm0", Operand{Kind: Register, Size: 8, Float: true, Register: "xmm0"}},
		{elf.EM_X86_64, "%rax", Operand{Kind: Register, Size: 8, Register: "rax"}},
		{elf.EM_X86_64, "-4@$5", Operand{Kind: Immediate, Size: 4, Signed: true, Offset: 5}},
		{elf.EM_X86_64, "-8@$-7", Operand{Kind: Immediate, Size: 8, Signed: true, Offset: -7}},
		{elf.EM_X86_64, "8@$0xffffffffffffffff", Operand{Kind: Immediate, Size: 8, Offset: -1}},
		{elf.EM_X86_64, "8@$msg+4", Operand{Kind: Immediate, Size: 8, Symbol: "msg", Offset: 4}},
		{elf.EM_X86_64, "-4@-20(%rbp)", Operand{Kind: Memory, Size: 4, Signed: true, Register: "rbp", Offset: -20}},
		{elf.EM_X86_64, "8@(%rax)", Operand{Kind: Memory, Size: 8, Register: "rax"}},
		{elf.EM_X86_64, "-4@(%r8,%r9,4)", Operand{Kind: Memory, Size: 4, Signed: true, Register: "r8", Index: "r9", Scale: 4}},
		{elf.EM_X86_64, "8@16(%rdi,%rax)", Operand{Kind: Memory, Size: 8, Register: "rdi", Offset: 16, Index: "rax", Scale: 1}},
		{elf.EM_X86_64, "8@16(,%rax,8)", Operand{Kind: Memory, Size: 8, Offset: 16, Index: "rax", Scale: 8}},
		{elf.EM_X86_64, "-4@g(%rip)", Operand{Kind: Memory, Size: 4, Signed: true, Register: "rip", Symbol: "g"}},
		{elf.EM_X86_64, "1@2+arr(%rip)", Operand{Kind: Memory, Size: 1, Register: "rip", Symbol: "arr", Offset: 2}},
		{elf.EM_X86_64, "1@arr+0x10-2(%rip)", Operand{Kind: Memory, Size: 1, Register: "rip", Symbol: "arr", Offset: 14}},
		{elf.EM_X86_64, "8f@.LC0(%rip)", Operand{Kind: Memory, Size: 8, Float: true, Register: "rip", Symbol: ".LC0"}},
		{elf.EM_X86_64, "8@0x4010", Operand{Kind: Memory, Size: 8, Offset: 0x4010}},
		{elf.EM_386, "%eax", Operand{Kind: Register, Size: 4, Register: "rax"}},
		{elf.EM_AARCH64, "8@x0", Operand{Kind: Register, Size: 8, Register: "x0"}},
		{elf.EM_AARCH64, "-4@w30", Operand{Kind: Register, Size: 4, Signed: true, Register: "x30"}},
		{elf.EM_AARCH64, "8@sp", Operand{Kind: Register, Size: 8, Register: "sp"}},
		{elf.EM_AARCH64, "8f@d1", Operand{Kind: Register, Size: 8, Float: true, Register: "v1"}},
		{elf.EM_AARCH64, "-4@5", Operand{Kind: Immediate, Size: 4, Signed: true, Offset: 5}},
		{elf.EM_AARCH64, "-4@#-5", Operand{Kind: Immediate, Size: 4, Signed: true, Offset: -5}},
		{elf.EM_AARCH64, "8@[x1]", Operand{Kind: Memory, Size: 8, Register: "x1"}},
		{elf.EM_AARCH64, "-4@[sp, 16]", Operand{Kind: Memory, Size: 4, Signed: true, Register: "sp", Offset: 16}},
		{elf.EM_AARCH64, "-4@[x29,#-4]", Operand{Kind: Memory, Size: 4, Signed: true, Register: "x29", Offset: -4}},
		{elf.EM_AARCH64, "8@[x1, x2, lsl 3]", Operand{Kind: Memory, Size: 8, Register: "x1", Index: "x2", Scale: 8}},
		{elf.EM_AARCH64, "8@msg", Operand{Kind: Immediate, Size: 8, Symbol: "msg"}},
	} {
		got, err := ParseOperand(tt.machine, tt.text)
		if err != nil {
			t.Errorf("%v: %v", tt.machine, err)
		}
		tt.want.Text = tt.text
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%v %s (-want +got):\n%s", tt.machine, tt.text, diff)
		}
	}
}

func TestOperandErrors(t *testing.T) {
	for _, text := range []string{"", "8@", "3@%rax", "16@%rax", "x@%rax", "8@%rxx", "8@%r16", "8@%", "8@$", "8@$a+b", "8@(%rax", "8@4(%rax,%rbx,3)", "8@4(%rax,%rbx,1,1)",
		"8@4(%ah)", "8@4(%rax,5)", "8@-sym(%rip)", "8@a b", "8@%r8ddd"} {
		var e *OperandError
		if o, err := ParseOperand(elf.EM_X86_64, text); !errors.As(err, &e) || e.Hint() == "" {
			t.Errorf("%q is %+v, error %v", text, o, err)
		}
	}
	for _, text := range []string{"", "8@", "8@[x0", "8@[5]", "8@[x0, y]", "8@[x0, x1, lsl 3, 4]", "8@%rax"} {
		var e *OperandError
		if o, err := ParseOperand(elf.EM_AARCH64, text); !errors.As(err, &e) {
			t.Errorf("%q is %+v, error %v", text, o, err)
		}
	}
	if _, err := ParseOperand(elf.EM_S390, "8@%r2"); err == nil {
		t.Error("operands of a machine that is not known")
	}
}

func TestSplitArgs(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                 nil,
		"8@%rdi":                           {"8@%rdi"},
		" 8@%rdi  -4@4(%rax, %rbx, 4) 1@2": {"8@%rdi", "-4@4(%rax, %rbx, 4)", "1@2"},
		"8@[sp, 16] -4@w0":                 {"8@[sp, 16]", "-4@w0"},
	} {
		if got := SplitArgs(text); !slices.Equal(got, want) {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// note appends one note in the layout of the given byte order and size of addresses.
func note(order binary.AppendByteOrder, pointer int, pc, base, semaphore uint64, strs string) []byte {
	var desc []byte
	for _, v := range []uint64{pc, base, semaphore} {
		if pointer == 4 {
			desc = order.AppendUint32(desc, uint32(v))
		} else {
			desc = order.AppendUint64(desc, v)
		}
	}
	desc = append(desc, strs...)
	b := order.AppendUint32(nil, uint32(len(owner)))
	b = order.AppendUint32(b, uint32(len(desc)))
	b = order.AppendUint32(b, noteType)
	b = append(append(b, owner...), desc...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func TestNotes(t *testing.T) {
	other := []byte("\x04\x00\x00\x00\x04\x00\x00\x00\x03\x00\x00\x00GNU\x00abcd")
	b := append(other, note(binary.LittleEndian, 8, 0x1100, 0x2000, 0x3000, "p\x00n\x008@%rdi\x00")...)
	b = append(b, note(binary.LittleEndian, 8, 0x1200, 0x2000, 0, "p\x00m\x00\x00")...)
	got, _, msg := parse(b, binary.LittleEndian, 8, 0x2010, true)
	want := []Marker{{"p", "n", 0x1110, 0x3010, "8@%rdi"}, {"p", "m", 0x1210, 0, ""}}
	if msg != "" || !slices.Equal(got, want) {
		t.Errorf("%+v, %q, want %+v", got, msg, want)
	}
	b = note(binary.BigEndian, 4, 0x1100, 0x2000, 0x3000, "p\x00n\x00x\x00")
	if got, _, msg := parse(b, binary.BigEndian, 4, 0, false); msg != "" || len(got) != 1 || got[0] != (Marker{"p", "n", 0x1100, 0x3000, "x"}) {
		t.Errorf("%+v, %q", got, msg)
	}
	for name, tt := range map[string]struct {
		b    []byte
		want string
	}{
		"cut":        {b[:len(b)-8], "ends behind the section"},
		"no end":     {note(binary.BigEndian, 4, 1, 2, 3, "p\x00n\x00x"), "no end"},
		"no name":    {note(binary.BigEndian, 4, 1, 2, 3, "p\x00\x00x\x00"), "no name"},
		"no strings": {note(binary.BigEndian, 4, 1, 2, 3, ""), "no end"},
		"huge":       {append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, b[8:]...), "ends behind the section"},
	} {
		if _, _, msg := parse(tt.b, binary.BigEndian, 4, 0, false); !strings.Contains(msg, tt.want) {
			t.Errorf("%s: %q, want %q", name, msg, tt.want)
		}
	}
}

// TestReadelf compares with readelf, which knows these notes too.
func TestReadelf(t *testing.T) {
	testkit.Need(t, testkit.GCC, testkit.SDT)
	path := testkit.Compile(t, testkit.GCC, "-O2", "testdata/markers.c")
	f, err := objfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range all {
		got = append(got, strings.TrimSpace(m.Provider+" "+m.Name+" "+m.Args))
	}
	var want []string
	for _, line := range strings.Split(string(testkit.Run(t, "readelf", "-n", path)), "\n") {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch value = strings.TrimSpace(value); key {
		case "Provider":
			want = append(want, value)
		case "Name", "Arguments":
			want[len(want)-1] = strings.TrimSpace(want[len(want)-1] + " " + value)
		}
	}
	if len(want) != 3 || !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, m := range all {
		if at, ok := f.FileOffset(m.PC); !ok || f.Bytes()[at] != 0x90 && f.Machine() == elf.EM_X86_64 {
			t.Errorf("%s:%s at %#x is no nop", m.Provider, m.Name, m.PC)
		}
	}
}

func FuzzNotes(f *testing.F) {
	f.Add(note(binary.LittleEndian, 8, 0x1100, 0x2000, 0x3000, "p\x00n\x008@%rdi -4@$5\x00"), uint16(62))
	f.Add(note(binary.LittleEndian, 8, 0x1100, 0x2000, 0, "p\x00n\x00-4@[sp, 16] 8@[x1, x2, lsl 3]\x00"), uint16(183))
	f.Add(note(binary.LittleEndian, 8, 1, 2, 0, "python\x00gc\x00-4@g+4(%rip) 1@%ah 4@-20(%rbp,%rax,8) 8@$sym\x00"), uint16(62))
	f.Fuzz(func(t *testing.T, b []byte, machine uint16) {
		all, _, _ := parse(b, binary.LittleEndian, 8, 0x10, true)
		for _, m := range all {
			for _, text := range SplitArgs(m.Args) {
				if o, err := ParseOperand(elf.Machine(machine), text); err == nil && (o.Kind == 0 || o.Size == 0 || o.Kind == Register && o.Register == "") {
					t.Errorf("%q is %+v", text, o)
				}
			}
		}
	})
}
