package main

import "os"

// odd has bytes that are no instruction.
func odd()

func init() {
	if len(os.Args) > 99 {
		odd()
	}
}
