package check

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gperf-dev/gperf/internal/jsonout"
)

func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// builtin is what `perf check feature` knows by name: what a perf was built with. The answers are whether gperf can do what that is for, with code of
// its own or a library.
func builtin() []struct {
	name, macro string
	on          bool
} {
	return []struct {
		name, macro string
		on          bool
	}{
		{"aio", "HAVE_AIO_SUPPORT", false},
		{"bpf", "HAVE_LIBBPF_SUPPORT", false},
		{"bpf_skeletons", "HAVE_BPF_SKEL", false},
		{"debuginfod", "HAVE_DEBUGINFOD_SUPPORT", true},
		{"dwarf", "HAVE_DWARF_SUPPORT", true},
		{"dwarf_getlocations", "HAVE_DWARF_GETLOCATIONS_SUPPORT", true},
		{"dwarf-unwind", "HAVE_DWARF_UNWIND_SUPPORT", true},
		{"auxtrace", "HAVE_AUXTRACE_SUPPORT", false},
		{"libaudit", "HAVE_LIBAUDIT_SUPPORT", false},
		{"libbfd", "HAVE_LIBBFD_SUPPORT", false},
		{"libcapstone", "HAVE_LIBCAPSTONE_SUPPORT", false},
		{"libcrypto", "HAVE_LIBCRYPTO_SUPPORT", false},
		{"libdw-dwarf-unwind", "HAVE_DWARF_SUPPORT", true},
		{"libelf", "HAVE_LIBELF_SUPPORT", true},
		{"libnuma", "HAVE_LIBNUMA_SUPPORT", false},
		{"libopencsd", "HAVE_CSTRACE_SUPPORT", false},
		{"libperl", "HAVE_LIBPERL_SUPPORT", false},
		{"libpfm4", "HAVE_LIBPFM", false},
		{"libpython", "HAVE_LIBPYTHON_SUPPORT", false},
		{"libslang", "HAVE_SLANG_SUPPORT", false},
		{"libtraceevent", "HAVE_LIBTRACEEVENT", true},
		{"libunwind", "HAVE_LIBUNWIND_SUPPORT", true},
		{"lzma", "HAVE_LZMA_SUPPORT", true},
		{"numa_num_possible_cpus", "HAVE_LIBNUMA_SUPPORT", false},
		{"syscall_table", "HAVE_SYSCALL_TABLE_SUPPORT", false},
		{"zlib", "HAVE_ZLIB_SUPPORT", true},
		{"zstd", "HAVE_ZSTD_SUPPORT", true},
	}
}

// UnknownError is a name that no perf has a feature of.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string { return fmt.Sprintf("Unknown feature '%s'", e.Name) }

// Hint is the next step.
func (e *UnknownError) Hint() string {
	var names []string
	for _, f := range builtin() {
		names = append(names, f.name)
	}
	return "the features are " + strings.Join(names, ", ") + "; 'gperf check' tells what works on this machine"
}

// ExitStatus is perf's.
func (e *UnknownError) ExitStatus() int { return 1 }

// Builtin appends the line of perf 6.12 about a feature that perfs are built with, and reports whether gperf can do what it is for. Case does not matter,
// and the macro's name will do.
func Builtin(dst []byte, name string) ([]byte, bool, error) {
	for _, f := range builtin() {
		if !strings.EqualFold(f.name, name) && !strings.EqualFold(f.macro, name) {
			continue
		}
		state := "[ OFF ]"
		if f.on {
			state = "[ on  ]"
		}
		return fmt.Appendf(dst, "%22s: %s  # %s\n", f.name, state, f.macro), f.on, nil
	}
	return dst, false, &UnknownError{name}
}

// AppendText appends the answers, a line each; of what does not work a second one tells what to do.
func AppendText(dst []byte, m []jsonout.Check) []byte {
	for _, c := range m {
		state := map[string]string{Yes: "[ on  ]", No: "[ OFF ]", Unknown: "[  ?  ]"}[c.Works]
		line := fmt.Sprintf("%34s: %s", c.Name, state)
		if c.Detail != "" {
			line += "  # " + c.Detail
		}
		dst = append(append(dst, line...), '\n')
		if c.Hint != "" && c.Works != Yes {
			dst = fmt.Appendf(dst, "%34s  to do: %s\n", "", c.Hint)
		}
	}
	return dst
}
