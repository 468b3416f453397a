package insn

import (
	"debug/elf"
	"testing"
)

func TestLength(t *testing.T) {
	for _, tt := range []struct {
		name string
		m    elf.Machine
		code []byte
		want int
	}{
		{"push rbp", elf.EM_X86_64, []byte{0x55, 0x90}, 1},
		{"endbr64", elf.EM_X86_64, []byte{0xf3, 0x0f, 0x1e, 0xfa, 0x90}, 4},
		{"endbr32", elf.EM_X86_64, []byte{0xf3, 0x0f, 0x1e, 0xfb}, 4},
		{"rdpkru", elf.EM_X86_64, []byte{0x0f, 0x01, 0xee}, 3},
		{"wrpkru", elf.EM_X86_64, []byte{0x0f, 0x01, 0xef}, 3},
		{"vmovups", elf.EM_X86_64, []byte{0xc5, 0xf8, 0x10, 0x06}, 4},
		{"vzeroupper", elf.EM_X86_64, []byte{0xc5, 0xf8, 0x77, 0xc3, 0x90}, 3},
		{"vzeroall, long", elf.EM_X86_64, []byte{0xc4, 0xe1, 0x7c, 0x77, 0xc3}, 4},
		{"vextractf128", elf.EM_X86_64, []byte{0xc4, 0xe3, 0x7d, 0x19, 0xc9, 0x01}, 6},
		{"vpcmpistri behind rip", elf.EM_X86_64, []byte{0xc4, 0xe3, 0x79, 0x63, 0x05, 1, 2, 3, 4, 0x1a, 0x90}, 10},
		{"vmovdqu64, EVEX", elf.EM_X86_64, []byte{0x62, 0xe1, 0xfe, 0x48, 0x6f, 0x44, 0x24, 0x02}, 8},
		{"vfmaddsd of AMD", elf.EM_X86_64, []byte{0xc4, 0xe3, 0xf9, 0x6b, 0xc1, 0x20}, 6},
		{"vprotd, XOP", elf.EM_X86_64, []byte{0x8f, 0xe8, 0x78, 0xc2, 0xc0, 0x07}, 6},
		{"pop, no XOP", elf.EM_X86_64, []byte{0x8f, 0x40, 0x08, 0x90}, 3},
		{"stac", elf.EM_X86_64, []byte{0x0f, 0x01, 0xcb, 0x90}, 3},
		{"rdseed", elf.EM_X86_64, []byte{0x48, 0x0f, 0xc7, 0xf8}, 4},
		{"adcx", elf.EM_X86_64, []byte{0x66, 0x4c, 0x0f, 0x38, 0xf6, 0x44, 0x24, 0x08}, 8},
		{"VEX cut short", elf.EM_X86_64, []byte{0xc5, 0xf8, 0x10, 0x44, 0x24}, 0},
		{"cut short", elf.EM_X86_64, []byte{0x48, 0x8b}, 0},
		{"empty", elf.EM_X86_64, nil, 0},
		{"arm64", elf.EM_AARCH64, []byte{1, 2, 3, 4, 5}, 4},
		{"arm64 cut short", elf.EM_AARCH64, []byte{1, 2}, 0},
		{"unknown machine", elf.EM_RISCV, []byte{1, 2, 3, 4}, 0},
	} {
		n, err := length(tt.m, tt.code)
		if n != tt.want || (err == nil) != (tt.want > 0) {
			t.Errorf("%s: %d bytes, error %v, want %d", tt.name, n, err, tt.want)
		}
	}
}

func TestAround(t *testing.T) {
	code := []byte{0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5, 0xc3} // endbr64; push rbp; mov rbp, rsp; ret
	for _, tt := range []struct{ offset, before, after int }{{0, 0, 0}, {1, 0, 4}, {3, 0, 4}, {4, 4, 4}, {5, 5, 5}, {6, 5, 8}, {7, 5, 8}, {8, 8, 8}, {9, 9, 9}} {
		before, after, known := Around(elf.EM_X86_64, code, tt.offset)
		if !known || before != tt.before || after != tt.after {
			t.Errorf("Around(%d) = %d, %d, %v, want %d, %d", tt.offset, before, after, known, tt.before, tt.after)
		}
	}
	if _, _, known := Around(elf.EM_X86_64, code, 10); known {
		t.Error("an offset behind the code is known")
	}
	if _, _, known := Around(elf.EM_X86_64, []byte{0x06, 0x90, 0x90}, 2); known {
		t.Error("an offset behind an invalid instruction is known")
	}
	if !Decodes(elf.EM_X86_64, code) || Decodes(elf.EM_X86_64, code[:6]) || Decodes(elf.EM_X86_64, []byte{0x90, 0x06, 0x90}) {
		t.Error("what decodes to its end is taken for what does not, or the other way round")
	}
	if before, after, _ := Around(elf.EM_AARCH64, make([]byte, 16), 6); before != 4 || after != 8 {
		t.Errorf("arm64: %d, %d", before, after)
	}
}

func FuzzLength(f *testing.F) {
	f.Add([]byte{0xf3, 0x0f, 0x1e, 0xfa})
	f.Add([]byte{0x62, 0xf1, 0x7c, 0x48, 0x10, 0x06})
	f.Fuzz(func(t *testing.T, code []byte) {
		n, err := length(elf.EM_X86_64, code)
		if err == nil && (n < 1 || n > len(code)) {
			t.Errorf("length %d of %d bytes", n, len(code))
		}
	})
}
