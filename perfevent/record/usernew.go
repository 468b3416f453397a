package record

// EventType names an event of a stream before perf 3.14; later perfs write no such record.
type EventType struct {
	Meta
	ID   uint64 // attr.config
	Name string // at most 63 bytes
}

// Type returns TypeHeaderEventType.
func (*EventType) Type() Type { return TypeHeaderEventType }

func (m *EventType) fields(c *coder, _ *Layout) {
	c.u64(&m.ID)
	c.textN(&m.Name, 64)
}

// Room for the strings of a BPFMetadata, BPF_METADATA_KEY_LEN and so on in tools/lib/perf/include/perf/event.h. A program's name had half as
// much room where KSYM_NAME_LEN was 256.
const (
	bpfNameRoom    = 512
	bpfNameRoomOld = 256
	bpfKeyRoom     = 64
	bpfValueRoom   = 256
)

// BPFMetadata is what the read-only variables bpf_metadata_… of a BPF program say; perf 6.17.
type BPFMetadata struct {
	Meta
	Program string
	Entries []BPFMetadataEntry
}

// BPFMetadataEntry is one variable without its prefix.
type BPFMetadataEntry struct {
	Key   string // at most 63 bytes
	Value string // at most 255 bytes
}

// Type returns TypeBPFMetadata.
func (*BPFMetadata) Type() Type { return TypeBPFMetadata }

func (m *BPFMetadata) fields(c *coder, _ *Layout) {
	room := bpfNameRoom
	// The length of the record tells which room the name has.
	if c.mode != appending && (len(c.b)-8-bpfNameRoomOld)%(bpfKeyRoom+bpfValueRoom) == 0 {
		room = bpfNameRoomOld
	}
	c.textN(&m.Program, room)
	resize(c, &m.Entries, c.count64(len(m.Entries), bpfKeyRoom+bpfValueRoom))
	for i := range m.Entries {
		c.textN(&m.Entries[i].Key, bpfKeyRoom)
		c.textN(&m.Entries[i].Value, bpfValueRoom)
	}
}

// SchedstatCPU is a line "cpuN" of /proc/schedstat; newer than perf 6.12. Counts and Times have the order of that line, for the versions 15 to 17; of
// another version Data has all that follows the version, not swapped.
type SchedstatCPU struct {
	Meta
	Timestamp uint64 // jiffies
	CPU       uint32
	Version   uint16
	Counts    [6]uint32
	Times     [3]uint64
	Data      []byte // aliases the record
}

// Type returns TypeSchedstatCPU.
func (*SchedstatCPU) Type() Type { return TypeSchedstatCPU }

func (m *SchedstatCPU) fields(c *coder, _ *Layout) {
	c.u64(&m.Timestamp)
	c.u32(&m.CPU)
	c.u16(&m.Version)
	c.skip(2)
	if m.Version < 15 || m.Version > 17 {
		c.rest(&m.Data)
		return
	}
	for i := range m.Counts {
		c.u32(&m.Counts[i])
	}
	for i := range m.Times {
		c.u64(&m.Times[i])
	}
}

// SchedstatDomain is a line "domainN" of /proc/schedstat; newer than perf 6.12. Counts has the order of that line, and a last zero where their number is odd.
type SchedstatDomain struct {
	Meta
	Timestamp uint64 // jiffies
	CPU       uint32
	Version   uint16
	Domain    uint16
	Counts    []uint32
}

// Type returns TypeSchedstatDomain.
func (*SchedstatDomain) Type() Type { return TypeSchedstatDomain }

func (m *SchedstatDomain) fields(c *coder, _ *Layout) {
	c.u64(&m.Timestamp)
	c.u32(&m.CPU)
	c.u16(&m.Version)
	c.u16(&m.Domain)
	resize(c, &m.Counts, len(c.b)/4)
	for i := range m.Counts {
		c.u32(&m.Counts[i])
	}
}
