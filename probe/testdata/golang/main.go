// Program golang is what tests define probes in.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	dotted "github.com/gperf-dev/gperf/probe/testdata/golang/store.v1"
)

//go:noinline
func descend(n int, note string) (sum int, err error) {
	var room [120]byte
	room[n%len(room)] = byte(n)
	if n == 0 {
		return len(note), errors.New(note)
	}
	sum, err = descend(n-1, note)
	return sum + int(room[n%len(room)]), err
}

type store struct {
	names []string
	size  int
	marks [2]string
	raw   [4]byte
}

//go:noinline
func (s *store) put(key string) {
	s.names = append(s.names, key)
	s.size += len(key)
}

//go:noinline
func (s *store) take() string {
	last := s.names[len(s.names)-1]
	s.names = append([]string(nil), s.names[:len(s.names)-1]...)
	return last
}

type bigstore struct{ store }

//go:noinline
func (s *bigstore) put(key string) { s.store.put(key + key) }

type pair[K comparable, V any] struct {
	key   K
	value V
}

//go:noinline
func (p *pair[K, V]) get(key K) (V, bool) { return p.value, p.key == key }

type name string

type point struct{ x, y int }

type getter[K comparable] interface{ get(K) (int, bool) }

// through has a pair called through an interface, for which there is another function before its own.
//
//go:noinline
func through(g getter[name]) int {
	n, _ := g.get("c")
	return n
}

//go:noinline
func largest[T ~int | ~string](a, b T) T { return max(a, b) }

//go:noinline
func generic() {
	named, places := &pair[name, int]{"c", 3}, pair[point, int]{point{1, 2}, 4}
	placed, _ := places.get(point{1, 2})
	fmt.Println(through(named), placed, largest(name("a"), "b"), largest(1, 2))
}

//go:noinline
func many(a, b, c, d, e, f, g, h int, note string, last int) (string, int) {
	return note + fmt.Sprint(a+b+c+d+e+f+g+h), last
}

type gaps struct {
	flag byte
	n    int
}

//go:noinline
func padded(n int) (v gaps) { return gaps{byte(n), n} }

//go:noinline
func leaf(a, b int) int { return a ^ b }

//go:noinline
func nothing() {}

func inlined(n int) int { return n*3 + len(os.Args) }

func main() {
	sum, err := descend(3, "bottom")
	s := bigstore{}
	s.put("key")
	p, q := pair[string, int]{"a", 1}, pair[int, bool]{2, true}
	one, ok := p.get("b")
	two, _ := q.get(2)
	text, last := many(1, 2, 3, 4, 5, 6, 7, 8, "many", 9)
	done := make(chan int)
	go func() {
		n, _ := descend(5, "other")
		done <- n
	}()
	nothing()
	dotted.Empty().Fill(one)
	fmt.Println(sum, err, s.take(), one, ok, two, text, last, padded(4), leaf(1, 2), <-done, inlined(sum), bytes.Count([]byte(os.Args[0]), []byte{47}))
	generic()
}
