package bpf

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/cilium/ebpf/asm"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Registers of the program that calls keep: the context, the buffer, how much of the buffer is used, and a length.
const (
	rContext = asm.R6
	rBuffer  = asm.R7
	rLength  = asm.R8
	rUsed    = asm.R9
)

// Places on the program's stack, below R10.
const (
	atPointer = -8  // a pointer that was followed, or the scratch map's key
	atAddress = -16 // of an array or text
	atTask    = -24 // the process's number
)

// generator writes the program.
type generator struct {
	ins    asm.Instructions
	regs   map[string]int16
	labels int
	next   string // label of the next instruction
}

func (g *generator) emit(ins ...asm.Instruction) {
	for _, i := range ins {
		if g.next != "" {
			i = i.WithSymbol(g.next)
			g.next = ""
		}
		g.ins = append(g.ins, i)
	}
}

func (g *generator) label() string {
	g.labels++
	return "l" + strconv.Itoa(g.labels)
}

// here gives the next instruction a label. Where it has one already, that one jumps on.
func (g *generator) here(label string) {
	if g.next != "" {
		g.emit(asm.Mov.Reg(asm.R0, asm.R0))
	}
	g.next = label
}

// value loads what an expression gives. A pointer that cannot be followed gives 0.
func (g *generator) value(f *fetch, into asm.Register) error {
	switch {
	case f.inner != nil:
		if err := g.address(f); err != nil {
			return err
		}
		g.read(func() { g.emit(asm.Mov.Reg(asm.R1, asm.R10), asm.Add.Imm(asm.R1, atPointer)) }, 8)
		g.emit(asm.LoadMem(into, asm.R10, atPointer, asm.DWord))
	case f.reg != "":
		off, ok := g.regs[f.reg]
		if !ok {
			return fmt.Errorf("no register %%%s is known to programs", f.reg)
		}
		g.emit(asm.LoadMem(into, rContext, off, asm.DWord))
	default:
		g.emit(asm.LoadImm(into, f.imm, asm.DWord))
	}
	return nil
}

// address puts where an expression reads memory into R3.
func (g *generator) address(f *fetch) error {
	if err := g.value(f.inner, asm.R3); err != nil {
		return err
	}
	g.emit(asm.Add.Imm(asm.R3, f.offset))
	return nil
}

// read copies size bytes of user memory from R3; zeros come where there is none. to loads R1.
func (g *generator) read(to func(), size int32) {
	to()
	g.emit(asm.Mov.Imm(asm.R2, size), asm.FnProbeReadUser.Call())
}

// inBuffer loads R1 with an offset in the buffer.
func (g *generator) inBuffer(offset int) func() {
	return func() { g.emit(asm.Mov.Reg(asm.R1, rBuffer), asm.Add.Imm(asm.R1, int32(offset))) }
}

func sizeOf(bytes int) (asm.Size, bool) {
	switch bytes {
	case 1:
		return asm.Byte, true
	case 2:
		return asm.Half, true
	case 4:
		return asm.Word, true
	case 8:
		return asm.DWord, true
	}
	return asm.InvalidSize, false
}

// field stores a value that has a fixed size.
func (g *generator) field(s *slot, a tracefs.ProbeArg) error {
	if s.kernel.IsDynamic || strings.HasPrefix(a.Type, "b") || strings.ContainsAny(a.Type, "@/%") || strings.HasPrefix(a.Type, "sym") {
		return fmt.Errorf("a value of type %s is fetched by the kernel only", a.Type)
	}
	f, err := parseFetch(a.Expr)
	if err != nil {
		return err
	}
	if s.kernel.IsArray {
		return g.array(s, f)
	}
	size, ok := sizeOf(s.size)
	if !ok {
		return fmt.Errorf("%s has %d bytes", s.name, s.size)
	}
	if f.inner != nil {
		if err := g.address(f); err != nil {
			return err
		}
		g.read(g.inBuffer(s.offset), int32(s.size))
		return nil
	}
	if err := g.value(f, asm.R1); err != nil {
		return err
	}
	g.emit(asm.StoreMem(rBuffer, int16(s.offset), asm.R1, size))
	return nil
}

