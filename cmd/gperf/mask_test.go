package main

import "testing"

func TestMaskElsewhere(t *testing.T) {
	for line, want := range map[string]string{
		" memfd:x  1106 [001]  5103.365076:     250000 cpu-clock:      7f3d96865865 <a::b<c>, d> (/memfd:x-9 (deleted))": " memfd:x  1106 [001]  5103.365076:     250000 cpu-clock:      7f3d96865865 SYMBOL (/memfd:x-9 (deleted))",
		"\t             b46 __vdso_clock_gettime+0x56 ([vdso])":                                                          "\t             b46 SYMBOL ([vdso])",
		"\t            1151 spin+0x18 (/tmp/prog)":                                                                       "\t            1151 spin+0x18 (/tmp/prog)",
		" go 1 [000] 1.000000: timer:timer_start: timer=0x1 flags=D|P|I":                                                 " go 1 [000] 1.000000: timer:timer_start: timer=0x1 flags=FLAGS",
	} {
		if got := maskElsewhere(line); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
