package record

// Sample is a decoded record of type TypeSample. A field that the layout does not have is zero. The caller reuses one Sample for many
// records: slices alias the record, except Read.Group, which keeps its memory.
type Sample struct {
	Misc     uint16
	IP       uint64
	PID, TID uint32
	Time     uint64 // nanoseconds of the event's clock
	Addr     uint64
	ID       uint64 // PERF_SAMPLE_IDENTIFIER or PERF_SAMPLE_ID
	StreamID uint64
	CPU      uint32
	Period   uint64
	Read     Read
	// Callchain is addresses, innermost first, after the marker of the context they are in; see ContextMax.
	Callchain []uint64
	// Raw is a tracepoint's fields, or what a PMU or a BPF program put there; with the padding that the kernel adds.
	Raw []byte
	// BranchHWIdx is only there with BranchHWIndex.
	BranchHWIdx    uint64
	Branches       []Branch
	BranchCounters []uint64 // one a branch, with the layout's BranchCounters; Linux 6.8
	UserABI        uint64   // 0 none, 1 32 bit, 2 64 bit; no UserRegs if 0
	UserRegs       []uint64 // one a bit in Layout.RegsUser, lowest first
	UserStack      []byte   // as much as was asked for; UserStackDyn bytes are true
	UserStackDyn   uint64
	Weight         uint64 // SampleWeight; or the three parts of SampleWeightStruct: bits 0–31, 32–47, 48–63
	DataSrc        uint64
	Transaction    uint64
	IntrABI        uint64
	IntrRegs       []uint64
	PhysAddr       uint64
	CGroup         uint64
	DataPageSize   uint64
	CodePageSize   uint64
	Aux            []byte
}

// Branch is one taken branch.
type Branch struct {
	From, To uint64
	// Flags has, from bit 0: mispredicted, predicted, in transaction, abort, cycles (16 bits), type (4), spec (2), new type (4), priv (3).
	Flags uint64
}

// Read is a counter's value as attr.read_format asks for it. For a group (ReadGroup), Value, ID and Lost are zero and Group has them.
type Read struct {
	Value       uint64
	TimeEnabled uint64 // nanoseconds
	TimeRunning uint64 // nanoseconds
	ID          uint64
	Lost        uint64 // samples, Linux 6.0
	Group       []ReadValue
}

// ReadValue is one event of a group.
type ReadValue struct {
	Value, ID, Lost uint64
}

// Type returns TypeSample.
func (s *Sample) Type() Type { return TypeSample }

func (s *Sample) misc() *uint16 { return &s.Misc }

func (s *Sample) trailer() *Trailer { return nil }

// DecodeSample decodes the whole record rec, header included and in native byte order, into s. It allocates nothing when rec is aligned to
// eight bytes. The error is ErrShort if the record is shorter than its fields.
func (l *Layout) DecodeSample(rec []byte, s *Sample) error {
	h, err := ParseHeader(rec)
	if err != nil {
		return err
	}
	if int(h.Size) > len(rec) || l == nil {
		return ErrShort
	}
	group := s.Read.Group[:0]
	*s = Sample{Misc: h.Misc}
	s.Read.Group = group
	c := coder{b: rec[HeaderSize:h.Size]}
	s.fields(&c, l)
	if c.short {
		return ErrShort
	}
	return nil
}

// AppendSample appends s as a whole record of this layout and returns the longer slice. Raw is padded with zeros as the kernel does it, to
// a record that is a multiple of eight bytes. A sample longer than MaxSize is not appended: dst comes back as it was.
func (l *Layout) AppendSample(dst []byte, s *Sample) []byte { return Append(l, dst, s) }

