package record

import "math/bits"

// SwapAttr turns a perf_event_attr from foreign byte order into native, in place, as far as b goes. The flags are C bit fields, which a
// machine of the other order allocates from the other end of each byte.
func SwapAttr(b []byte) {
	for _, f := range []struct{ at, size int }{
		{0, 4}, {4, 4}, // type, size
		{8, 8}, {16, 8}, {24, 8}, {32, 8}, // config, sample_period, sample_type, read_format
		{48, 4}, {52, 4}, {56, 8}, {64, 8}, {72, 8}, {80, 8}, // wakeup, bp_type, config1, config2, branch_sample_type, sample_regs_user
		{88, 4}, {92, 4}, {96, 8}, {104, 4}, {108, 2}, {110, 2}, // sample_stack_user, clockid, sample_regs_intr, aux_watermark, sample_max_stack
		{112, 4}, {116, 4}, {120, 8}, {128, 8}, // aux_sample_size, sig_data, config3
	} {
		if f.at+f.size > len(b) {
			break
		}
		reverse(b[f.at : f.at+f.size])
	}
	if len(b) >= 48 {
		for i, x := range b[40:48] {
			b[40+i] = bits.Reverse8(x)
		}
	}
}

func reverse(b []byte) {
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
}

func reverse32(v uint32) uint32 { return bits.ReverseBytes32(v) }
