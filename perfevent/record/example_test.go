package record_test

import (
	"fmt"
	"log"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// Append a record and decode it. The layout says which fields the event's attr asks for.
func ExampleDecode() {
	l := &record.Layout{SampleType: record.SampleTID | record.SampleTime, SampleIDAll: true}
	rec := record.Append(l, nil, &record.Comm{PID: 7, TID: 8, Comm: "worker", Meta: record.Meta{SampleID: record.Trailer{PID: 7, TID: 8, Time: 99}}})

	time, _, ok := l.Peek(rec) // without decoding the rest
	fmt.Println(len(rec), time, ok)
	body, err := record.Decode(l, rec)
	if err != nil {
		log.Fatal(err)
	}
	switch b := body.(type) {
	case *record.Comm:
		fmt.Println(b.Type(), b.TID, b.Comm, b.SampleID.Time)
	case *record.Unknown:
		fmt.Println("a type of a later kernel:", b.Kind)
	}
	// Output:
	// 40 99 true
	// COMM 8 worker 99
}
