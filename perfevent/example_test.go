package perfevent_test

import (
	"fmt"
	"log"
	"runtime"

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

// Count a group on the calling goroutine's thread: one system call reads all,
// of the same moment.
func ExampleOpenGroup() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	group, err := perfevent.OpenGroup([]perfevent.Attr{
		{Type: perfevent.TypeHardware, Config: perfevent.HWInstructions, Flags: perfevent.FlagExcludeKernel},
		{Type: perfevent.TypeHardware, Config: perfevent.HWCPUCycles, Flags: perfevent.FlagExcludeKernel},
	}, perfevent.Target{CPU: perfevent.AnyCPU}, 0)
	if err != nil {
		log.Fatal(err)
	}
	defer group.Close()
	if err := group.Enable(); err != nil {
		log.Fatal(err)
	}
	// ... the work ...
	counts, err := group.Read(nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f instructions a cycle\n", float64(counts[0].Scaled())/float64(counts[1].Scaled()))
}

// Count page faults of all of this process, with threads that start later.
func ExampleOpenCounters() {
	counters, err := perfevent.OpenCounters([]perfevent.Attr{{
		Type: perfevent.TypeSoftware, Config: perfevent.SWPageFaults,
		Flags: perfevent.FlagInherit | perfevent.FlagInheritThread,
	}}, perfevent.Process(0))
	if err != nil {
		log.Fatal(err)
	}
	defer counters.Close()
	if err := counters.Enable(); err != nil {
		log.Fatal(err)
	}
	// ... the work ...
	totals, err := counters.Read(nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(totals[0].Value, "page faults")
}
