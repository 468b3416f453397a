package perfdata

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// fillFeatures gives each field something.
func fillFeatures(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillFeatures(r, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fillFeatures(r, v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fillFeatures(r, v.Index(i))
		}
	case reflect.String:
		v.SetString("some text of 70 bytes: longer than the 64 that perf rounds a string to"[:1+r.IntN(70)])
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32:
		v.SetInt(int64(r.Int32()))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.Uint64() >> (64 - v.Type().Bits()))
	}
}

// TestFeaturesRoundTrip encodes and decodes each feature in both byte orders.
func TestFeaturesRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, order := range []byteOrder{native(), other()} {
		var want, got Features
		v := reflect.ValueOf(&want).Elem()
		for i := range v.NumField() {
			switch v.Type().Field(i).Name {
			case "Present", "Damage", "Unknown", "BuildIDs", "TracingData", "EventDesc":
			default:
				fillFeatures(r, v.Field(i))
			}
		}
		want.NRCPUs.Available = uint32(len(want.CPUTopology.CPUs))
		want.CPUDomains.Version = 17
		for i := range want.MemTopology.Nodes {
			want.MemTopology.Nodes[i].Size = 128
		}
		want.EventDesc = []Event{{Name: "cycles", IDs: []uint64{1, 2}, Attr: perfevent.Attr{Freq: 99, SampleType: record.SampleIP, Flags: perfevent.FlagFreq}}}
		for f := range Feature(featureBits) {
			if !want.has(f) || f == FeatureEventDesc && order != native() { // an attr is in the machine's own order

				continue
			}
			w := walker{append: true, order: order}
			if !want.walk(&w, f) {
				t.Fatalf("%v has no walk", f)
			}
			if err := got.decode(&walker{order: order, b: w.out}, f); err != nil {
				t.Errorf("%v: %v", f, err)
			}
			for cut := range w.out {
				_ = new(Features).decode(&walker{order: order, b: w.out[:cut]}, f) // no panic
			}
		}
		for _, f := range []Feature{FeatureCPUDomains, FeatureEMachine, FeatureCacheLine, FeatureBPFBTF, FeatureBranchStack} {
			if !got.Present.Has(f) {
				t.Errorf("%v was not written", f)
			}
		}
		if order == native() {
			if d := cmp.Diff(want, got, cmpopts.IgnoreFields(Features{}, "Present"), cmpopts.IgnoreUnexported(Event{})); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		} else if d := cmp.Diff(want, got, cmpopts.IgnoreFields(Features{}, "Present", "EventDesc")); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
	}
}

func TestGroupsOf(t *testing.T) {
	event := func(leader int) Event { return Event{Leader: leader} }
	got := GroupsOf([]Event{event(0), event(1), event(1), event(1), event(4), event(5), event(5)})
	want := []Group{{Name: "{anon_group}", Leader: 1, Members: 3}, {Name: "{anon_group}", Leader: 5, Members: 2}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}
