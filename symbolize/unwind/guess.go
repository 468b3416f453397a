package unwind

import (
	"bytes"
	"debug/elf"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// byFramePointer goes to the caller by the frame pointer: it points to the caller's frame pointer, behind which the return address is. That
// is a guess, which is believed only where it leads to code; otherwise is why the chain ends then.
func (u *Unwinder) byFramePointer(space Space, otherwise Stop) (uint64, Stop) {
	sp := u.regs.v[u.m.SP]
	fp, ok := u.regs.get(uint64(u.m.FP))
	if !ok || fp < sp || fp-sp > farthest || fp%8 != 0 {
		return 0, otherwise
	}
	above, ok1 := u.word(fp, space)
	ret, ok2 := u.word(fp+8, space)
	if !ok1 || !ok2 {
		return 0, u.unread(fp + 8)
	}
	if ret = u.strip(ret, false, space); ret == 0 || space.Code(ret-1) == nil {
		return 0, otherwise
	}
	u.regs.known = 0 // the others may have changed since
	u.regs.set(u.m.FP, above)
	u.regs.set(u.m.SP, fp+16)
	return ret, Outermost
}

// strip takes the authentication code out of an arm64 return address. How many bits it has depends on the size of the process's address
// space, which a sample does not tell: those are tried that Linux knows, largest first, and the first under which code is mapped is taken.
func (u *Unwinder) strip(ret uint64, signed bool, space Space) uint64 {
	if u.m.ELF != elf.EM_AARCH64 || !signed && ret>>48 == 0 {
		return ret
	}
	for _, size := range [...]int{52, 48, 47, 42, 39, 36} {
		if plain := ret & (1<<size - 1); plain != 0 && space.Code(plain-1) != nil {
			return plain
		}
	}
	return ret
}

// These are the instructions to which signal handlers return: the number of rt_sigreturn, and the system call. The C library's and
// the kernel's come with call frame information, but not those of Go's runtime and of musl.
const (
	signalReturnAMD64 = "\x48\xc7\xc0\x0f\x00\x00\x00\x0f\x05" // mov $15,%rax; syscall
	signalReturnARM64 = "\x68\x11\x80\xd2\x01\x00\x00\xd4"     // mov x8,#139; svc #0
)

// returning tells whether the code at pc takes registers from the stack and returns. LLVM's tables go on saying that the registers are where
// they were saved.
func (t *Table) returning(pc uint64) bool {
	off, ok := t.f.FileOffset(pc)
	b := t.f.Bytes()
	if !ok || off >= uint64(len(b)) || t.m.ELF != elf.EM_X86_64 {
		return false
	}
	b = b[off:]
	for {
		switch {
		case len(b) > 0 && b[0] >= 0x58 && b[0] <= 0x5f: // pop
			b = b[1:]
		case len(b) > 1 && b[0] == 0x41 && b[1] >= 0x58 && b[1] <= 0x5f: // pop %r8 to %r15
			b = b[2:]
		default:
			return len(b) > 0 && (b[0] == 0xc3 || b[0] == 0xc2)
		}
	}
}

// trampoline tells whether the code at pc returns from a signal handler.
func (t *Table) trampoline(pc uint64) bool {
	code := signalReturnAMD64
	if t.m.ELF == elf.EM_AARCH64 {
		code = signalReturnARM64
	}
	off, ok := t.f.FileOffset(pc)
	b := t.f.Bytes()
	return ok && off < uint64(len(b)) && bytes.HasPrefix(b[off:], []byte(code))
}

// signalStep finds the registers that the kernel saved when it ran a signal handler: struct rt_sigframe in arch/x86/include/asm/sigframe.h
// and arch/arm64/kernel/signal.c, of which the C library's ucontext_t is a part.
func (t *Table) signalStep() *step {
	s := &step{cfa: dwarfunit.Rule{Reg: t.m.SP}, ret: t.m.IP, signal: true}
	save := func(at int64, regs ...int) {
		for i, r := range regs {
			s.rules = append(s.rules, dwarfunit.RegisterRule{Reg: r, Kind: dwarfunit.RuleOffset, Offset: at + 8*int64(i)})
		}
	}
	if t.m.ELF == elf.EM_AARCH64 {
		const siginfo, context = 128, 176
		for i := range 33 { // x0 to x30, sp, pc
			save(siginfo+context+8+8*int64(i), i)
		}
		return s
	}
	const context = 40
	save(context, 8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16) // r8 … r15, di, si, bp, bx, dx, ax, cx, sp, ip
	return s
}

// pltStep finds the caller of a stub of .plt, for which not all linkers write call frame information.
func (t *Table) pltStep(at uint64) *step {
	for i := range t.plt {
		if p := &t.plt[i]; at >= p.Addr && at-p.Addr < p.Size {
			if t.m.ELF == elf.EM_AARCH64 {
				return &step{cfa: dwarfunit.Rule{Reg: t.m.SP}, ret: t.m.PC}
			}
			cfa := int64(8)
			switch off := at - p.Addr; {
			case p.Name != ".plt":
			case off < 16: // the first entry, to which the others jump, pushes one more
				if cfa += 8; off >= 6 {
					cfa += 8
				}
			case off%16 >= 11: // it has pushed its number
				cfa += 8
			}
			return &step{
				cfa: dwarfunit.Rule{Reg: t.m.SP, Offset: cfa}, ret: t.m.PC,
				rules: []dwarfunit.RegisterRule{{Reg: t.m.PC, Kind: dwarfunit.RuleOffset, Offset: -8}},
			}
		}
	}
	return nil
}
