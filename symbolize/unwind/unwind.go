// Package unwind finds the callers of a sampled instruction from the thread's registers and a copy of its stack, as a sample of
// `record --call-graph dwarf` has them.
//
// A Table is what one file tells of its functions' frames; it is immutable and shared. An Unwinder belongs to one goroutine. A Space tells it
// which file is mapped where:
//
//	t, err := unwind.New(image, nil)
//	u, err := unwind.NewUnwinder(elf.EM_X86_64)
//	chain, stop := u.Chain(nil, &unwind.Sample{Mask: mask, Registers: regs, Stack: stack}, space, 127)
//
// The tables are call frame information (DWARF 5, section 6.4) of .eh_frame and .debug_frame, Go's table of stack depths, and for code
// without any of these what machines and linkers have in common: frame pointers, entries of .plt, the kernel's signal frames.
package unwind

// Sample is what was sampled of a thread.
type Sample struct {
	Mask      uint64   // bits of perf_regs.h that are in Registers
	Registers []uint64 // one a bit in Mask, lowest first
	Stack     []byte   // memory from the stack pointer up
}

// Space is what an Unwinder asks of a process's memory.
type Space interface {
	// Code returns what is mapped at an address, nil if nothing is. It returns the same pointer for all addresses of one mapping.
	Code(addr uint64) *Code
	// Word reads eight bytes that the process cannot have changed since its file was mapped.
	Word(addr uint64) (uint64, bool)
}

// Code is a mapping of code.
type Code struct {
	Table *Table // of the mapped file; nil if there is none
	Why   Stop   // why not
	// VAddr turns an address of the process into one of the file, as it was linked.
	VAddr func(addr uint64) (uint64, bool)
}

// Stop says why a chain ends.
type Stop uint8

// Why a chain ends.
const (
	Outermost   Stop = iota // there is no caller
	Limit                   // as many frames as were asked for
	StackEnd                // the caller's frame is beyond the copied stack
	StackSwitch             // the caller is on another stack, as that of a goroutine
	Unmapped                // nothing is mapped at the return address
	Anonymous               // the code is in memory without a file, as JIT compilers make it
	NoFile                  // the mapped file cannot be had
	NoTable                 // no table tells of the code, and the frame pointer leads nowhere
	BadTable                // the tables are damaged, or need what was not sampled
	BadMemory               // memory is needed that was not sampled
	Loop                    // the frame would be its own caller
	NoRegisters             // the registers that say where the thread was were not sampled
)

var stops = [...]string{
	Outermost:   "the outermost frame",
	Limit:       "the limit of frames",
	StackEnd:    "the end of the copied stack",
	StackSwitch: "the caller is on another stack",
	Unmapped:    "nothing is mapped there",
	Anonymous:   "code in memory without a file",
	NoFile:      "the file is not there",
	NoTable:     "no table tells of the code",
	BadTable:    "the tables are damaged",
	BadMemory:   "memory that was not copied",
	Loop:        "a frame that calls itself",
	NoRegisters: "registers that were not sampled",
}

// String is the reason in a few words.
func (s Stop) String() string {
	if int(s) < len(stops) {
		return stops[s]
	}
	return "unknown reason"
}
