// Package perfevent is the system call perf_event_open and what it gives:
// attributes, open events, their rings and counts, and tests for what this
// kernel can do.
//
// Terms, as in the kernel: an attr says what to measure, an event is an open
// attr (one file descriptor for one task or CPU), a ring is the memory that
// the kernel writes an event's records to, a record is what it writes there,
// and a sample is a record of one occurrence.
package perfevent
