// Package bpf records the text in a probe's values by its own length, which the kernel's fetch language cannot: a BPF program on the
// probe copies all values, and as many bytes of each text as it has, into samples that look like the probe's own.
//
// The program writes to an event of its own on each CPU (PERF_COUNT_SW_BPF_OUTPUT), whose records are in the same rings as all others,
// so they are ordered with them. What a reader is told of that event is that it is the probe, with a format in which text has a
// length of its own.
//
// Instructions are encoded and loaded by code of its own (asm.go, load.go): a library for BPF, with all that it can do, costs each start of
// a program that links it, and stands beside this one in the tests alone.
//
// It needs Linux 5.5 (bpf_probe_read_user) and the right to load BPF programs.
package bpf
