package sampletext

import "strconv"

const spaces = "                                                                "

// pad appends n blanks.
func pad(dst []byte, n int) []byte {
	for n > len(spaces) {
		dst, n = append(dst, spaces...), n-len(spaces)
	}
	if n > 0 {
		dst = append(dst, spaces[:n]...)
	}
	return dst
}

// appendRight appends s after blanks that make it width columns wide.
func appendRight(dst []byte, s string, width int) []byte {
	return append(pad(dst, width-len(s)), s...)
}

// appendInt appends v as %*d does.
func appendInt(dst []byte, v int64, width int) []byte {
	var b [20]byte
	t := strconv.AppendInt(b[:0], v, 10)
	return append(pad(dst, width-len(t)), t...)
}

// appendUint appends v as %*u does.
func appendUint(dst []byte, v uint64, width int) []byte {
	var b [20]byte
	t := strconv.AppendUint(b[:0], v, 10)
	return append(pad(dst, width-len(t)), t...)
}

// appendZeros appends v as %0*u does.
func appendZeros(dst []byte, v uint64, width int) []byte {
	var b [20]byte
	t := strconv.AppendUint(b[:0], v, 10)
	for n := width - len(t); n > 0; n-- {
		dst = append(dst, '0')
	}
	return append(dst, t...)
}

// appendHex appends v as %*x does.
func appendHex(dst []byte, v uint64, width int) []byte {
	var b [16]byte
	i := len(b)
	for {
		i--
		b[i] = "0123456789abcdef"[v&15]
		v >>= 4
		if v == 0 {
			break
		}
	}
	return append(pad(dst, width-(len(b)-i)), b[i:]...)
}

// appendTime appends a time as "%12s: " of seconds and microseconds, or with nanoseconds as "%5lu.%09llu: ".
func appendTime(dst []byte, t uint64, nanos bool) []byte {
	sec, nsec := t/1e9, t%1e9
	if nanos {
		dst = appendUint(dst, sec, 5)
		dst = append(dst, '.')
		dst = appendZeros(dst, nsec, 9)
	} else {
		dst = appendUint(dst, sec, 5)
		dst = append(dst, '.')
		dst = appendZeros(dst, nsec/1000, 6)
	}
	return append(dst, ": "...)
}

// appendSize appends a page size as perf does: 4K, 2M, or N/A.
func appendSize(dst []byte, n uint64) []byte {
	if n == 0 {
		return append(dst, "N/A"...)
	}
	unit := 0
	for n/1024 > 1 && unit < 3 {
		n /= 1024
		unit++
	}
	return append(strconv.AppendUint(dst, n, 10), "BKMG"[unit])
}
