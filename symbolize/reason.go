package symbolize

// Reason says why an address has no name. The zero value means that it has one.
type Reason uint8

// Why an address could not be resolved.
const (
	OK               Reason = iota
	Unmapped                // no mapping holds the address
	NoFile                  // the file is not there
	Deleted                 // the file was deleted while it was mapped
	BuildIDMismatch         // the file changed since: its build-id is not the recorded one
	NoPermission            // the file may not be read
	NotELF                  // the file is no ELF file
	Corrupt                 // the file's tables are damaged
	NoSymbols               // the file has no symbol table
	NotCovered              // no symbol covers the address
	OutsideSegments         // no segment of the file is mapped at that offset
	Anonymous               // anonymous memory, as JIT compilers use, without a perf-PID.map file
	KernelHidden            // /proc/kallsyms shows zeros
	NoKallsyms              // there is no kallsyms to read
	KernelMismatch          // the recording is of another kernel than the running one
	KernelNotCovered        // no kernel symbol covers the address
)

// String is the reason in a few words, for a parenthesis or a log line.
func (r Reason) String() string {
	if int(r) < len(reasons) {
		return reasons[r].text
	}
	return "unknown reason"
}

// Hint is the next step for the user, "" if there is none.
func (r Reason) Hint() string {
	if int(r) < len(reasons) {
		return reasons[r].hint
	}
	return ""
}

// Mendable tells reasons that concern a whole file or kernel and that the user can do something about, apart from
// those that are common and harmless, such as a stripped library: tools tell the user of them once.
func (r Reason) Mendable() bool {
	switch r {
	case NoFile, Deleted, BuildIDMismatch, NoPermission, Corrupt, KernelHidden, NoKallsyms, KernelMismatch:
		return true
	}
	return false
}

var reasons = [...]struct{ text, hint string }{
	OK:               {"resolved", ""},
	Unmapped:         {"no mapping at this address", "the recording may lack the process's mappings: record from its start, or with -a as root"},
	NoFile:           {"the file is not there", "if it lies elsewhere, name that directory with --symfs"},
	Deleted:          {"the file was deleted while in use", "restart the program after an upgrade, then record again"},
	BuildIDMismatch:  {"the file has changed since the recording", "give the old file with --symfs, or record again"},
	NoPermission:     {"the file may not be read", "run as root or as the file's owner"},
	NotELF:           {"the file is no ELF file", ""},
	Corrupt:          {"the file's tables are damaged", ""},
	NoSymbols:        {"the file has no symbols", "install its debug symbols (package -dbgsym or -debuginfo), or build it without stripping"},
	NotCovered:       {"no symbol covers the address", "install its debug symbols (package -dbgsym or -debuginfo) for local functions"},
	OutsideSegments:  {"the address is in no segment of the file", ""},
	Anonymous:        {"anonymous memory without a symbol file", "let the runtime write /tmp/perf-PID.map (node --perf-basic-prof, java with perf-map-agent, PYTHONPERFSUPPORT=1)"},
	KernelHidden:     {"the kernel hides its addresses", "run as root, or: sysctl kernel.kptr_restrict=0"},
	NoKallsyms:       {"there is no kallsyms", "mount /proc, or name a file with --kallsyms"},
	KernelMismatch:   {"the recording is of another kernel", "name that kernel's symbols with --kallsyms or -k vmlinux"},
	KernelNotCovered: {"no kernel symbol covers the address", ""},
}