// array copies all elements, one by one where not all can be read: the kernel does so too.
func (g *generator) array(s *slot, f *fetch) error {
	if f.inner == nil {
		return fmt.Errorf("%s is an array that is not in memory", s.name)
	}
	if err := g.address(f); err != nil {
		return err
	}
	g.emit(asm.StoreMem(asm.R10, atAddress, asm.R3, asm.DWord))
	g.read(g.inBuffer(s.offset), int32(s.size))
	done := g.label()
	g.emit(asm.JEq.Imm(asm.R0, 0, done))
	for i := range s.kernel.Count {
		g.emit(asm.LoadMem(asm.R3, asm.R10, atAddress, asm.DWord), asm.Add.Imm(asm.R3, int32(i*s.kernel.ElemSize)))
		g.read(g.inBuffer(s.offset+i*s.kernel.ElemSize), int32(s.kernel.ElemSize))
	}
	g.here(done)
	return nil
}

// text copies as many bytes as there are, at most s.most, behind what is in the buffer, and stores where. Of text that reaches into
// memory that cannot be read the bytes up to the next page are taken.
func (g *generator) text(s *slot, exprs map[string]*fetch) error {
	if err := g.length(s, exprs); err != nil {
		return err
	}
	if err := g.value(exprs[s.ptr], asm.R3); err != nil {
		return err
	}
	done, fail := g.label(), g.label()
	bounded := g.label()
	g.emit(asm.StoreMem(asm.R10, atAddress, asm.R3, asm.DWord),
		asm.Mov.Reg(asm.R1, rLength), asm.RSh.Imm(asm.R1, 47), asm.JNE.Imm(asm.R1, 0, fail), // no program has so many
		asm.JLE.Imm(rLength, int32(s.most), bounded),
		asm.Mov.Imm(rLength, int32(s.most)))
	g.here(bounded)
	g.emit(asm.JEq.Imm(rLength, 0, done))
	copyIt := func() {
		g.emit(asm.Mov.Reg(asm.R1, rBuffer), asm.Add.Reg(asm.R1, rUsed), asm.Mov.Reg(asm.R2, rLength),
			asm.LoadMem(asm.R3, asm.R10, atAddress, asm.DWord), asm.FnProbeReadUser.Call(),
			asm.JEq.Imm(asm.R0, 0, done))
	}
	copyIt()
	g.emit(asm.LoadMem(asm.R3, asm.R10, atAddress, asm.DWord), asm.And.Imm(asm.R3, 4095),
		asm.Mov.Imm(asm.R1, 4096), asm.Sub.Reg(asm.R1, asm.R3),
		asm.JGE.Reg(asm.R1, rLength, fail), asm.Mov.Reg(rLength, asm.R1),
		asm.JGT.Imm(rLength, int32(s.most), fail)) // never; older verifiers do not see it
	copyIt()
	g.here(fail)
	g.emit(asm.Mov.Imm(rLength, 0))
	g.here(done)
	g.emit(asm.Mov.Reg(asm.R1, rLength), asm.LSh.Imm(asm.R1, 16), asm.Or.Reg(asm.R1, rUsed),
		asm.StoreMem(rBuffer, int16(s.offset), asm.R1, asm.Word),
		asm.Add.Reg(rUsed, rLength))
	return nil
}

// length loads how many bytes a text has.
func (g *generator) length(s *slot, exprs map[string]*fetch) error {
	if s.length != "" {
		return g.value(exprs[s.length], rLength)
	}
	if err := g.value(exprs[s.end], rLength); err != nil {
		return err
	}
	if err := g.value(exprs[s.ptr], asm.R1); err != nil {
		return err
	}
	g.emit(asm.Sub.Reg(rLength, asm.R1))
	return nil
}

