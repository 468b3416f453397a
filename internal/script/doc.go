// Package script is the engine of gperf script: the samples of a recording as text, in the order of their times.
package script
