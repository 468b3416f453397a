package dwarfvars

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tracee is a program that stands at a place.
type tracee struct {
	pid  int
	bias uint64
	regs unix.PtraceRegs
	xmm  [16][16]byte
}

// runTo runs a program and calls f each time that it comes to one of the addresses (as linked).
func runTo(prog string, addrs []uint64, f func(t *tracee, addr uint64) error) error {
	done := make(chan error, 1)
	go func() { // ptrace wants one thread; it ends with the goroutine
		runtime.LockOSThread()
		done <- trace(prog, addrs, f)
	}()
	return <-done
}

func trace(prog string, addrs []uint64, f func(t *tracee, addr uint64) error) (err error) {
	cmd := exec.Command(prog)
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	pid := cmd.Process.Pid
	defer func() {
		_ = cmd.Process.Kill()
		var ws unix.WaitStatus
		_, _ = unix.Wait4(pid, &ws, 0, nil)
	}()
	var ws unix.WaitStatus
	if _, err := unix.Wait4(pid, &ws, 0, nil); err != nil {
		return err
	}
	t := &tracee{pid: pid}
	if t.bias, err = loadBias(pid, prog); err != nil {
		return err
	}
	saved := map[uint64]byte{}
	for _, a := range addrs {
		one := make([]byte, 1)
		if _, err := unix.PtracePeekData(pid, uintptr(t.bias+a), one); err != nil {
			return err
		}
		saved[a] = one[0]
		if _, err := unix.PtracePokeData(pid, uintptr(t.bias+a), []byte{0xcc}); err != nil {
			return err
		}
	}
	for {
		if err := unix.PtraceCont(pid, 0); err != nil {
			return err
		}
		if _, err := unix.Wait4(pid, &ws, 0, nil); err != nil {
			return err
		}
		if ws.Exited() || ws.Signaled() {
			return nil
		}
		if ws.StopSignal() != unix.SIGTRAP {
			return fmt.Errorf("stopped by %v", ws.StopSignal())
		}
		if err := t.stopped(saved, f); err != nil {
			return err
		}
	}
}

// stopped calls f at a breakpoint and steps over it.
func (t *tracee) stopped(saved map[uint64]byte, f func(t *tracee, addr uint64) error) error {
	if err := unix.PtraceGetRegs(t.pid, &t.regs); err != nil {
		return err
	}
	t.regs.Rip--
	addr := t.regs.Rip - t.bias
	old, ok := saved[addr]
	if !ok {
		return fmt.Errorf("stopped at %#x, no breakpoint", addr)
	}
	if err := t.readFP(); err != nil {
		return err
	}
	at := uintptr(t.regs.Rip)
	if err := unix.PtraceSetRegs(t.pid, &t.regs); err != nil {
		return err
	}
	if _, err := unix.PtracePokeData(t.pid, at, []byte{old}); err != nil {
		return err
	}
	if err := f(t, addr); err != nil {
		return err
	}
	if err := t.single(); err != nil {
		return err
	}
	_, err := unix.PtracePokeData(t.pid, at, []byte{0xcc})
	return err
}

// single executes one instruction.
func (t *tracee) single() error {
	if err := unix.PtraceSingleStep(t.pid); err != nil {
		return err
	}
	var ws unix.WaitStatus
	if _, err := unix.Wait4(t.pid, &ws, 0, nil); err != nil {
		return err
	}
	if !ws.Stopped() {
		return fmt.Errorf("ended while stepping")
	}
	return nil
}

// steps goes on instruction by instruction until the function returns, and calls f at each that is in ranges.
func (t *tracee) steps(ranges [][2]uint64, f func(pc uint64)) error {
	frame := t.regs.Rsp
	for range 20000 {
		pc := t.regs.Rip - t.bias
		for _, r := range ranges {
			if pc >= r[0] && pc < r[1] {
				f(pc)
			}
		}
		if err := t.single(); err != nil {
			return err
		}
		if err := unix.PtraceGetRegs(t.pid, &t.regs); err != nil {
			return err
		}
		if t.regs.Rsp > frame {
			return nil
		}
		if err := t.readFP(); err != nil {
			return err
		}
	}
	return fmt.Errorf("the function does not return")
}

