package symtab

import "strings"

// sameName compares a table's name, which may carry "@VERSION", with one that may not.
func sameName(have []byte, want string) bool {
	if len(have) < len(want) || string(have[:len(want)]) != want {
		return false
	}
	return len(have) == len(want) || have[len(want)] == '@' && string(have[len(want):]) != "@plt"
}

// variantSuffixes are what gcc and clang put behind the names of functions that they split or specialise.
var variantSuffixes = [...]string{"part", "isra", "constprop", "cold", "llvm", "lto_priv", "localalias", "cfi"}

func isVariant(have []byte, want string) bool {
	if len(have) <= len(want)+1 || string(have[:len(want)]) != want || have[len(want)] != '.' {
		return false
	}
	rest := have[len(want)+1:]
	for _, s := range variantSuffixes {
		if len(rest) >= len(s) && string(rest[:len(s)]) == s && (len(rest) == len(s) || rest[len(s)] == '.') {
			return true
		}
	}
	return false
}

// BaseName is the name without compiler suffixes (".isra.0.cold") and without a symbol version.
func BaseName(name string) string {
	if i := strings.IndexByte(name, '@'); i > 0 {
		name = name[:i]
	}
	for i := 1; i < len(name); i++ {
		if name[i] == '.' && isVariant([]byte(name), name[:i]) {
			return name[:i]
		}
	}
	return name
}

// withoutVersion cuts "@VERSION" off.
func withoutVersion(name []byte) string {
	for i, c := range name {
		if c == '@' && i > 0 {
			return string(name[:i])
		}
	}
	return string(name)
}
