// Package session turns the records of a recording, or of live rings, into samples in time order, each with the thread
// and the mappings as they were when it was taken.
//
// A Source gives records in the order in which they were written. A Session queues them by time, delivers a round when
// the round behind it has ended, as perf does, and keeps the tables of threads and mappings that COMM, FORK, MMAP and
// their like describe. Samples are not decoded here: a Batch carries their bytes, and whoever formats a batch decodes
// them, on as many goroutines as it likes, because all that a batch points at is immutable.
package session
