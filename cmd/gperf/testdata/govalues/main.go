// Command govalues calls functions with values that a test knows.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

type Color uint8

const (
	Red Color = iota
	Green
	Blue
)

type Level int

const (
	Low  Level = -1
	High Level = 7
)

type ID string

type Inner struct {
	N    int
	Name string
}

type Point struct{ X, Y float64 }

type Pair[K comparable, V any] struct {
	Key K
	Val V
}

type Store struct {
	Inner
	*Point
	next  *Store
	tags  []string
	sizes [4]int16
	index map[string]int
	queue chan int
	last  error
	any   any
	color Color
	ok    bool
	ratio float32
	pair  Pair[string, int32]
	data  []byte
}

type failure struct {
	text string
	code int
}

func (f failure) Error() string { return f.text }

//go:noinline
func text(s string) int { return len(s) }

//go:noinline
func two(id ID, s string, n int) int { return len(id) + len(s) + n }

//go:noinline
func data(b []byte, n []int, small []int8) int { return len(b) + len(n) + len(small) }

//go:noinline
func list(names []string, points []Point, ptrs []*int) int {
	return len(names) + len(points) + len(ptrs)
}

//go:noinline
func simple(c Color, l Level, d time.Duration, ok bool, r rune, u uint16, i int8) int { return int(c) }

//go:noinline
func holder(e error, a any) int {
	if e == nil && a == nil {
		return 0
	}
	return 1
}

//go:noinline
func table(m map[string]int, c chan string) int { return len(m) + len(c) }

//go:noinline
func many(a, b, c, d, e, f, g, h, i, j int, s string, k []byte) int { return a + j + len(s) + len(k) }

//go:noinline
func (s *Store) Put(key string, n int) error {
	if n < 0 {
		return fmt.Errorf("put %s: %w", key, fs.ErrInvalid)
	}
	s.last = nil
	return s.last
}

//go:noinline
func (s Store) Size() (n int) { return len(s.tags) }

//go:noinline
func pairOf(p *Pair[string, int], q Pair[int8, bool]) int { return p.Val }

//go:noinline
func pick(i int) (name string, n int, err error) {
	if i == 0 {
		return "", -1, errors.New("nothing there")
	}
	return strings.Repeat("x", i), i, nil
}

//go:noinline
func deferred(s string) (int, error) {
	defer func() { _ = recover() }()
	if s == "" {
		return -1, errors.New("no text")
	}
	return len(s), nil
}

//go:noinline
func mixed(x float64, none struct{}, n int) (float64, string, [1]int16) {
	return x, strings.Repeat("y", n), [1]int16{int16(-n)}
}

//go:noinline
func array(a *[3]int32, s *string, pp **Inner) int { return int(a[0]) + len(*s) + (*pp).N }

// header makes a string of any pointer and length.
func header(p uintptr, n int) (s string) {
	h := (*[2]uintptr)(unsafe.Pointer(&s))
	h[0], h[1] = p, uintptr(n)
	return s
}

//go:noinline
func hostile(s string, b []byte) int { return 1 }

// texts has strings of the lengths that matter.
func texts() {
	for _, n := range []int{0, 1, 63, 64, 65, 300} {
		text(strings.Repeat("0123456789", 30)[:n])
	}
	text("nul\x00in\xffside \"quoted\"\n\té\\")
}

func values() {
	two("id-7", "second", 3)
	data([]byte("bytes\x00\x01"), []int{-1, 2, 3, 4, 5, 6, 7, 8, 9}[:9:9], []int8{-5, 5})
	data(nil, nil, nil)
	data([]byte{}, make([]int, 0, 3), []int8{1})
	list([]string{"one", "", "three"}, []Point{{1, 2}}, nil)
	list([]string{"a", "b", "c", "d", "e"}, nil, nil)
	simple(Green, Low, 1500*time.Millisecond, true, 'é', 65535, -8)
	simple(Color(9), Level(3), -time.Second, false, 'x', 0, 127)
	table(map[string]int{"a": 1, "b": 2}, make(chan string, 5))
	table(nil, nil)
	many(1, 2, 3, 4, 5, 6, 7, 8, 9, -10, "on the stack", []byte("too"))
}

func interfaces() {
	n := 5
	holder(errors.New("plain"), 42)
	holder(nil, nil)
	holder(fmt.Errorf("wrapped: %w", os.ErrNotExist), "a string")
	holder(&fs.PathError{Op: "open", Path: "/x", Err: syscall.ENOENT}, &n)
	holder(syscall.ENOENT, Green)
	holder(failure{"by value", 3}, 2.5)
	holder(failure{"", 3}, time.Second)
}

func structures() {
	in := &Inner{8, "pointed"}
	s := "by pointer"
	array(&[3]int32{7, -8, 9}, &s, &in)
	pairOf(&Pair[string, int]{"key", 11}, Pair[int8, bool]{-3, true})
	st := &Store{Inner: Inner{1, "inner"}, Point: &Point{1.5, -2.25}, tags: []string{"t0", "t1"}, sizes: [4]int16{10, -20, 30, 40},
		index: map[string]int{"k": 1}, queue: make(chan int, 2), last: fs.ErrExist, any: int32(-6), color: Blue, ok: true, ratio: 0.5,
		pair: Pair[string, int32]{"pk", -9}, data: []byte("data")}
	st.next = &Store{Inner: Inner{2, "next"}}
	st.queue <- 1
	_ = st.Put("first", 1)
	_ = st.next.Put("second", -1)
	st.Size()
	pick(0)
	pick(3)
	_, _ = deferred("")
	_, _ = deferred("text")
	mixed(0.5, struct{}{}, 2)
}

func main() {
	texts()
	values()
	interfaces()
	structures()
	m, err := syscall.Mmap(-1, 0, 8192, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil || syscall.Mprotect(m[4096:], syscall.PROT_NONE) != nil {
		os.Exit(1)
	}
	copy(m[4090:], "ending")
	base := uintptr(unsafe.Pointer(&m[0]))
	hostile(header(base+4090, 6), nil)
	hostile(header(base+4090, 60), nil)
	hostile(header(base+8, 1<<62), nil)
	hostile(header(16, 5), nil)
	hostile(header(0x123456789000, 5), nil)
	hostile(header(base+4090, -1), nil)
}
