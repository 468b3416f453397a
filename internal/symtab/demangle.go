package symtab

import (
	"strings"

	"github.com/ianlancetaylor/demangle"
)

// Demangle gives a C++, Rust or D symbol's name as perf script shows it, without parameters; other names come back as they are. In
// "NAME@plt" only NAME is looked at.
func Demangle(name string) string {
	if len(name) < 3 || name[0] != '_' {
		return name
	}
	switch {
	case strings.HasPrefix(name, "_Z"), strings.HasPrefix(name, "_R"), strings.HasPrefix(name, "_D"),
		strings.HasPrefix(name, "_GLOBAL_"), strings.HasPrefix(name, "__Z"):
	default:
		return name
	}
	base, plt := strings.CutSuffix(name, "@plt")
	out, err := demangle.ToString(base, demangle.NoParams)
	if err != nil {
		return name
	}
	if plt {
		return out + "@plt"
	}
	return out
}