// fields walks a sample in the order of perf_output_sample in the kernel's kernel/events/core.c.
func (s *Sample) fields(c *coder, l *Layout) {
	st := l.SampleType
	if st&SampleIdentifier != 0 {
		c.u64(&s.ID)
	}
	if st&SampleIP != 0 {
		c.u64(&s.IP)
	}
	if st&SampleTID != 0 {
		c.u32(&s.PID)
		c.u32(&s.TID)
	}
	if st&SampleTime != 0 {
		c.u64(&s.Time)
	}
	if st&SampleAddr != 0 {
		c.u64(&s.Addr)
	}
	if st&SampleID != 0 {
		c.u64(&s.ID)
	}
	if st&SampleStreamID != 0 {
		c.u64(&s.StreamID)
	}
	if st&SampleCPU != 0 {
		c.u32(&s.CPU)
		c.skip(4)
	}
	if st&SamplePeriod != 0 {
		c.u64(&s.Period)
	}
	if st&SampleRead != 0 {
		s.Read.fields(c, l.ReadFormat)
	}
	if st&SampleCallchain != 0 {
		c.u64s(&s.Callchain, c.count64(len(s.Callchain), 8))
	}
	if st&SampleRaw != 0 {
		c.raw(&s.Raw)
	}
	if st>>11 != 0 {
		s.lateFields(c, l)
	}
}

// lateFields walks the fields that few events have.
func (s *Sample) lateFields(c *coder, l *Layout) {
	st := l.SampleType
	if st&SampleBranchStack != 0 {
		s.branches(c, l)
	}
	if st&SampleRegsUser != 0 {
		regs(c, &s.UserABI, &s.UserRegs, l.RegsUser)
	}
	if st&SampleStackUser != 0 {
		n := c.count64(len(s.UserStack), 1)
		c.bytes(&s.UserStack, n)
		if n > 0 {
			c.u64(&s.UserStackDyn)
		}
	}
	if st&(SampleWeight|SampleWeightStruct) != 0 {
		c.u64(&s.Weight) // the struct is declared for both byte orders so that the word is the same
	}
	if st&SampleDataSrc != 0 {
		c.u64(&s.DataSrc)
	}
	if st&SampleTransaction != 0 {
		c.u64(&s.Transaction)
	}
	if st&SampleRegsIntr != 0 {
		regs(c, &s.IntrABI, &s.IntrRegs, l.RegsIntr)
	}
	if st&SamplePhysAddr != 0 {
		c.u64(&s.PhysAddr)
	}
	if st&SampleCGroup != 0 {
		c.u64(&s.CGroup)
	}
	if st&SampleDataPageSize != 0 {
		c.u64(&s.DataPageSize)
	}
	if st&SampleCodePageSize != 0 {
		c.u64(&s.CodePageSize)
	}
	if st&SampleAux != 0 {
		c.bytes(&s.Aux, c.count64(len(s.Aux), 1))
	}
}

func (s *Sample) branches(c *coder, l *Layout) {
	n := c.count64(len(s.Branches), 24)
	if l.BranchSampleType&BranchHWIndex != 0 {
		c.u64(&s.BranchHWIdx)
	}
	c.branches(&s.Branches, n)
	if l.BranchSampleType&BranchCounters != 0 {
		c.u64s(&s.BranchCounters, n)
	}
}

// regs walks a register dump: the ABI and, unless that is none, a word for each bit in mask.
func regs(c *coder, abi *uint64, r *[]uint64, mask uint64) {
	c.u64(abi)
	if *abi != 0 {
		c.u64s(r, words(SampleFormat(mask))/8)
	}
}

func (r *Read) fields(c *coder, f ReadFormat) {
	n := 0
	if f&ReadGroup != 0 {
		n = c.count64(len(r.Group), words(SampleFormat(f&(ReadID|ReadLost)))+8)
	} else {
		c.u64(&r.Value)
	}
	if f&ReadTotalTimeEnabled != 0 {
		c.u64(&r.TimeEnabled)
	}
	if f&ReadTotalTimeRunning != 0 {
		c.u64(&r.TimeRunning)
	}
	if f&ReadGroup == 0 {
		if f&ReadID != 0 {
			c.u64(&r.ID)
		}
		if f&ReadLost != 0 {
			c.u64(&r.Lost)
		}
		return
	}
	resize(c, &r.Group, n)
	for i := range r.Group {
		v := &r.Group[i]
		c.u64(&v.Value)
		if f&ReadID != 0 {
			c.u64(&v.ID)
		}
		if f&ReadLost != 0 {
			c.u64(&v.Lost)
		}
	}
}
