// Program gocalls counts its own calls, for tests to count them again. Its argument is how many times eight goroutines with stacks that grow
// are started, each of which calls descend 250 times.
package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

const (
	goroutines = 8
	depth      = 250
)

// tally is what the program knows of its calls.
type tally struct{ descends, halves, halved, safes, sum atomic.Int64 }

// descend needs a new stack several times on its way down.
//
//go:noinline
func descend(t *tally, n int, note string) (sum int, err error) {
	t.descends.Add(1)
	var room [120]byte
	room[n%len(room)] = byte(n)
	if n == 0 {
		return len(note), errors.New(note)
	}
	sum, err = descend(t, n-1, note)
	return sum + int(room[n%len(room)]), err
}

// half leaves by panic for odd numbers.
//
//go:noinline
func half(t *tally, n int) int {
	t.halves.Add(1)
	if n%2 != 0 {
		panic("odd")
	}
	t.halved.Add(1)
	return n / 2
}

// safe returns by recover for odd numbers.
//
//go:noinline
func safe(t *tally, n int) (result int) {
	t.safes.Add(1)
	defer func() {
		if recover() != nil {
			result = -1
		}
	}()
	return half(t, n)
}

//go:noinline
func leaf(a, b int) int { return a ^ b }

func main() {
	rounds, _ := strconv.Atoi(os.Args[1])
	var t tally
	for range rounds {
		var wait sync.WaitGroup
		for i := range goroutines {
			wait.Add(1)
			go func() {
				defer wait.Done()
				n, err := descend(&t, depth-1, "bottom")
				if err == nil {
					os.Exit(3)
				}
				t.sum.Add(int64(n + safe(&t, i) + leaf(n, i)))
			}()
		}
		wait.Wait()
	}
	fmt.Printf("descend %d\nhalf %d of %d\nsafe %d\nsum %d\n", t.descends.Load(), t.halved.Load(), t.halves.Load(), t.safes.Load(), t.sum.Load())
}
