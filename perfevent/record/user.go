package record

import "math"

// HeaderAttr brings an event in a stream: its attr and its ids. It stands before the records of the event.
type HeaderAttr struct {
	Meta
	Attr []byte // perf_event_attr as long as its own size field tells; aliases the record
	IDs  []uint64
}

// Type returns TypeHeaderAttr.
func (*HeaderAttr) Type() Type { return TypeHeaderAttr }

func (m *HeaderAttr) fields(c *coder, _ *Layout) {
	if c.mode == appending {
		c.array(m.Attr)
		c.u64s(&m.IDs, len(m.IDs))
		return
	}
	n := attrSize(c)
	if c.mode == swapping && n <= len(c.b) {
		SwapAttr(c.b[:n])
	}
	c.bytes(&m.Attr, n)
	c.u64s(&m.IDs, len(c.b)/8)
}

// attrSize reads the size field of the attr that comes next. Zero means the first version's 64 bytes.
func attrSize(c *coder) int {
	if len(c.b) < 8 {
		return math.MaxInt32
	}
	n := native.Uint32(c.b[4:])
	if c.mode == swapping {
		n = reverse32(n)
	}
	if n == 0 {
		n = 64
	}
	return int(min(n, math.MaxInt32))
}

// TracingData announces, in a stream, Size bytes of a tracing-data container that follow the record and are no record.
type TracingData struct {
	Meta
	Size uint32
}

// Type returns TypeHeaderTracingData.
func (*TracingData) Type() Type { return TypeHeaderTracingData }

func (m *TracingData) fields(c *coder, _ *Layout) { c.u32(&m.Size) }

// BuildID tells the build-id of a file that samples hit. The same layout stands, without type, in the build-id feature of a file.
type BuildID struct {
	Meta // the mode bits of Misc tell whose file it is: MiscKernel, MiscUser, MiscGuest…
	// PID is that of the machine: -1 the host's, else a guest's hypervisor.
	PID int32
	// ID is Size bytes long with MiscBuildIDSize (perf 5.10), else 20.
	ID       [20]byte
	Size     uint8
	Filename string
}

// Type returns TypeHeaderBuildID.
func (*BuildID) Type() Type { return TypeHeaderBuildID }

// Bytes returns the id in its length.
func (m *BuildID) Bytes() []byte {
	if m.Misc&MiscBuildIDSize != 0 && int(m.Size) < len(m.ID) {
		return m.ID[:m.Size]
	}
	return m.ID[:]
}

func (m *BuildID) fields(c *coder, _ *Layout) {
	pid := uint32(m.PID)
	c.u32(&pid)
	m.PID = int32(pid)
	c.array(m.ID[:])
	c.u8(&m.Size)
	c.skip(3)
	c.text(&m.Filename)
}

// Mark is a record without fields: FINISHED_ROUND (all records that come later are younger than those of the round before), or
// FINISHED_INIT (what perf synthesised is complete). What follows the header is skipped.
type Mark struct {
	Meta
	Kind Type
}

// Type returns the record's type.
func (m *Mark) Type() Type { return m.Kind }

func (m *Mark) fields(*coder, *Layout) {}

// IDIndex tells which event, CPU and thread an id belongs to. A record has room for about two thousand entries.
type IDIndex struct {
	Meta
	Entries []IDEntry
	// Guests has the process of the guest machine and the virtual CPU, an entry each, or nothing; perf 6.0.
	Guests []IDGuest
}

// IDEntry is one id: the event's number, its CPU and thread, ^uint64(0) for any.
type IDEntry struct {
	ID, Event, CPU, TID uint64
}

// IDGuest is the part of an IDEntry that is only there for guests.
type IDGuest struct {
	MachinePID, VCPU uint64
}

// Type returns TypeIDIndex.
func (*IDIndex) Type() Type { return TypeIDIndex }

func (m *IDIndex) fields(c *coder, _ *Layout) {
	n := c.count64(len(m.Entries), 32)
	resize(c, &m.Entries, n)
	for i := range m.Entries {
		e := &m.Entries[i]
		c.u64(&e.ID)
		c.u64(&e.Event)
		c.u64(&e.CPU)
		c.u64(&e.TID)
	}
	if c.mode != appending && len(c.b) >= 16*n && n > 0 {
		resize(c, &m.Guests, n)
	}
	for i := range m.Guests {
		c.u64(&m.Guests[i].MachinePID)
		c.u64(&m.Guests[i].VCPU)
	}
}

// ThreadMap lists the threads that a counting session looks at.
type ThreadMap struct {
	Meta
	Threads []ThreadMapEntry
}

// ThreadMapEntry is one thread of a ThreadMap; Comm has at most 15 bytes.
type ThreadMapEntry struct {
	PID  uint64
	Comm string
}

// Type returns TypeThreadMap.
func (*ThreadMap) Type() Type { return TypeThreadMap }

func (m *ThreadMap) fields(c *coder, _ *Layout) {
	resize(c, &m.Threads, c.count64(len(m.Threads), 24))
	for i := range m.Threads {
		c.u64(&m.Threads[i].PID)
		c.textN(&m.Threads[i].Comm, 16)
	}
}

