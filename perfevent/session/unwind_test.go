package session

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/arch"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/symbolize"
	"github.com/gperf-dev/gperf/symbolize/unwind"
)

//go:noinline
func callee() int { return 1 }

//go:noinline
func caller() int { return callee() + 1 }

// ownCode is the mapping of this program's code.
func ownCode(t *testing.T) *Mapping {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(maps)) {
		var start, end, offset uint64
		var prot string
		if _, err := fmt.Sscanf(line, "%x-%x %s %x", &start, &end, &prot, &offset); err == nil && prot == "r-xp" && strings.HasSuffix(strings.TrimSpace(line), exe) {
			return userMapping(1, start, end-start, offset, protExec, 0, exe, nil)
		}
	}
	t.Fatal("this program's code is not mapped")
	return nil
}

// TestChainUnwinds has the kernel's part of a chain, and registers and stack from which the user's part follows.
func TestChainUnwinds(t *testing.T) {
	m, err := arch.ForMachine(thisMachine())
	if err != nil {
		t.Fatal(err)
	}
	entry := func(f func() int) uint64 { return uint64(runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Entry()) }
	registers := map[int]uint64{m.IP: entry(callee), m.SP: 0x7ffc0000}
	var stack []byte
	if ret := entry(caller) + 1; m.PC == m.IP {
		stack = binary.LittleEndian.AppendUint64(stack, ret)
	} else {
		registers[m.PC] = ret
		stack = make([]byte, 8)
	}
	it := &Item{Layout: &record.Layout{}, Maps: (&Maps{}).insert(ownCode(t)), Kernel: &Maps{}}
	s := record.Sample{Callchain: []uint64{record.ContextKernel, 0xffffffff81000000, 0xffffffff81000001}, UserABI: abi64, UserStack: stack, UserStackDyn: 8}
	for bit, n := range m.PerfToDWARF {
		if v, ok := registers[n]; ok {
			it.Layout.RegsUser |= 1 << bit
			s.UserRegs = append(s.UserRegs, v)
		}
	}
	names := symbolize.New(symbolize.Options{NoKernel: true, BuildIDCache: "-"})
	defer names.Close()
	r := NewResolver(names.NewCache(), elf.EM_NONE)
	chain := func(s record.Sample, max int) (out []string) {
		for _, l := range r.Chain(it, &s, max, nil) {
			out = append(out, l.Frame.Name[strings.LastIndexByte(l.Frame.Name, '.')+1:])
		}
		return out
	}
	if got, want := chain(s, 2), []string{"", "", "callee", "caller"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if why, ok := r.ChainEnd(); !ok || why != unwind.StackEnd {
		t.Errorf("ends for %v, %v", why, ok)
	}
	if got, want := chain(s, 1), []string{"", "callee"}; !slices.Equal(got, want) {
		t.Errorf("one of each: %q, want %q", got, want)
	}
	narrow, none, empty := s, s, s
	narrow.UserABI, none.UserRegs, empty.UserStackDyn = abi32, nil, 0
	for name, s := range map[string]record.Sample{"32 bits": narrow, "no registers": none, "no stack": empty} {
		if got, want := chain(s, 9), []string{"", ""}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if _, ok := r.ChainEnd(); ok {
			t.Errorf("%s: unwound", name)
		}
	}
	if u := r.Unwinds(); u != (Unwinds{Chains: 2, Cut: 1, Narrow: 1}) {
		t.Errorf("%+v", u)
	}
	s.UserStackDyn = 1 << 40 // more than there is
	if got := chain(s, 2); len(got) != 4 {
		t.Errorf("a size that is not true: %q", got)
	}
}
