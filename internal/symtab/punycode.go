package symtab

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// punycode decodes an identifier that is not ASCII (RFC 3492, with "_" as delimiter). What cannot be decoded is shown as
// "punycode{…}", as Rust's own demangler does.
func punycode(s string) string {
	raw := "punycode{" + s + "}"
	var out []rune
	rest := s
	if i := strings.LastIndexByte(s, '_'); i >= 0 {
		out, rest = []rune(s[:i]), s[i+1:]
		raw = "punycode{" + s[:i] + "-" + rest + "}"
	}
	const base, tmin, tmax, skew, damp = 36, 1, 26, 38, 700
	n, i, bias := 128, 0, 72
	for first := true; rest != ""; first = false {
		old, w := i, 1
		for k := base; ; k += base {
			if rest == "" {
				return raw
			}
			v := punyDigit(rest[0])
			rest = rest[1:]
			t := min(max(k-bias, tmin), tmax)
			if v < 0 || w > 1<<24 {
				return raw
			}
			i += v * w
			if v < t {
				break
			}
			w *= base - t
		}
		size := len(out) + 1
		delta := (i - old) / 2
		if first {
			delta = (i - old) / damp
		}
		delta += delta / size
		bias = 0
		for ; delta > (base-tmin)*tmax/2; bias += base {
			delta /= base - tmin
		}
		bias += (base - tmin + 1) * delta / (delta + skew)
		n += i / size
		i %= size
		if n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
			return raw
		}
		out = slices.Insert(out, i, rune(n))
		i++
	}
	return string(out)
}

func punyDigit(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return int(c - 'a')
	case c >= '0' && c <= '9':
		return int(c-'0') + 26
	}
	return -1
}
