package perfdata

import (
	"errors"

	"github.com/gperf-dev/gperf/perfevent"
)

var errFeatureShort = errors.New("it ends before its fields")

// walk walks one feature by its layout (tools/perf/Documentation/perf.data-file-format.txt). TRACING_DATA and BUILD_ID have their own files.
// It is false for a number that has no field here.
func (f *Features) walk(w *walker, n Feature) bool {
	switch n {
	case FeatureHostname:
		w.text(&f.Hostname)
	case FeatureOSRelease:
		w.text(&f.OSRelease)
	case FeatureVersion:
		w.text(&f.Version)
	case FeatureArch:
		w.text(&f.Arch)
	case FeatureCPUDesc:
		w.text(&f.CPUDesc)
	case FeatureCPUID:
		w.text(&f.CPUID)
	case FeatureNRCPUs:
		c := need(&f.NRCPUs)
		w.u32(&c.Available)
		w.u32(&c.Online)
	case FeatureTotalMem:
		w.u64(&f.TotalMem)
	case FeatureCmdline:
		list(w, &f.Cmdline, 4, w.text)
	case FeatureSampleTime:
		t := need(&f.SampleTime)
		w.u64(&t.First)
		w.u64(&t.Last)
	case FeatureClockID:
		w.u64(&f.ClockIDRes)
	case FeatureDirFormat:
		w.u64(&f.DirFormat)
	case FeatureBranchStack:
		f.BranchStack = true
	case FeatureStat:
		f.Stat = true
	case FeatureAuxtrace:
		w.rest(&f.Auxtrace)
	case FeatureBPFProgInfo:
		w.rest(&f.BPFProgInfo)
	case FeatureBPFBTF:
		w.rest(&f.BPFBTF)
	default:
		return f.walkLists(w, n)
	}
	return true
}

func (f *Features) walkLists(w *walker, n Feature) bool {
	switch n {
	case FeatureEventDesc:
		f.walkEventDesc(w)
	case FeatureCPUTopology:
		f.walkTopology(w)
	case FeatureNUMATopology:
		list(w, &f.NUMATopology, 24, func(n *NUMANode) {
			w.u32(&n.Node)
			w.u64(&n.MemTotal)
			w.u64(&n.MemFree)
			w.text(&n.CPUs)
		})
	case FeaturePMUMappings:
		list(w, &f.PMUMappings, 8, func(m *PMUMapping) {
			w.u32(&m.Type)
			w.text(&m.Name)
		})
	case FeatureGroupDesc:
		list(w, &f.Groups, 12, func(g *Group) {
			w.text(&g.Name)
			w.u32(&g.Leader)
			w.u32(&g.Members)
		})
	case FeatureCache:
		f.walkCaches(w)
	case FeatureMemTopology:
		f.walkMemTopology(w)
	case FeatureCompressed:
		c := need(&f.Compressed)
		for _, v := range []*uint32{&c.Version, &c.Type, &c.Level, &c.Ratio, &c.MmapLen} {
			w.u32(v)
		}
	default:
		return f.walkLate(w, n)
	}
	return true
}

// walkLate walks the features that came with perf 5.9 and later.
func (f *Features) walkLate(w *walker, n Feature) bool {
	switch n {
	case FeatureCPUPMUCaps:
		list(w, &f.CPUPMUCaps, 8, w.capability)
	case FeatureClockData:
		c, version := need(&f.ClockData), uint32(1)
		w.u32(&version)
		w.u32(&c.ClockID)
		w.u64(&c.WallClock)
		w.u64(&c.EventClock)
	case FeatureHybridTopology:
		list(w, &f.HybridTopology, 8, func(h *HybridPMU) {
			w.text(&h.PMU)
			w.text(&h.CPUs)
		})
	case FeaturePMUCaps:
		list(w, &f.PMUCaps, 8, func(p *PMUCapabilities) {
			list(w, &p.Caps, 8, w.capability)
			w.text(&p.PMU)
		})
	case FeatureCPUDomains:
		f.walkDomains(w)
	case FeatureEMachine:
		m := need(&f.EMachine)
		w.u32(&m.Machine)
		w.u32(&m.Flags)
	case FeatureCacheLine:
		w.u32(&f.CacheLine)
	default:
		return false
	}
	return true
}

func (w *walker) capability(c *Capability) {
	w.text(&c.Name)
	w.text(&c.Value)
}

