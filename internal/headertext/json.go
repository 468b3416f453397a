package headertext

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gperf-dev/gperf/internal/jsonout"
)

// AppendJSON appends what a recording says of itself and of the machine as a jsonout.Recording and a newline.
func AppendJSON(dst []byte, r *Recording) ([]byte, error) {
	f := r.Features
	o := jsonout.Recording{
		Type: "recording", Version: 1, Hostname: f.Hostname, OSRelease: f.OSRelease, Arch: f.Arch, CPUDesc: f.CPUDesc, CPUID: f.CPUID,
		TotalMemoryKB: f.TotalMem, Recorder: f.Version, Cmdline: f.Cmdline, Events: make([]jsonout.Event, len(r.Events)),
	}
	if !r.Info.CapturedOn.IsZero() {
		o.CapturedOn = r.Info.CapturedOn.UTC().Format(time.RFC3339)
	}
	if f.NRCPUs != nil {
		o.CPUsOnline, o.CPUsAvailable = f.NRCPUs.Online, f.NRCPUs.Available
	}
	for i := range r.Events {
		e := &r.Events[i]
		o.Events[i] = jsonout.Event{Name: e.Name, Type: uint32(e.Attr.Type), Config: fmt.Sprintf("%#x", e.Attr.Config), Period: e.Attr.Period, Freq: e.Attr.Freq}
		if e.Format == nil {
			continue
		}
		for _, fl := range e.Format.Fields {
			o.Events[i].Fields = append(o.Events[i].Fields, jsonout.Field{Name: fl.Name, Type: fl.Type})
		}
	}
	text, err := json.Marshal(&o)
	return append(append(dst, text...), '\n'), err
}
