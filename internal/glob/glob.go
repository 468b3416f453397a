// Package glob matches names against perf's patterns.
package glob

// Match tells whether s matches pattern: * any bytes, ? one byte, [abc], [a-c] or [!a] one of a set, \ takes the next
// byte as it is. A set that is not closed stands for itself. The time is at most the product of both lengths.
func Match(pattern, s string) bool {
	var star, mark = -1, 0
	p, i := 0, 0
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			star, mark = p, i
			p++
			continue
		}
		if n, ok := one(pattern[p:], s[i]); ok {
			p += n
			i++
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		p, i = star+1, mark
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// one matches one character and returns how much of the pattern stands for it.
func one(pattern string, c byte) (int, bool) {
	if pattern == "" {
		return 0, false
	}
	switch pattern[0] {
	case '?':
		return 1, true
	case '[':
		if n, ok, closed := set(pattern, c); closed {
			return n, ok
		}
	case '\\':
		if len(pattern) > 1 {
			return 2, pattern[1] == c
		}
	}
	return 1, pattern[0] == c
}

func set(pattern string, c byte) (n int, ok, closed bool) {
	i, invert := 1, false
	if i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^') {
		invert = true
		i++
	}
	for first := true; i < len(pattern) && (first || pattern[i] != ']'); first = false {
		low, high := pattern[i], pattern[i]
		if i+2 < len(pattern) && pattern[i+1] == '-' && pattern[i+2] != ']' {
			high = pattern[i+2]
			i += 2
		}
		ok = ok || low <= c && c <= high
		i++
	}
	if i >= len(pattern) {
		return 0, false, false
	}
	return i + 1, ok != invert, true
}
