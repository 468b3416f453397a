// Package sampletext turns samples and other records of a session into text, in the layout of perf script. The header of
// a recording is headertext's.
//
// A Layout is made once, from the events and the user's choice of fields. Each goroutine makes itself a Printer, which
// owns the scratch memory, and appends items to a buffer; nothing is allocated per sample. What traced programs choose
// themselves (names of threads, files and symbols, strings) is escaped: see escape.go.
//
// The layout is that of perf 6.1: perf_sample__fprintf_start and process_event in tools/perf/builtin-script.c.
package sampletext
