package session_test

import (
	"errors"
	"fmt"
	"io"
	"log"

	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/session"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Print the samples of a recording in the order of their times, each with its thread, the file that it was taken in and
// what the tracepoint says.
func ExampleNew() {
	r, err := perfdata.Open("../perfdata/testdata/uprobe.data")
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	s, err := session.New(session.File(r), session.Options{})
	if err != nil {
		log.Fatal(err)
	}
	var (
		batch   session.Batch
		sample  record.Sample
		context tracefs.Context
	)
	for {
		err := s.Next(&batch)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		for i := range batch.Items {
			it := &batch.Items[i]
			if err := it.Layout.DecodeSample(it.Bytes, &sample); err != nil {
				log.Fatal(err)
			}
			text := it.Event.Format.AppendText(nil, sample.Raw, &context)
			fmt.Printf("%s %s in %s: %s\n", it.Thread.Comm, it.Event.Name, it.Maps.Find(sample.IP).Name, text)
		}
		batch.Release() // its memory serves the next batch
	}
	fmt.Println(s.Stats().Samples, "samples,", s.Stats().Lost, "lost")
	// Output:
	// busy golden:leaf in /tmp/golden/busy: (557f62539129) count=9000000 name="leaf"
	// 1 samples, 0 lost
}