// place writes what is done at one place of the probe.
func (g *generator) place(l *layout, p *tracefs.ProbeLine) error {
	exprs, args := map[string]*fetch{}, map[string]tracefs.ProbeArg{}
	for _, a := range p.Args {
		args[a.Name] = a
		if f, err := parseFetch(a.Expr); err == nil {
			exprs[a.Name] = f
		}
	}
	for i := range l.slots {
		s := &l.slots[i]
		var err error
		switch {
		case s.name == "__probe_ip":
			err = g.field(s, tracefs.ProbeArg{Name: s.name, Expr: "%ip", Type: "x64"})
		case strings.HasPrefix(s.name, "__probe_"):
			err = fmt.Errorf("it is a return probe of the kernel's")
		case s.kernel != nil:
			err = g.field(s, args[s.name])
		case exprs[s.ptr] == nil || s.length != "" && exprs[s.length] == nil || s.length == "" && exprs[s.end] == nil:
			err = fmt.Errorf("the address of %s is fetched by the kernel only", s.name)
		default:
			err = g.text(s, exprs)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// probe writes the program: what is common to all places, then what differs, then the output. maps are file descriptors; tasks is that of
// the processes that are recorded, -1 for all.
func (g *generator) probe(l *layout, lines []tracefs.ProbeLine, scratch, tasks, output int) error {
	g.emit(asm.Mov.Reg(rContext, asm.R1), asm.FnGetCurrentPidTgid.Call())
	g.emit(asm.StoreMem(asm.R10, atAddress, asm.R0, asm.DWord))
	if tasks >= 0 {
		g.inTasks(tasks)
	}
	g.emit(asm.StoreImm(asm.R10, atPointer, 0, asm.Word),
		asm.LoadMapPtr(asm.R1, scratch), asm.Mov.Reg(asm.R2, asm.R10), asm.Add.Imm(asm.R2, atPointer), asm.FnMapLookupElem.Call(),
		asm.JEq.Imm(asm.R0, 0, "out"), asm.Mov.Reg(rBuffer, asm.R0), asm.Mov.Imm(rUsed, int32(l.size)),
		// common_type, common_flags and common_preempt_count, common_pid
		asm.StoreImm(rBuffer, 0, int64(l.id), asm.Word),
		asm.LoadMem(asm.R1, asm.R10, atAddress, asm.DWord), asm.StoreMem(rBuffer, 4, asm.R1, asm.Word))
	if err := g.places(l, lines); err != nil {
		return err
	}
	g.here("write")
	g.emit(asm.Mov.Reg(asm.R1, rContext), asm.LoadMapPtr(asm.R2, output), asm.LoadImm(asm.R3, 0xffffffff, asm.DWord), // BPF_F_CURRENT_CPU
		asm.Mov.Reg(asm.R4, rBuffer), asm.Mov.Reg(asm.R5, rUsed), asm.FnPerfEventOutput.Call())
	g.here("out")
	g.emit(asm.Mov.Imm(asm.R0, 1), asm.Return()) // the probe's other users get theirs
	return nil
}

// inTasks leaves the program unless the process is one that is recorded. R0 has thread and process.
func (g *generator) inTasks(tasks int) {
	g.emit(asm.RSh.Imm(asm.R0, 32), asm.StoreMem(asm.R10, atTask, asm.R0, asm.Word),
		asm.LoadMapPtr(asm.R1, tasks), asm.Mov.Reg(asm.R2, asm.R10), asm.Add.Imm(asm.R2, atTask), asm.FnMapLookupElem.Call(),
		asm.JEq.Imm(asm.R0, 0, "out"))
}

// places tells the places apart, where values are fetched differently there, by where in a page they are.
func (g *generator) places(l *layout, lines []tracefs.ProbeLine) error {
	same := true
	low := map[uint64]bool{}
	for i := range lines {
		same = same && fmt.Sprint(lines[i].Args) == fmt.Sprint(lines[0].Args)
	}
	if same {
		return g.place(l, &lines[0])
	}
	for i := range lines {
		off, err := offsetOf(lines[i].Place)
		if err != nil || low[off&4095] {
			return fmt.Errorf("its places have their values elsewhere and cannot be told apart")
		}
		low[off&4095] = true
		next := g.label()
		g.emit(asm.LoadMem(asm.R1, rContext, g.regs["ip"], asm.DWord), asm.And.Imm(asm.R1, 4095), asm.JNE.Imm(asm.R1, int32(off&4095), next))
		if err := g.place(l, &lines[i]); err != nil {
			return err
		}
		g.emit(asm.Ja.Label("write"))
		g.here(next)
	}
	g.emit(asm.Ja.Label("out"))
	return nil
}

// offsetOf is the offset in the file of a place, PATH:0xOFFSET.
func offsetOf(place string) (uint64, error) {
	i := strings.LastIndexByte(place, ':')
	return strconv.ParseUint(strings.TrimSuffix(place[i+1:], "(0x0)"), 0, 64)
}
