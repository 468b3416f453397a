package perfevent_test

import (
	"fmt"
	"log"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// Count what the calling thread does.
func ExampleOpen() {
	attr := perfevent.Attr{
		Type:       perfevent.TypeSoftware,
		Config:     perfevent.SWPageFaults,
		ReadFormat: record.ReadTotalTimeEnabled | record.ReadTotalTimeRunning,
	}
	event, err := perfevent.Open(&attr, perfevent.Target{CPU: perfevent.AnyCPU}, nil, 0)
	if err != nil {
		log.Fatal(err)
	}
	defer event.Close()
	count, err := event.Read()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(count.Value, "page faults in", count.Enabled)
}

// Read the records of a ring as they are.
func ExampleRing_Peek() {
	attr := perfevent.Attr{
		Type: perfevent.TypeSoftware, Config: perfevent.SWCPUClock, Freq: 99,
		SampleType: record.SampleIP | record.SampleTID, Flags: perfevent.FlagFreq,
	}
	event, err := perfevent.Open(&attr, perfevent.Target{PID: perfevent.AnyPID, CPU: 0}, nil, 0)
	if err != nil {
		log.Fatal(err)
	}
	defer event.Close()
	ring, err := event.MapRing(8)
	if err != nil {
		log.Fatal(err)
	}
	defer ring.Close()
	a, b := ring.Peek()
	fmt.Println(len(a)+len(b), "bytes of records wait")
	ring.Consume(len(a) + len(b))
}
