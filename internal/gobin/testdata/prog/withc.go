//go:build withc

package main

// #include "sum.h"
import "C"

func sum(a, b int) int { return int(C.sum_of(C.int(a), C.int(b))) }