// readFP reads struct user_fpregs_struct, where xmm0 is at 160.
func (t *tracee) readFP() error {
	buf := make([]byte, 512)
	const getFPRegs = 14
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, getFPRegs, uintptr(t.pid), 0, uintptr(unsafe.Pointer(&buf[0])), 0, 0)
	runtime.KeepAlive(buf)
	if errno != 0 {
		return errno
	}
	for k := range t.xmm {
		copy(t.xmm[k][:], buf[160+16*k:])
	}
	return nil
}

func loadBias(pid int, prog string) (uint64, error) {
	f, err := elf.Open(prog)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if f.Type != elf.ET_DYN {
		return 0, nil
	}
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(maps)) {
		if strings.Contains(line, prog) {
			var lo uint64
			_, err := fmt.Sscanf(line, "%x-", &lo)
			return lo, err
		}
	}
	return 0, fmt.Errorf("%s is not mapped", prog)
}

func (t *tracee) read(addr uint64, n int) ([]byte, error) {
	b := make([]byte, n)
	k, err := unix.PtracePeekData(t.pid, uintptr(addr), b)
	return b[:max(k, 0)], err
}

func (t *tracee) register(n int) []byte {
	r := &t.regs
	if n >= 17 && n < 33 {
		return t.xmm[n-17][:]
	}
	v := [...]uint64{r.Rax, r.Rdx, r.Rcx, r.Rbx, r.Rsi, r.Rdi, r.Rbp, r.Rsp, r.R8, r.R9, r.R10, r.R11, r.R12, r.R13, r.R14, r.R15}[n]
	return binary.LittleEndian.AppendUint64(nil, v)
}

// address computes where a Memory location is.
func (t *tracee) address(l *Location) (uint64, error) {
	a := uint64(l.Offset)
	if l.Reg == NoReg {
		a += t.bias
	} else {
		a += binary.LittleEndian.Uint64(t.register(l.Reg))
	}
	for _, d := range l.Derefs {
		b, err := t.read(a, 8)
		if err != nil {
			return 0, err
		}
		a = binary.LittleEndian.Uint64(b) + uint64(d)
	}
	return a, nil
}

// fetch reads the value at a location as a value of the kind of want.
func (t *tracee) fetch(l *Location, want any) (any, error) {
	size := int(l.Type.Size)
	if l.Bits != nil {
		size = l.Bits.Container / 8
	}
	if _, isString := want.(string); isString && l.Type.Kind == TypeArray {
		a, err := t.address(l)
		if err != nil {
			return nil, err
		}
		return t.text(a)
	}
	var raw []byte
	var err error
	switch l.Kind {
	case Constant:
		raw = binary.LittleEndian.AppendUint64(nil, uint64(l.Const))
	case Register:
		raw = t.register(l.Reg)
	case Memory:
		var a uint64
		if a, err = t.address(l); err == nil {
			raw, err = t.read(a, size)
		}
	}
	if err != nil {
		return nil, err
	}
	raw = append(append([]byte{}, raw...), make([]byte, 8)...)
	n := binary.LittleEndian.Uint64(raw)
	switch want.(type) {
	case string:
		if l.Kind == Constant {
			n += t.bias
		}
		return t.text(n)
	case float64:
		if size == 4 {
			return float64(math.Float32frombits(uint32(n))), nil
		}
		return math.Float64frombits(n), nil
	}
	width, first := 8*size, 0
	if l.Bits != nil {
		width, first = l.Bits.Width, l.Bits.Offset
	}
	n = n >> first << (64 - width)
	if l.Type.Signed {
		return int64(n) >> (64 - width), nil
	}
	return int64(n >> (64 - width)), nil
}

func (t *tracee) text(addr uint64) (string, error) {
	b, err := t.read(addr, 64)
	if k := bytes.IndexByte(b, 0); k >= 0 {
		return string(b[:k]), nil
	}
	return "", fmt.Errorf("no string at %#x: %v", addr, err)
}
