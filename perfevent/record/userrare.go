package record

// AuxtraceInfo describes the AUX data of a recording. Kind names the hardware; Priv is its own.
type AuxtraceInfo struct {
	Meta
	Kind uint32
	Priv []uint64
}

// Type returns TypeAuxtraceInfo.
func (*AuxtraceInfo) Type() Type { return TypeAuxtraceInfo }

func (m *AuxtraceInfo) fields(c *coder, _ *Layout) {
	c.u32(&m.Kind)
	c.skip(4)
	n := len(m.Priv)
	if c.mode != appending {
		n = len(c.b) / 8
	}
	c.u64s(&m.Priv, n)
}

// Auxtrace announces Size bytes of AUX data that follow the record and are no record.
type Auxtrace struct {
	Meta
	Size, Offset, Reference uint64
	Index, TID, CPU         uint32
}

// Type returns TypeAuxtrace.
func (*Auxtrace) Type() Type { return TypeAuxtrace }

func (m *Auxtrace) fields(c *coder, _ *Layout) {
	c.u64(&m.Size)
	c.u64(&m.Offset)
	c.u64(&m.Reference)
	c.u32(&m.Index)
	c.u32(&m.TID)
	c.u32(&m.CPU)
	c.skip(4)
}

// AuxtraceError is an error met while decoding AUX data. Time stands there with Format 1, MachinePID and VCPU with Format 2.
type AuxtraceError struct {
	Meta
	Kind, Code       uint32
	CPU, PID, TID    uint32
	Format           uint32
	IP, Time         uint64
	Message          string // at most 63 bytes
	MachinePID, VCPU uint32
}

// Type returns TypeAuxtraceError.
func (*AuxtraceError) Type() Type { return TypeAuxtraceError }

func (m *AuxtraceError) fields(c *coder, _ *Layout) {
	for _, v := range []*uint32{&m.Kind, &m.Code, &m.CPU, &m.PID, &m.TID, &m.Format} {
		c.u32(v)
	}
	c.u64(&m.IP)
	if m.Format > 0 {
		c.u64(&m.Time)
	}
	c.textN(&m.Message, 64)
	if m.Format > 1 {
		c.u32(&m.MachinePID)
		c.u32(&m.VCPU)
	}
}

// StatConfig tells how a counting session was set up; tag 0 is the aggregation mode, 1 the interval, 2 the scaling.
type StatConfig struct {
	Meta
	Terms []StatTerm
}

// StatTerm is one setting of a StatConfig.
type StatTerm struct {
	Tag, Value uint64
}

// Type returns TypeStatConfig.
func (*StatConfig) Type() Type { return TypeStatConfig }

func (m *StatConfig) fields(c *coder, _ *Layout) {
	resize(c, &m.Terms, c.count64(len(m.Terms), 16))
	for i := range m.Terms {
		c.u64(&m.Terms[i].Tag)
		c.u64(&m.Terms[i].Value)
	}
}

// Stat is one counter's value on one CPU and thread, by their index in the session's maps.
type Stat struct {
	Meta
	ID          uint64
	CPU, Thread uint32
	Value       uint64
	Enabled     uint64 // nanoseconds
	Running     uint64 // nanoseconds
}

// Type returns TypeStat.
func (*Stat) Type() Type { return TypeStat }

func (m *Stat) fields(c *coder, _ *Layout) {
	c.u64(&m.ID)
	c.u32(&m.CPU)
	c.u32(&m.Thread)
	c.u64(&m.Value)
	c.u64(&m.Enabled)
	c.u64(&m.Running)
}

// StatRound ends a round of counts: Kind 0 an interval, 1 the last.
type StatRound struct {
	Meta
	Kind, Time uint64
}

// Type returns TypeStatRound.
func (*StatRound) Type() Type { return TypeStatRound }

func (m *StatRound) fields(c *coder, _ *Layout) {
	c.u64(&m.Kind)
	c.u64(&m.Time)
}

// TimeConv tells how to get from TSC cycles to the events' clock. Cycles and the fields behind it stand there since perf 5.11.
type TimeConv struct {
	Meta
	Shift, Mult, Zero uint64
	Cycles, Mask      uint64
	CapUserTimeZero   uint8
	CapUserTimeShort  uint8
}

// Type returns TypeTimeConv.
func (*TimeConv) Type() Type { return TypeTimeConv }

func (m *TimeConv) fields(c *coder, _ *Layout) {
	c.u64(&m.Shift)
	c.u64(&m.Mult)
	c.u64(&m.Zero)
	if c.mode != appending && len(c.b) < 24 {
		return
	}
	c.u64(&m.Cycles)
	c.u64(&m.Mask)
	c.u8(&m.CapUserTimeZero)
	c.u8(&m.CapUserTimeShort)
	c.skip(6)
}
