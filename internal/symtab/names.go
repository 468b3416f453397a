package symtab

// sameName compares a table's name, which may carry "@VERSION", with one that may not.
func sameName(have []byte, want string) bool {
	if len(have) < len(want) || string(have[:len(want)]) != want {
		return false
	}
	return len(have) == len(want) || have[len(want)] == '@' && string(have[len(want):]) != "@plt"
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