// Kinds of CPUMap.
const (
	CPUMapList  uint16 = 0
	CPUMapMask  uint16 = 1
	CPUMapRange uint16 = 2 // perf 6.1
)

// CPUMap tells a set of CPUs as its Kind says.
type CPUMap struct {
	Meta
	Kind uint16
	// CPUs is the list; 0xffff is any CPU.
	CPUs []uint16
	// Mask32 or Mask64 has a bit a CPU; LongSize is 4 or 8 and tells which.
	LongSize uint16
	Mask32   []uint32
	Mask64   []uint64
	// Any, Start, End are the range, End included.
	Any        uint8
	Start, End uint16
	// Data is what follows the kind when that is not known; it is not swapped.
	Data []byte
}

// Type returns TypeCPUMap.
func (*CPUMap) Type() Type { return TypeCPUMap }

func (m *CPUMap) fields(c *coder, _ *Layout) {
	c.u16(&m.Kind)
	switch m.Kind {
	case CPUMapList:
		resize(c, &m.CPUs, c.count16(len(m.CPUs), 2))
		for i := range m.CPUs {
			c.u16(&m.CPUs[i])
		}
	case CPUMapMask:
		m.masks(c)
	case CPUMapRange:
		c.u8(&m.Any)
		c.skip(1)
		c.u16(&m.Start)
		c.u16(&m.End)
	default:
		c.rest(&m.Data)
	}
}

func (m *CPUMap) masks(c *coder) {
	n := c.count16(len(m.Mask32)+len(m.Mask64), 1)
	c.u16(&m.LongSize)
	if m.LongSize == 8 {
		c.skip(4)
		resize(c, &m.Mask64, c.fits(uint64(n), 8))
		for i := range m.Mask64 {
			c.u64(&m.Mask64[i])
		}
		return
	}
	resize(c, &m.Mask32, c.fits(uint64(n), 4))
	for i := range m.Mask32 {
		c.u32(&m.Mask32[i])
	}
}

// Kinds of EventUpdate.
const (
	EventUpdateUnit  uint64 = 0
	EventUpdateScale uint64 = 1
	EventUpdateName  uint64 = 2
	EventUpdateCPUs  uint64 = 3
	// EventUpdateTypes is gperf's own: what the event's fields mean beyond the kernel's format (perfevent/argtype). The number is
	// "gperf" in ASCII. perf 6.1 skips kinds that it does not know.
	EventUpdateTypes uint64 = 0x6770657266
)

// EventUpdate tells more of the event that has this id.
type EventUpdate struct {
	Meta
	Kind uint64
	ID   uint64
	Text string // EventUpdateUnit, EventUpdateName
	// Scale is that of EventUpdateScale.
	Scale float64
	CPUs  CPUMap // EventUpdateCPUs
	// Data is the payload of EventUpdateTypes, or all that follows the id if the kind is not known. It is not swapped; aliases the record.
	Data []byte
}

// Type returns TypeEventUpdate.
func (*EventUpdate) Type() Type { return TypeEventUpdate }

func (m *EventUpdate) fields(c *coder, l *Layout) {
	c.u64(&m.Kind)
	c.u64(&m.ID)
	switch m.Kind {
	case EventUpdateUnit, EventUpdateName:
		c.text(&m.Text)
	case EventUpdateScale:
		v := math.Float64bits(m.Scale)
		c.u64(&v)
		m.Scale = math.Float64frombits(v)
	case EventUpdateCPUs:
		m.CPUs.fields(c, l)
	case EventUpdateTypes:
		c.bytes(&m.Data, c.count64(len(m.Data), 1))
	default:
		c.rest(&m.Data)
	}
}

// HeaderFeature is one feature of the file header, in a stream. Feature is the bit's number; Data is in the writer's byte order also
// after Swap and aliases the record.
type HeaderFeature struct {
	Meta
	Feature uint64
	Data    []byte
}

// Type returns TypeHeaderFeature.
func (*HeaderFeature) Type() Type { return TypeHeaderFeature }

func (m *HeaderFeature) fields(c *coder, _ *Layout) {
	c.u64(&m.Feature)
	c.rest(&m.Data)
}

// Compressed is a piece of a zstd stream of records. Records may begin in one piece and end in the next.
type Compressed struct {
	Meta
	Data []byte // aliases the record
}

// Type returns TypeCompressed.
func (*Compressed) Type() Type { return TypeCompressed }

func (m *Compressed) fields(c *coder, _ *Layout) { c.rest(&m.Data) }

// Compressed2 is Compressed with a length, so that the record can be padded; perf 6.15.
type Compressed2 struct {
	Meta
	Data []byte // aliases the record
}

// Type returns TypeCompressed2.
func (*Compressed2) Type() Type { return TypeCompressed2 }

func (m *Compressed2) fields(c *coder, _ *Layout) { c.bytes(&m.Data, c.count64(len(m.Data), 1)) }
