package statview

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// grouped formats a number with a separator between thousands, right aligned.
func grouped(value float64, width, decimals int, separator string) string {
	s := strconv.FormatFloat(value, 'f', decimals, 64)
	if separator != "" {
		whole, fraction, _ := strings.Cut(s, ".")
		sign := ""
		if whole[0] == '-' {
			sign, whole = "-", whole[1:]
		}
		var parts []string
		for len(whole) > 3 {
			parts = append([]string{whole[len(whole)-3:]}, parts...)
			whole = whole[:len(whole)-3]
		}
		s = sign + strings.Join(append([]string{whole}, parts...), separator)
		if fraction != "" {
			s += "." + fraction
		}
	}
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s))) + s
}

// precision is how many decimals tell a spread: two digits more than its first.
func precision(spread float64) int {
	if spread > 1 {
		return 2
	}
	if spread == 0 {
		return 9 + 2
	}
	return int(math.Ceil(-math.Log10(spread))) + 2
}

// quote makes a JSON string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// printable escapes what must not reach a terminal: the name of a thread is anybody's.
func printable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }) < 0 {
		return s
	}
	q := strconv.QuoteToASCII(s)
	return q[1 : len(q)-1]
}
