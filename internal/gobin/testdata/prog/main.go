// Program prog is linked in all ways by tests.
package main

import "os"

//go:noinline
func handle(n int, s string) (int, error) {
	var b [300]byte
	if n == 0 {
		return len(s), nil
	}
	b[n] = 1
	m, err := handle(n-1, s)
	return m + int(b[n]), err
}

func main() {
	if n, _ := handle(sum(2, 3), "abc"); n != 8 {
		os.Exit(1)
	}
}
