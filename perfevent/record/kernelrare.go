package record

// Namespaces tells the namespaces of a thread, in the order net, uts, ipc, pid, user, mnt, cgroup.
type Namespaces struct {
	Meta
	PID, TID uint32
	Links    []Namespace
}

// Namespace is one link below /proc/PID/ns.
type Namespace struct {
	Dev, Inode uint64
}

// Type returns TypeNamespaces.
func (*Namespaces) Type() Type { return TypeNamespaces }

func (m *Namespaces) fields(c *coder, _ *Layout) {
	c.u32(&m.PID)
	c.u32(&m.TID)
	resize(c, &m.Links, c.count64(len(m.Links), 16))
	for i := range m.Links {
		c.u64(&m.Links[i].Dev)
		c.u64(&m.Links[i].Inode)
	}
}

// Ksymbol tells that the kernel got (or, with bit 0 of Flags, lost) a symbol at run time: a BPF program, a trampoline, a kprobe's slot.
type Ksymbol struct {
	Meta
	Addr  uint64
	Len   uint32
	Kind  uint16 // 1 BPF, 2 out of line
	Flags uint16
	Name  string
}

// Type returns TypeKsymbol.
func (*Ksymbol) Type() Type { return TypeKsymbol }

func (m *Ksymbol) fields(c *coder, _ *Layout) {
	c.u64(&m.Addr)
	c.u32(&m.Len)
	c.u16(&m.Kind)
	c.u16(&m.Flags)
	c.text(&m.Name)
}

// BPFEvent tells of a BPF program loaded (Kind 1) or unloaded (2).
type BPFEvent struct {
	Meta
	Kind  uint16
	Flags uint16
	ID    uint32
	Tag   [8]byte
}

// Type returns TypeBPFEvent.
func (*BPFEvent) Type() Type { return TypeBPFEvent }

func (m *BPFEvent) fields(c *coder, _ *Layout) {
	c.u16(&m.Kind)
	c.u16(&m.Flags)
	c.u32(&m.ID)
	c.array(m.Tag[:])
}

// CGroup tells the path of the control group with this id.
type CGroup struct {
	Meta
	ID   uint64
	Path string
}

// Type returns TypeCGroup.
func (*CGroup) Type() Type { return TypeCGroup }

func (m *CGroup) fields(c *coder, _ *Layout) {
	c.u64(&m.ID)
	c.text(&m.Path)
}

// TextPoke tells that the kernel changed its code at Addr.
type TextPoke struct {
	Meta
	Addr     uint64
	Old, New []byte // alias the record
}

// Type returns TypeTextPoke.
func (*TextPoke) Type() Type { return TypeTextPoke }

func (m *TextPoke) fields(c *coder, _ *Layout) {
	c.u64(&m.Addr)
	oldLen, newLen := uint16(len(m.Old)), uint16(len(m.New))
	c.u16(&oldLen)
	c.u16(&newLen)
	c.bytes(&m.Old, int(oldLen))
	c.bytes(&m.New, int(newLen))
}

// AuxOutputHWID ties an id in AUX data to the event that has the Trailer's id.
type AuxOutputHWID struct {
	Meta
	HWID uint64
}

// Type returns TypeAuxOutputHWID.
func (*AuxOutputHWID) Type() Type { return TypeAuxOutputHWID }

func (m *AuxOutputHWID) fields(c *coder, _ *Layout) { c.u64(&m.HWID) }

// CallchainDeferred is the user half of a callchain whose sample ended with ContextUserDeferred and Cookie; Linux 6.19.
type CallchainDeferred struct {
	Meta
	Cookie    uint64
	Callchain []uint64 // aliases the record
}

// Type returns TypeCallchainDeferred.
func (*CallchainDeferred) Type() Type { return TypeCallchainDeferred }

func (m *CallchainDeferred) fields(c *coder, _ *Layout) {
	c.u64(&m.Cookie)
	c.u64s(&m.Callchain, c.count64(len(m.Callchain), 8))
}
