package testkit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Feature is something that a machine may lack.
type Feature string

const (
	Root       Feature = "root"       // effective uid 0
	Tracefs    Feature = "tracefs"    // mounted, or mountable by gperf
	Uprobes    Feature = "uprobes"    // CONFIG_UPROBE_EVENTS, with root and tracefs
	Kprobes    Feature = "kprobes"    // CONFIG_KPROBE_EVENTS on the machine itself, with root and tracefs
	Paranoid2  Feature = "paranoid2"  // kernel.perf_event_paranoid is 2, the kernel's default
	PMU        Feature = "pmu"        // a core PMU that the kernel found
	CGroup     Feature = "cgroup"     // control groups for events, of which one can be made
	Perf       Feature = "perf"       // the reference perf (Debian: linux-perf)
	GCC        Feature = "gcc"        // C compiler
	GXX        Feature = "g++"        // C++ compiler
	Clang      Feature = "clang"      // second C compiler
	LLD        Feature = "ld.lld"     // links what clang compiles for other processors
	Rust       Feature = "rustc"      // Rust compiler
	Go         Feature = "go"         // Go tool, for programs that tests build
	Python     Feature = "python3"    // as a program with a symbol table to look at
	Objcopy    Feature = "objcopy"    // binutils, to split and compress debug info
	XZ         Feature = "xz"         // compressor of kernel modules
	Zstd       Feature = "zstd"       // another
	DWZ        Feature = "dwz"        // moves debug information that files share into one more
	DWP        Feature = "llvm-dwp"   // packs .dwo files (Debian: llvm)
	Debuginfod Feature = "debuginfod" // the server of debug files
	SDT        Feature = "dtrace"     // <sys/sdt.h>, and what makes semaphores for it (Debian: systemtap-sdt-dev)
	LibcDebug  Feature = "libc6-dbg"  // debug information of the C library
	Postgres   Feature = "postgres"   // PostgreSQL's server, version 15
	Prometheus Feature = "prometheus" // the server that scrapes, with promtool
	KernelLab  Feature = "kernellab"  // Debian's kernel image and its vmlinux, where GPERF_LAB says (make lab)
	QEMU       Feature = "qemu"       // qemu-system-x86_64 and a static busybox, to boot KernelLab

	KernelLabARM64 Feature = "kernellab-arm64"     // Debian's arm64 kernel and perf, where GPERF_LAB says (make lab)
	QEMUARM64      Feature = "qemu-system-aarch64" // to boot KernelLabARM64

	LLVM Feature = "llvm-symbolizer" // tells the functions of addresses (Debian: llvm)
)

// PostgresDir is where Debian puts the server's programs, which are in no PATH.
const PostgresDir = "/usr/lib/postgresql/15/bin"

// Have reports why a feature is missing, nil when it is there.
func Have(f Feature) error {
	switch f {
	case Root:
		if os.Geteuid() != 0 {
			return errors.New("not root")
		}
		return nil
	case Tracefs:
		return all(Root, func() error { _, err := tracefsDir(); return err })
	case Uprobes:
		return dynamicEvents("uprobe_events")
	case Kprobes:
		return dynamicEvents("kprobe_events")
	case Paranoid2:
		return paranoid2()
	case PMU:
		return corePMU()
	case CGroup:
		return haveCGroup()
	case Perf, GCC, GXX, Clang, LLD, Rust, Go, Python, Objcopy, XZ, Zstd, DWZ, DWP, LLVM, Debuginfod, SDT, Prometheus, QEMUARM64:
		_, err := exec.LookPath(string(f))
		return err
	case LibcDebug:
		_, err := os.Stat("/usr/share/doc/libc6-dbg")
		return err
	case Postgres:
		_, err := os.Stat(PostgresDir)
		return err
	case KernelLab:
		_, err := Vmlinux()
		return err
	case KernelLabARM64:
		_, err := KernelImageARM64()
		return err
	case QEMU:
		if _, err := exec.LookPath("qemu-system-x86_64"); err != nil {
			return err
		}
		_, err := exec.LookPath("busybox")
		return err
	}
	return fmt.Errorf("testkit knows no feature %q", string(f))
}

func all(f Feature, next func() error) error {
	if err := Have(f); err != nil {
		return err
	}
	return next()
}

// tracefsDir finds tracefs where the kernel makes a mount point for it.
func tracefsDir() (string, error) {
	const dir = "/sys/kernel/tracing"
	_, err := os.Stat(dir)
	return dir, err
}

func dynamicEvents(file string) error {
	return all(Root, func() error {
		dir, err := tracefsDir()
		if err != nil {
			return err
		}
		_, err = os.Stat(filepath.Join(dir, file))
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("this kernel has no %s", file)
		}
		return err
	})
}

func paranoid2() error {
	const file = "/proc/sys/kernel/perf_event_paranoid"
	b, err := os.ReadFile(file)
	if level := strings.TrimSpace(string(b)); err == nil && level != "2" {
		return fmt.Errorf("%s is %s", file, level)
	}
	return err
}

func corePMU() error {
	for _, name := range []string{"cpu", "cpu_core", "armv8_pmuv3"} {
		matches, err := filepath.Glob("/sys/bus/event_source/devices/" + name + "*")
		if err == nil && len(matches) > 0 {
			return nil
		}
	}
	return errors.New("no core PMU under /sys/bus/event_source/devices")
}

// Vmlinux is the path of the laboratory kernel's image with debug info (Debian: linux-image-amd64-dbg).
func Vmlinux() (string, error) { return labFile("vmlinux-*") }

// KernelImage is the path of the bootable image of the same kernel.
func KernelImage() (string, error) { return labFile("vmlinuz-*") }

// KernelImageARM64 is the path of the bootable image for arm64, in a directory with what else its guest needs.
func KernelImageARM64() (string, error) { return labFile("arm64/vmlinuz-*") }

// LabDir is where make lab has put the kernel's files.
func LabDir() string { return os.Getenv("GPERF_LAB") }

func labFile(pattern string) (string, error) {
	dir := LabDir()
	if dir == "" {
		return "", errors.New("GPERF_LAB is not set: make lab fetches the kernel and says where")
	}
	matches, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return "", err
	}
	if len(matches) != 1 {
		return "", fmt.Errorf("%d files match %s in %s", len(matches), pattern, strings.TrimSuffix(dir, "/"))
	}
	return matches[0], nil
}
