package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// crowd is a program that scripts record: `crowd threads N FILE` has N threads and some of the runtime's, and creates FILE when all are there; `crowd churn N` starts and ends N
// threads, some at a time, and for ever if N is 0.
func crowd() {
	if len(os.Args) < 3 {
		os.Exit(2)
	}
	n, err := strconv.Atoi(os.Args[2])
	if err != nil {
		os.Exit(2)
	}
	switch os.Args[1] {
	case "threads":
		threads(n, os.Args[3])
	case "churn":
		churn(n)
	}
}

func threads(n int, ready string) {
	var started sync.WaitGroup
	for range n {
		started.Add(1)
		go func() {
			runtime.LockOSThread()
			started.Done()
			_ = unix.Pause()
		}()
	}
	started.Wait()
	if err := os.WriteFile(ready, nil, 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	time.Sleep(time.Hour)
}

func churn(n int) {
	const width = 8
	places := make(chan struct{}, width)
	var all sync.WaitGroup
	for i := 0; i < n || n == 0; i++ {
		places <- struct{}{}
		all.Go(func() {
			runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
			_ = unix.Getppid()
			<-places
		})
	}
	all.Wait()
}
