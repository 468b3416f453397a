// Program arm64 is work for the guest of that architecture: it calls a function a known number of times.
package main

import (
	"fmt"
	"os"
	"strconv"
)

// spin takes a few instructions a round.
//
//go:noinline
func spin(rounds int) (x int) {
	for i := range rounds {
		x += i ^ rounds
	}
	return x
}

func main() {
	rounds, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	fmt.Println(spin(rounds))
}
