package session

import (
	"debug/elf"
	"runtime"

	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/symbolize"
	"github.com/gperf-dev/gperf/symbolize/unwind"
)

// abi32 and abi64 are PERF_SAMPLE_REGS_ABI_32 and …_64: what code the thread ran.
const abi32, abi64 = 1, 2

// unwind appends the user's part of a chain that a sample's registers and copied stack tell.
func (r *Resolver) unwind(it *Item, s *record.Sample, max int, dst []Location) []Location {
	r.unwound = false
	size := min(s.UserStackDyn, uint64(len(s.UserStack)))
	if s.UserABI == abi32 && size > 0 {
		r.unwinds.Narrow++
	}
	if r.unwinder == nil || s.UserABI != abi64 || len(s.UserRegs) == 0 || size == 0 {
		return dst
	}
	r.sampled = unwind.Sample{Mask: it.Layout.RegsUser, Registers: s.UserRegs, Stack: s.UserStack[:size]}
	r.space.maps = it.Maps
	r.addrs, r.stop = r.unwinder.Chain(r.addrs[:0], &r.sampled, &r.space, max)
	for _, addr := range r.addrs {
		dst = r.place(dst, it, record.MiscUser, addr, r.Inlines != InlinesNone, false) // already the call's, not where it returns to
	}
	r.unwound = true
	r.unwinds.Chains++
	if r.stop == unwind.StackEnd {
		r.unwinds.Cut++
	}
	return dst
}

// Unwinds counts chains that registers and stack told.
type Unwinds struct {
	Chains uint64
	Cut    uint64 // those that end where the copied stack does
	Narrow uint64 // samples of 32-bit programs, which are not unwound
}

// Unwinds returns the counts so far.
func (r *Resolver) Unwinds() Unwinds { return r.unwinds }

// ChainEnd says why the last chain ends, if registers and stack told it.
func (r *Resolver) ChainEnd() (why unwind.Stop, ok bool) { return r.stop, r.unwound }

// space is a process's memory as the unwinder sees it.
type space struct {
	cache *symbolize.Cache
	maps  *Maps

	last *Mapping // that Code was asked for
	code *unwind.Code
}

// Code implements unwind.Space.
func (s *space) Code(addr uint64) *unwind.Code {
	m := s.maps.Find(addr)
	switch {
	case m == nil:
		return nil
	case m != s.last:
		s.last, s.code = m, s.cache.Code(&m.Mapping)
	}
	return s.code
}

// Word implements unwind.Space.
func (s *space) Word(addr uint64) (uint64, bool) {
	m := s.maps.Find(addr)
	if m == nil {
		return 0, false
	}
	return s.cache.Word(&m.Mapping, addr)
}

func thisMachine() elf.Machine {
	switch runtime.GOARCH {
	case "amd64":
		return elf.EM_X86_64
	case "arm64":
		return elf.EM_AARCH64
	}
	return elf.EM_NONE
}
