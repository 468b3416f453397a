package objfile

import "testing"

func TestVDSO(t *testing.T) {
	f, err := VDSO()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Path() != VDSOName || !f.HasSection(".dynsym") {
		t.Errorf("%s has no symbols", f.Path())
	}
}

func TestVDSORange(t *testing.T) {
	for _, c := range []struct {
		maps       string
		start, end int64
		ok         bool
	}{
		{"00400000-0040c000 r-xp 00000000 fd:01 41038  /bin/cat\n7ffd1000-7ffd3000 r-xp 00000000 00:00 0   [vdso]\n", 0x7ffd1000, 0x7ffd3000, true},
		{"7ffd1000-7ffd3000 r-xp 00000000 00:00 0   /tmp/not[vdso]\n", 0, 0, false},
		{"7ffd3000-7ffd1000 r-xp 00000000 00:00 0   [vdso]\n", 0x7ffd3000, 0x7ffd1000, false},
		{"0-7fffffffffff r-xp 00000000 00:00 0   [vdso]\n", 0, 0x7fffffffffff, false},
		{"x r-xp [vdso]", 0, 0, false},
		{"", 0, 0, false},
	} {
		if start, end, ok := vdsoRange(c.maps); ok != c.ok || ok && (start != c.start || end != c.end) {
			t.Errorf("%q: %#x-%#x %v", c.maps, start, end, ok)
		}
	}
}