// walkTopology walks CPU_TOPOLOGY. Places of CPUs stand there since perf 4.0, dies since 5.3; their count is that of NRCPUS.
func (f *Features) walkTopology(w *walker) {
	t := need(&f.CPUTopology)
	list(w, &t.Cores, 4, w.text)
	list(w, &t.Threads, 4, w.text)
	if !w.append {
		n := 0
		if f.NRCPUs != nil {
			n = int(min(uint64(f.NRCPUs.Available), uint64(len(w.b)/8)))
		}
		t.CPUs = make([]CPUPlace, n)
	}
	for i := range t.CPUs {
		w.i32(&t.CPUs[i].Core)
		w.i32(&t.CPUs[i].Socket)
	}
	if w.append && len(t.Dies) == 0 || !w.append && len(w.b) == 0 {
		if !w.append {
			for i := range t.CPUs {
				t.CPUs[i].Die = -1
			}
		}
		return
	}
	list(w, &t.Dies, 4, w.text)
	for i := range t.CPUs {
		w.i32(&t.CPUs[i].Die)
	}
}

// walkDomains walks CPU_DOMAIN_INFO, whose CPUs are not counted: they go on to its end.
func (f *Features) walkDomains(w *walker) {
	d := need(&f.CPUDomains)
	w.u32(&d.Version)
	w.u32(&d.Max)
	domain := func(s *SchedDomain) {
		w.u32(&s.Number)
		if d.Version >= 17 {
			w.text(&s.Name)
		}
		w.text(&s.Mask)
		w.text(&s.CPUs)
	}
	for !w.append && len(w.b) >= 8 {
		d.CPUs = append(d.CPUs, CPUDomain{})
		c := &d.CPUs[len(d.CPUs)-1]
		w.u32(&c.CPU)
		list(w, &c.Domains, 12, domain)
	}
	if w.append {
		for i := range d.CPUs {
			w.u32(&d.CPUs[i].CPU)
			list(w, &d.CPUs[i].Domains, 12, domain)
		}
	}
}

func (f *Features) walkCaches(w *walker) {
	version := uint32(1)
	w.u32(&version)
	list(w, &f.Caches, 28, func(c *Cache) {
		for _, v := range []*uint32{&c.Level, &c.LineSize, &c.Sets, &c.Ways} {
			w.u32(v)
		}
		w.text(&c.Type)
		w.text(&c.Size)
		w.text(&c.CPUs)
	})
}

func (f *Features) walkMemTopology(w *walker) {
	t, version := need(&f.MemTopology), uint64(1)
	w.u64(&version)
	w.u64(&t.BlockSize)
	list64(w, &t.Nodes, 24, func(n *MemNode) {
		w.u64(&n.Node)
		w.u64(&n.Size)
		bits := n.Size
		w.u64(&bits)
		elements(w, &n.Blocks, bits/64+(bits%64+63)/64, 8, w.u64)
	})
}

// walkEventDesc walks EVENT_DESC: how many events, how long an attr, then attr, count of ids, name, ids.
func (f *Features) walkEventDesc(w *walker) {
	n, size := uint32(len(f.EventDesc)), uint32(perfevent.AttrSizeVer7)
	w.u32(&n)
	w.u32(&size)
	if !w.append && size < perfevent.AttrSizeVer0 {
		w.short = true
		return
	}
	elements(w, &f.EventDesc, uint64(n), int(size)+8, func(e *Event) {
		var attr []byte
		if w.append {
			attr = e.Attr.AppendBinary(nil, int(size))
		}
		w.raw(&attr, uint64(size))
		if !w.append && !w.short {
			a, err := perfevent.ParseAttr(attr, w.order)
			w.short = w.short || err != nil
			e.Attr = a
		}
		ids := uint32(len(e.IDs))
		w.u32(&ids)
		w.text(&e.Name)
		elements(w, &e.IDs, uint64(ids), 8, w.u64)
	})
}

// need returns what *p points at, made if it is nil.
func need[T any](p **T) *T {
	if *p == nil {
		*p = new(T)
	}
	return *p
}

// decode reads feature n out of b.
func (f *Features) decode(w *walker, n Feature) error {
	f.Present.add(n)
	switch n {
	case FeatureTracingData:
		t, err := parseTracingData(w.b)
		f.TracingData = t
		return err
	case FeatureBuildID:
		return f.decodeBuildIDs(w)
	}
	if !f.walk(w, n) {
		if f.Unknown == nil {
			f.Unknown = map[Feature][]byte{}
		}
		f.Unknown[n] = w.b
		return nil
	}
	if w.short {
		return errFeatureShort
	}
	return nil
}

// encode appends feature n.
func (f *Features) encode(dst []byte, n Feature) []byte {
	w := walker{append: true, order: native(), out: dst}
	switch n {
	case FeatureTracingData:
		return f.TracingData.AppendBinary(dst)
	case FeatureBuildID:
		return f.appendBuildIDs(dst)
	}
	if !f.walk(&w, n) {
		return append(dst, f.Unknown[n]...)
	}
	return w.out
}
