package insn

import (
	"debug/elf"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

func bytesOf(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestStackCheck takes what cmd/internal/obj/x86 and arm64 emit, as objdump showed it.
func TestStackCheck(t *testing.T) {
	const amd64, arm64 = elf.EM_X86_64, elf.EM_AARCH64
	for _, tt := range []struct {
		name string
		m    elf.Machine
		code string
		want Check
	}{
		{"small frame", amd64, "49 3b 66 10  76 79  55", Check{6, true}},
		{"small frame, far jump", amd64, "49 3b 66 10  0f 86 79 01 00 00  55", Check{10, true}},
		{"medium frame", amd64, "4c 8d 64 24 e8  4d 3b 66 10  0f 86 11 22 00 00  55", Check{15, true}},
		{"large frame", amd64, "49 89 e4  49 81 ec 00 20 00 00  72 20  4d 3b 66 10  76 1a  55", Check{18, true}},
		{"system stack", amd64, "49 3b 66 18  76 79  55", Check{6, true}},
		{"ABI0", amd64, "64 48 8b 0c 25 f8 ff ff ff  48 3b 61 10  76 31  55", Check{15, false}},
		{"no check", amd64, "55 48 89 e5 48 83 ec 10", Check{}},
		{"compares something else", amd64, "49 3b 46 10  76 10", Check{6, true}}, // register against the limit: still a check
		{"cut short", amd64, "49 3b 66", Check{}},
		{"no jump", amd64, "49 3b 66 10 55", Check{}},
		{"empty", amd64, "", Check{}},
		{"small frame", arm64, "900b40f9 ff6330eb 49030054 fe0f1ef8", Check{12, true}},
		{"medium frame", arm64, "900b40f9 f14302d1 3f0210eb 09050054 fe0f1ef8", Check{16, true}},
		{"Go 1.18", arm64, "900b40f9 f1030091 3f0210eb 49050054 fe0f1ef8", Check{16, true}},
		{"Go 1.17", arm64, "810b40f9 e2c303d1 5f0001eb 69060054", Check{16, true}},
		{"no check", arm64, "fe0f1ef8 fd831ff8", Check{}},
		{"cut short", arm64, "900b40f9 ff6330eb", Check{}},
	} {
		if got := StackCheck(tt.m, bytesOf(t, tt.code)); got != tt.want {
			t.Errorf("%v %s: %+v, want %+v", tt.m, tt.name, got, tt.want)
		}
	}
}

func TestFindExits(t *testing.T) {
	for _, tt := range []struct {
		m       elf.Machine
		code    string
		returns []int
		jumps   int
	}{
		{elf.EM_X86_64, "55 5d c3 5d c3 cc cc", []int{2, 4}, 0},
		{elf.EM_X86_64, "eb fe c2 08 00 f3 c3", []int{2, 5}, 0},
		{elf.EM_X86_64, "55 e9 00 01 00 00", nil, 1},
		{elf.EM_X86_64, "48 b8 c3 c3 c3 c3 c3 c3 c3 c3 c3", []int{10}, 0}, // a number that looks like returns
		{elf.EM_AARCH64, "c0035fd6 00000014 c0035fd6 ffffff17", []int{0, 8}, 0},
		{elf.EM_AARCH64, "ffffff17 00000000", nil, 1},
	} {
		e, err := FindExits(tt.m, bytesOf(t, tt.code))
		if err != nil || !slices.Equal(e.Returns, tt.returns) || e.Jumps != tt.jumps {
			t.Errorf("%s: %+v %v, want %v and %d jumps", tt.code, e, err, tt.returns, tt.jumps)
		}
	}
	if e, err := FindExits(elf.EM_X86_64, bytesOf(t, "55 06 c3")); err != ErrUnknown {
		t.Errorf("an instruction that 64-bit code has not: %+v %v", e, err)
	}
}

func FuzzGoCode(f *testing.F) {
	f.Add([]byte{0x49, 0x3b, 0x66, 0x10, 0x76, 0x79, 0x55, 0xc3})
	f.Add([]byte{0x90, 0x0b, 0x40, 0xf9, 0xff, 0x63, 0x30, 0xeb, 0x49, 0x03, 0x00, 0x54})
	f.Fuzz(func(t *testing.T, code []byte) {
		for _, m := range []elf.Machine{elf.EM_X86_64, elf.EM_AARCH64} {
			if c := StackCheck(m, code); c.Len < 0 || c.Len > len(code) {
				t.Errorf("%v: a check of %d bytes in %d", m, c.Len, len(code))
			}
			e, _ := FindExits(m, code) // any bytes may be no code
			for _, at := range e.Returns {
				if at < 0 || at >= len(code) {
					t.Errorf("%v: a return at %d of %d", m, at, len(code))
				}
			}
		}
	})
}
