package perfdata_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// Count the samples of a recording, event by event. A file that perf made is read like one of gperf's.
func ExampleOpen() {
	r, err := perfdata.Open("testdata/group.data")
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	samples := make(map[int]int)
	var rec record.Record
	for {
		err := r.Next(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			log.Fatal(err) // a *perfdata.CorruptError says where; what stands before was good
		}
		if rec.Type != record.TypeSample {
			continue
		}
		if event, _, ok := r.Set().Find(rec.Bytes); ok {
			samples[event]++
		}
	}
	fmt.Println("recorded by perf", r.Features().Version, "on", r.Features().Arch)
	for i, e := range r.Events() {
		fmt.Println(e.Name, samples[i])
	}
	// Output:
	// recorded by perf 6.1.192 on x86_64
	// cpu-clock 0
	// page-faults 5
}

// Write a stream of one event and read it back.
func ExampleNewWriter() {
	events := []perfdata.Event{{
		Name: "page-faults",
		Attr: perfevent.Attr{Type: perfevent.TypeSoftware, Config: perfevent.SWPageFaults, SampleType: record.SampleIP | record.SampleTime},
		IDs:  []uint64{1},
	}}
	var stream bytes.Buffer
	w := perfdata.NewWriter(&stream)
	if err := w.Begin(events, &perfdata.Features{Hostname: "here"}); err != nil {
		log.Fatal(err)
	}
	sample := events[0].Layout().AppendSample(nil, &record.Sample{IP: 0x401000, Time: 7})
	if err := w.WriteRecord(sample); err != nil {
		log.Fatal(err)
	}
	if err := w.Finish(nil); err != nil {
		log.Fatal(err)
	}

	r, err := perfdata.NewStreamReader(&stream)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	var rec record.Record
	for r.Next(&rec) == nil {
		if rec.Type == record.TypeSample {
			var s record.Sample
			if err := r.Events()[0].Layout().DecodeSample(rec.Bytes, &s); err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%s at %#x, time %d, on %s\n", r.Events()[0].Name, s.IP, s.Time, r.Features().Hostname)
		}
	}
	// Output:
	// page-faults at 0x401000, time 7, on here
}
