// Program golang is compiled for arm64 by a test.
package main

import "os"

type request struct {
	id   int
	name string
	tags []string
}

//go:noinline
func handle(r *request, n int, name string, share float64) int {
	return r.id + n + len(name) + int(share) + len(r.tags)
}

func main() { os.Exit(handle(&request{id: 1, name: "a"}, 2, "bc", 0.5)) }
