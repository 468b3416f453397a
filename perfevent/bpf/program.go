package bpf

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Registers of the program that calls keep: the context, the buffer, how much of the buffer is used, and a length.
const (
	rContext = r6
	rBuffer  = r7
	rLength  = r8
	rUsed    = r9
)

// Places on the program's stack, below R10.
const (
	atPointer = -8  // a pointer that was followed, or the scratch map's key
	atAddress = -16 // of an array or text
	atTask    = -24 // the process's number
)

// generator writes the program.
type generator struct {
	assembler
	regs map[string]int16
}

// value loads what an expression gives. A pointer that cannot be followed gives 0.
func (g *generator) value(f *fetch, into register) error {
	switch {
	case f.inner != nil:
		if err := g.address(f); err != nil {
			return err
		}
		g.read(func() { g.emit(mov.reg(r1, r10), add.imm(r1, atPointer)) }, 8)
		g.emit(ldx(u64, into, r10, atPointer))
	case f.reg != "":
		off, ok := g.regs[f.reg]
		if !ok {
			return fmt.Errorf("no register %%%s is known to programs", f.reg)
		}
		g.emit(ldx(u64, into, rContext, off))
	default:
		g.emit(ld64(into, f.imm))
	}
	return nil
}

// address puts where an expression reads memory into R3.
func (g *generator) address(f *fetch) error {
	if err := g.value(f.inner, r3); err != nil {
		return err
	}
	g.emit(add.imm(r3, f.offset))
	return nil
}

// read copies size bytes of user memory from R3; zeros come where there is none. to loads R1.
func (g *generator) read(to func(), size int32) {
	to()
	g.emit(mov.imm(r2, size), probeReadUser.call())
}

// inBuffer loads R1 with an offset in the buffer.
func (g *generator) inBuffer(offset int) func() {
	return func() { g.emit(mov.reg(r1, rBuffer), add.imm(r1, int32(offset))) }
}

func sizeOf(bytes int) (size, bool) {
	switch bytes {
	case 1:
		return u8, true
	case 2:
		return u16, true
	case 4:
		return u32, true
	case 8:
		return u64, true
	}
	return 0, false
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
	width, ok := sizeOf(s.size)
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
	if err := g.value(f, r1); err != nil {
		return err
	}
	g.emit(stx(width, rBuffer, int16(s.offset), r1))
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
	g.emit(stx(u64, r10, atAddress, r3))
	g.read(g.inBuffer(s.offset), int32(s.size))
	done := g.newLabel()
	g.emit(jeq.imm(r0, 0, done))
	for i := range s.kernel.Count {
		g.emit(ldx(u64, r3, r10, atAddress), add.imm(r3, int32(i*s.kernel.ElemSize)))
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
	if err := g.value(exprs[s.ptr], r3); err != nil {
		return err
	}
	done, fail := g.newLabel(), g.newLabel()
	bounded := g.newLabel()
	g.emit(stx(u64, r10, atAddress, r3),
		mov.reg(r1, rLength), rsh.imm(r1, 47), jne.imm(r1, 0, fail), // no program has so many
		jle.imm(rLength, int32(s.most), bounded),
		mov.imm(rLength, int32(s.most)))
	g.here(bounded)
	g.emit(jeq.imm(rLength, 0, done))
	copyIt := func() {
		g.emit(mov.reg(r1, rBuffer), add.reg(r1, rUsed), mov.reg(r2, rLength),
			ldx(u64, r3, r10, atAddress), probeReadUser.call(),
			jeq.imm(r0, 0, done))
	}
	copyIt()
	g.emit(ldx(u64, r3, r10, atAddress), and.imm(r3, 4095),
		mov.imm(r1, 4096), sub.reg(r1, r3),
		jge.reg(r1, rLength, fail), mov.reg(rLength, r1),
		jgt.imm(rLength, int32(s.most), fail)) // never; older verifiers do not see it
	copyIt()
	g.here(fail)
	g.emit(mov.imm(rLength, 0))
	g.here(done)
	g.emit(mov.reg(r1, rLength), lsh.imm(r1, 16), or.reg(r1, rUsed),
		stx(u32, rBuffer, int16(s.offset), r1),
		add.reg(rUsed, rLength))
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
	if err := g.value(exprs[s.ptr], r1); err != nil {
		return err
	}
	g.emit(sub.reg(rLength, r1))
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
	g.emit(mov.reg(rContext, r1), getCurrentPidTgid.call())
	g.emit(stx(u64, r10, atAddress, r0))
	if tasks >= 0 {
		g.inTasks(tasks)
	}
	g.emit(st(u32, r10, atPointer, 0),
		ldMap(r1, scratch), mov.reg(r2, r10), add.imm(r2, atPointer), mapLookupElem.call(),
		jeq.imm(r0, 0, "out"), mov.reg(rBuffer, r0), mov.imm(rUsed, int32(l.size)),
		// common_type, common_flags and common_preempt_count, common_pid
		st(u32, rBuffer, 0, int32(l.id)),
		ldx(u64, r1, r10, atAddress), stx(u32, rBuffer, 4, r1))
	if err := g.places(l, lines); err != nil {
		return err
	}
	g.here("write")
	g.emit(mov.reg(r1, rContext), ldMap(r2, output), ld64(r3, unix.BPF_F_CURRENT_CPU),
		mov.reg(r4, rBuffer), mov.reg(r5, rUsed), perfEventOutput.call())
	g.here("out")
	g.emit(mov.imm(r0, 1), exit()) // the probe's other users get theirs
	return nil
}

// inTasks leaves the program unless the process is one that is recorded. R0 has thread and process.
func (g *generator) inTasks(tasks int) {
	g.emit(rsh.imm(r0, 32), stx(u32, r10, atTask, r0),
		ldMap(r1, tasks), mov.reg(r2, r10), add.imm(r2, atTask), mapLookupElem.call(),
		jeq.imm(r0, 0, "out"))
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
		next := g.newLabel()
		g.emit(ldx(u64, r1, rContext, g.regs["ip"]), and.imm(r1, 4095), jne.imm(r1, int32(off&4095), next))
		if err := g.place(l, &lines[i]); err != nil {
			return err
		}
		g.emit(ja("write"))
		g.here(next)
	}
	g.emit(ja("out"))
	return nil
}

// offsetOf is the offset in the file of a place, PATH:0xOFFSET.
func offsetOf(place string) (uint64, error) {
	i := strings.LastIndexByte(place, ':')
	return strconv.ParseUint(strings.TrimSuffix(place[i+1:], "(0x0)"), 0, 64)
}

// forkProgram is for sched:sched_process_fork, whose record tells the child at an offset: the child of a process that is in a map of
// processes goes in too.
func forkProgram(tasks, child int) ([]byte, error) {
	a := &assembler{}
	a.emit(mov.reg(rContext, r1), getCurrentPidTgid.call(), rsh.imm(r0, 32), stx(u32, r10, atPointer, r0),
		ldMap(r1, tasks), mov.reg(r2, r10), add.imm(r2, atPointer), mapLookupElem.call(),
		jeq.imm(r0, 0, "out"),
		ldx(u32, r1, rContext, int16(child)), stx(u32, r10, atAddress, r1), st(u32, r10, atTask, 1),
		ldMap(r1, tasks), mov.reg(r2, r10), add.imm(r2, atAddress), mov.reg(r3, r10), add.imm(r3, atTask),
		mov.imm(r4, unix.BPF_ANY), mapUpdateElem.call())
	a.here("out")
	a.emit(mov.imm(r0, 1), exit())
	return a.assemble()
}
