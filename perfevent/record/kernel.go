package record

// Mmap tells of a mapping of a file or of the kernel; written instead of Mmap2 where attr.mmap2 is not set, and by perf for the kernel.
type Mmap struct {
	Meta
	PID, TID  uint32
	Addr, Len uint64
	PgOff     uint64
	Filename  string
}

// Type returns TypeMmap.
func (*Mmap) Type() Type { return TypeMmap }

func (m *Mmap) fields(c *coder, _ *Layout) {
	c.u32(&m.PID)
	c.u32(&m.TID)
	c.u64(&m.Addr)
	c.u64(&m.Len)
	c.u64(&m.PgOff)
	c.text(&m.Filename)
}

// Mmap2 tells of a mapping; Linux 3.12. With MiscMmapBuildID in Misc the file is named by BuildID, else by Maj, Min, Inode.
type Mmap2 struct {
	Meta
	PID, TID        uint32
	Addr, Len       uint64
	PgOff           uint64
	Maj, Min        uint32
	Inode           uint64
	InodeGeneration uint64
	BuildID         [20]byte
	BuildIDSize     uint8
	Prot, Flags     uint32 // as of mmap(2)
	Filename        string
}

// Type returns TypeMmap2.
func (*Mmap2) Type() Type { return TypeMmap2 }

func (m *Mmap2) fields(c *coder, _ *Layout) {
	c.u32(&m.PID)
	c.u32(&m.TID)
	c.u64(&m.Addr)
	c.u64(&m.Len)
	c.u64(&m.PgOff)
	if m.Misc&MiscMmapBuildID != 0 {
		c.u8(&m.BuildIDSize)
		c.skip(3)
		c.array(m.BuildID[:])
	} else {
		c.u32(&m.Maj)
		c.u32(&m.Min)
		c.u64(&m.Inode)
		c.u64(&m.InodeGeneration)
	}
	c.u32(&m.Prot)
	c.u32(&m.Flags)
	c.text(&m.Filename)
}

// Comm tells a thread's name: at its exec (MiscCommExec) or when it renames itself.
type Comm struct {
	Meta
	PID, TID uint32
	Comm     string
}

// Type returns TypeComm.
func (*Comm) Type() Type { return TypeComm }

func (m *Comm) fields(c *coder, _ *Layout) {
	c.u32(&m.PID)
	c.u32(&m.TID)
	c.text(&m.Comm)
}

// Task is FORK or EXIT of a thread.
type Task struct {
	Meta
	Exit      bool
	PID, PPID uint32
	TID, PTID uint32
	Time      uint64 // nanoseconds
}

// Type returns TypeFork or TypeExit.
func (m *Task) Type() Type {
	if m.Exit {
		return TypeExit
	}
	return TypeFork
}

func (m *Task) fields(c *coder, _ *Layout) {
	c.u32(&m.PID)
	c.u32(&m.PPID)
	c.u32(&m.TID)
	c.u32(&m.PTID)
	c.u64(&m.Time)
}

// Lost counts records that found no room in the ring.
type Lost struct {
	Meta
	ID   uint64
	Lost uint64
}

// Type returns TypeLost.
func (*Lost) Type() Type { return TypeLost }

func (m *Lost) fields(c *coder, _ *Layout) {
	c.u64(&m.ID)
	c.u64(&m.Lost)
}

// LostSamples counts samples that the hardware dropped; perf writes it too, at the end of a recording, from the counters' own count.
type LostSamples struct {
	Meta
	Lost uint64
}

// Type returns TypeLostSamples.
func (*LostSamples) Type() Type { return TypeLostSamples }

func (m *LostSamples) fields(c *coder, _ *Layout) { c.u64(&m.Lost) }

// Throttle is THROTTLE or, with End, UNTHROTTLE: an event was stopped because it sampled too often.
type Throttle struct {
	Meta
	End      bool
	Time     uint64
	ID       uint64
	StreamID uint64
}

// Type returns TypeThrottle or TypeUnthrottle.
func (m *Throttle) Type() Type {
	if m.End {
		return TypeUnthrottle
	}
	return TypeThrottle
}

func (m *Throttle) fields(c *coder, _ *Layout) {
	c.u64(&m.Time)
	c.u64(&m.ID)
	c.u64(&m.StreamID)
}

// ReadRecord is a counter's value at the exit of an inherited thread (attr.inherit_stat).
type ReadRecord struct {
	Meta
	PID, TID uint32
	Read     Read
}

// Type returns TypeRead.
func (*ReadRecord) Type() Type { return TypeRead }

func (m *ReadRecord) fields(c *coder, l *Layout) {
	c.u32(&m.PID)
	c.u32(&m.TID)
	m.Read.fields(c, l.ReadFormat)
}

// Aux tells that data stands in the AUX area.
type Aux struct {
	Meta
	Offset, Size, Flags uint64
}

// Type returns TypeAux.
func (*Aux) Type() Type { return TypeAux }

func (m *Aux) fields(c *coder, _ *Layout) {
	c.u64(&m.Offset)
	c.u64(&m.Size)
	c.u64(&m.Flags)
}

// ItraceStart tells which thread an instruction trace began in.
type ItraceStart struct {
	Meta
	PID, TID uint32
}

// Type returns TypeItraceStart.
func (*ItraceStart) Type() Type { return TypeItraceStart }

func (m *ItraceStart) fields(c *coder, _ *Layout) {
	c.u32(&m.PID)
	c.u32(&m.TID)
}

// Switch is SWITCH or, with CPUWide, SWITCH_CPU_WIDE: a thread came to the CPU, or left it (MiscSwitchOut). PID and TID are the other
// thread's and stand only in the latter.
type Switch struct {
	Meta
	CPUWide  bool
	PID, TID uint32
}

// Type returns TypeSwitch or TypeSwitchCPUWide.
func (m *Switch) Type() Type {
	if m.CPUWide {
		return TypeSwitchCPUWide
	}
	return TypeSwitch
}

func (m *Switch) fields(c *coder, _ *Layout) {
	if m.CPUWide {
		c.u32(&m.PID)
		c.u32(&m.TID)
	}
}
