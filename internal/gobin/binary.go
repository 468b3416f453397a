package gobin

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/arch"
	"github.com/gperf-dev/gperf/internal/objfile"
)

// ErrNotGo tells that a program was not built by Go's toolchain (gccgo's programs are like those of C).
var ErrNotGo = errors.New("not built by the Go toolchain")

// Binary is a program of Go. It is valid as long as the file is open, and safe for concurrent use.
type Binary struct {
	Version string // of the toolchain, "go1.26.8"; "" if the build information does not tell
	Module  string // path of the module that the program is of; "" if the build information does not tell
	Machine *arch.Machine
	// ABIInternal tells that functions take parameters and return results in registers, and that a register holds g.
	ABIInternal bool
	Functions   *Table

	minor int // of Version: 26; -1 if it is no released version
}

// Is reports whether the file is a program of Go, by the sections that every one has.
func Is(f *objfile.File) bool {
	return f.HasSection(".go.buildinfo") || f.HasSection(".gopclntab") || f.HasSection(".data.rel.ro.gopclntab")
}

// Open reads the build information and the table of functions. The error is ErrNotGo, or says what of them cannot be read.
func Open(f *objfile.File) (*Binary, error) {
	if !Is(f) {
		return nil, ErrNotGo
	}
	m, err := arch.ForMachine(f.Machine())
	if err != nil {
		return nil, err
	}
	b := &Binary{Machine: m, minor: -1}
	experiments := ""
	if info, err := buildinfo.Read(bytes.NewReader(f.Bytes())); err == nil { // without one, the functions still tell a lot
		b.Version, experiments, _ = strings.Cut(info.GoVersion, " ")
		b.Module = info.Main.Path
		for _, s := range info.Settings {
			if s.Key == "GOEXPERIMENT" {
				experiments += "," + s.Value
			}
		}
	}
	if b.Functions, err = readTable(f); err != nil {
		return nil, fmt.Errorf("table of Go functions: %w", err)
	}
	b.minor = minorOf(b.Version)
	b.ABIInternal = b.hasABIInternal(f.Machine()) && !strings.Contains(experiments, "noregabi")
	return b, nil
}

// hasABIInternal: amd64 has it from Go 1.17 on, arm64 from 1.18 on. A version that is no release is taken for a new one.
func (b *Binary) hasABIInternal(m elf.Machine) bool {
	first := 17
	if m == elf.EM_AARCH64 {
		first = 18
	}
	if b.minor < 0 {
		return b.Functions.offsets
	}
	return b.minor >= first
}

// minorOf takes 26 from "go1.26.8" and "go1.27rc1"; -1 from "devel …".
func minorOf(version string) int {
	rest, ok := strings.CutPrefix(version, "go1.")
	if !ok {
		return -1
	}
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	n, err := strconv.Atoi(rest[:digits])
	if err != nil {
		return -1
	}
	return n
}

// GoidError is a version of Go of which the place of a goroutine's number is not known.
type GoidError struct{ Version string }

func (e *GoidError) Error() string {
	if e.Version == "" {
		return "the program does not tell which version of Go built it, so the place of a goroutine's number is not known"
	}
	return fmt.Sprintf("where %s has a goroutine's number is not known: the versions from go1.%d to go1.%d are", e.Version, firstGoid, lastGoid)
}

// Hint returns the next step.
func (e *GoidError) Hint() string {
	return "build the program with its debug information, which tells: without -ldflags -s or -w"
}

// The versions that GoidOffset knows, from the debug information of programs that they built.
const (
	firstGoid = 17
	lastGoid  = 26
)

// GoidOffset is where in runtime.g the goroutine's number is, by the version of Go, for programs without debug information. The error is a
// *GoidError.
func (b *Binary) GoidOffset() (int64, error) {
	switch {
	case b.minor < firstGoid || b.minor > lastGoid:
		return 0, &GoidError{Version: b.Version}
	case b.minor == 23 || b.minor == 24: // g.syscallbp came with 1.23, gobuf.ret went with 1.25
		return 160, nil
	}
	return 152, nil
}
