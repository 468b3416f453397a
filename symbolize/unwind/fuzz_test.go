package unwind

import (
	"testing"
)

// FuzzTable makes a table of any file, and asks it for addresses.
func FuzzTable(f *testing.F) {
	f.Add(image(x86, section{".text", 0x1000, make([]byte, 64)}, section{".debug_frame", 0, amd64Frames()}), uint64(0x1010))
	f.Add(image(arm, section{".plt", 0x1000, make([]byte, 64)}, section{".eh_frame", 0x2000, amd64Frames()}), uint64(0x1010))
	f.Fuzz(func(t *testing.T, file []byte, pc uint64) {
		table, err := New(file, func() []byte { return file })
		if err != nil {
			return
		}
		for _, pc := range []uint64{pc, pc + 1, 0, ^uint64(0)} {
			for _, before := range []bool{false, true} {
				if s := table.step(pc, before); s == nil || len(s.rules) > 200 {
					t.Errorf("%#x: %+v", pc, s)
				}
			}
		}
	})
}

// FuzzChain follows any stack by any call frame instructions and expressions: it ends, within its bound.
func FuzzChain(f *testing.F) {
	f.Add([]byte{defCFA, rsp, 8, offset | rip, 1}, []byte{0x0f, 3, 0x77, 8, 0x06}, []byte("\x50\x11\x00\x00\x00\x7f\x00\x00"), uint64(sp), uint64(sp), uint8(9))
	f.Add([]byte{defCFA, rsp, 0, 0x16, rip, 3, 0x2f, 0xfd, 0xff}, []byte{}, []byte{}, uint64(0), ^uint64(0), uint8(255))
	f.Fuzz(func(t *testing.T, common, insns, stack []byte, stackAt, fp uint64, max uint8) {
		p := &process{words: map[uint64]uint64{fp: fp, fp + 8: bias + 0x1110}}
		p.add(t, 0x1000, 0x3000, image(x86, section{".text", 0x1000, make([]byte, 0x1000)}, section{".debug_frame", 0, frames(common, rip,
			function{0x1000, 0x1100, insns}, function{0x1100, 0x1200, []byte{0x16, rip, 1, 0x70}}, function{0x1200, 0x1300, insns[len(insns)/2:]})}))
		u, err := NewUnwinder(x86)
		if err != nil {
			t.Fatal(err)
		}
		s := sample(t, x86, regs{0: bias + 0x1210, rip: bias + 0x1010, rsp: stackAt, rbp: fp})
		s.Stack = stack
		got, stop := u.Chain(nil, s, p, int(max))
		if len(got) > int(max) || stop == Limit && len(got) != int(max) {
			t.Errorf("%d frames of at most %d, %v", len(got), max, stop)
		}
	})
}

// TestEndless bounds a chain that hostile tables let go on for ever: each frame is one byte above the last.
func TestEndless(t *testing.T) {
	p := &process{}
	p.add(t, 0x1000, 0x3000, image(x86, section{".text", 0x1000, make([]byte, 0x1000)},
		section{".debug_frame", 0, frames([]byte{defCFA, rsp, 1, 0x08, rip}, rip, function{0x1000, 0x2000, nil})}))
	u, err := NewUnwinder(x86)
	if err != nil {
		t.Fatal(err)
	}
	got, stop := u.Chain(nil, sample(t, x86, regs{rip: bias + 0x1100, rsp: sp}), p, 1<<30)
	if len(got) != maxDepth || stop != Limit {
		t.Errorf("%d frames, %v", len(got), stop)
	}
}

// TestExpressionEnds runs a loop, and one that grows.
func TestExpressionEnds(t *testing.T) {
	u, err := NewUnwinder(x86)
	if err != nil {
		t.Fatal(err)
	}
	for name, expr := range map[string][]byte{
		"loop": {0x2f, 0xfd, 0xff}, "growing": {0x31, 0x2f, 0xfc, 0xff}, "division by zero": {0x31, 0x30, 0x1b},
		"nothing": {}, "too few": {0x22}, "out of the expression": {0x2f, 0xff, 0x7f}, "cut short": {0x0c, 1}, "unknown": {0xff},
	} {
		if v, ok := u.expr.run(expr); ok || u.expr.bad && u.expr.why != BadTable {
			t.Errorf("%s: %d %v %v", name, v, ok, u.expr.why)
		}
	}
}
