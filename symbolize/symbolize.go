// Package symbolize turns addresses of user programs and of the kernel into the names that perf script prints, or says why it cannot.
//
// A Symbolizer keeps the tables, which are shared and immutable once made; a Cache remembers answers and belongs to one goroutine:
//
//	s := symbolize.New(symbolize.Options{Demangle: true})
//	defer s.Close()
//	c := s.NewCache() // one a worker
//	frame, reason := c.Kernel(ip)
//	frame, at, reason := c.User(mapping, ip)
//
// An address that cannot be resolved is no error: it is a Reason, and the frame's name is empty ("[unknown]" when printed).
package symbolize

import "strconv"

// Frame is what an address stands for.
type Frame struct {
	Name    string // function or object, demangled if asked; "" if unknown
	Mangled string // the name as in the file
	Offset  uint64 // bytes from the symbol's start
	Size    uint64 // of the symbol
	Module  string // what perf prints in parentheses: a path, "[kernel.kallsyms]", "[vdso]", "[ext4]", "[unknown]"
}

// Unknown is what is printed for a name or module that is not known.
const Unknown = "[unknown]"

// AppendSymbol appends NAME+0xOFF as perf script does, or [unknown].
func (f *Frame) AppendSymbol(dst []byte) []byte {
	if f.Name == "" {
		return append(dst, Unknown...)
	}
	dst = append(dst, f.Name...)
	dst = append(dst, "+0x"...)
	return strconv.AppendUint(dst, f.Offset, 16)
}

// Mapping is a range of a process's addresses and what is mapped there, as an MMAP or MMAP2 record told it. It must not change once it was
// given to a Cache: answers are kept by its address.
type Mapping struct {
	Path     string // as in the record: a path (with " (deleted)" if so), "[vdso]", "//anon", "[stack]" …
	BuildID  []byte // of the file that was mapped; nil if the recording does not have it
	Start    uint64
	End      uint64 // first address behind
	Offset   uint64 // in the file, in bytes
	PID      int    // process that mapped it, for perf-PID.map files and /proc/PID/root; 0 if none
	Data     bool   // the mapping is not executable
	Writable bool   // the process may have changed what is there
	Symbol   string // set for a mapping that is one function by itself, as KSYMBOL records tell of BPF programs
}

// Options say where names come from. The zero value means the running machine, with names as they are in the files.
type Options struct {
	Root     string // all paths of files are looked up below it (perf's --symfs); "" for /
	Kallsyms string // file to read instead of /proc/kallsyms
	KernelID []byte // build-id of the recorded kernel; nil means the running one
	// BuildIDs are those of recorded files, by path, for mappings that do not tell theirs themselves: a file of another
	// build gives no names. Not used for processes that see other files under the same paths.
	BuildIDs     map[string][]byte
	Vmlinux      string // kernel image to take names from, instead of kallsyms
	Demangle     bool   // C++ and Rust names in source form, as perf script prints them
	NoKernel     bool   // never resolve kernel addresses
	NoProcRoot   bool   // do not look below /proc/PID/root for files of other mount namespaces
	BuildIDCache string // perf's build-id cache; "" means $HOME/.debug, "-" none
}
