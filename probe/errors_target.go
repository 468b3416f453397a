package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"golang.org/x/sys/unix"
)

// TargetError is a program, library or image that cannot be probed as a whole.
type TargetError struct {
	Path string
	Err  error
}

func (e *TargetError) Error() string { return fmt.Sprintf("cannot probe %s: %v", e.Path, plain(e.Err)) }

// Unwrap returns the cause.
func (e *TargetError) Unwrap() error { return e.Err }

// Hint returns the next step.
func (e *TargetError) Hint() string {
	switch {
	case errors.Is(e.Err, fs.ErrNotExist), errors.Is(e.Err, unix.ENOTDIR), errors.Is(e.Err, unix.ELOOP):
		return "check the path: -x takes that of a program or library, -k that of a vmlinux"
	case errors.Is(e.Err, fs.ErrPermission):
		return "run as root, or as a user who may read the file"
	}
	return ""
}

// plain takes the path out of an error, for texts that name it themselves.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// NotELFError is a file that is no program or library.
type NotELFError struct{ Path string }

func (e *NotELFError) Error() string {
	return e.Path + " is no ELF file: neither a program nor a library"
}

// Hint returns the next step.
func (e *NotELFError) Hint() string {
	return "for a script, probe its interpreter; for a wrapper, the program that it starts"
}

// MismatchError is a kernel image that is not the running kernel's, or a module's file that is not the loaded module's.
type MismatchError struct {
	Path, BuildID, Running string
	Module                 string // "" for the kernel's image
}

func (e *MismatchError) Error() string {
	if e.Module != "" {
		return fmt.Sprintf("%s is of another build than the loaded module %s: its build-id is %s, the module's %s", e.Path, e.Module, e.BuildID, e.Running)
	}
	return fmt.Sprintf("%s is the image of another kernel: its build-id is %s, the running kernel's %s", e.Path, e.BuildID, e.Running)
}

// Hint returns the next step.
func (e *MismatchError) Hint() string {
	if e.Module != "" {
		return "load the module from this file, or name it by -m " + e.Module + "; -D and -V work with any file"
	}
	return "install the debug package of the running kernel (uname -r); -D and -V work with any image"
}

// KernelDebugError tells that there is no debug information of the kernel.
type KernelDebugError struct {
	Release string // of the kernel, "" if it is not the running one
	Tried   []string
}

func (e *KernelDebugError) Error() string {
	if e.Release == "" {
		return "the kernel image has no debug information"
	}
	return "found no debug information of the running kernel " + e.Release
}

// Unwrap returns dwarfvars.ErrNoDebugInfo.
func (e *KernelDebugError) Unwrap() error { return dwarfvars.ErrNoDebugInfo }

// Hint returns the next step.
func (e *KernelDebugError) Hint() string {
	hint := "install the kernel's debug package"
	if e.Release != "" {
		hint += fmt.Sprintf(" (Debian: linux-image-%s-dbg, Fedora: kernel-debuginfo)", e.Release)
	}
	hint += ", or name its image: -k VMLINUX;\nfunctions by name, %return, $retval and registers such as %di work without"
	if len(e.Tried) > 0 {
		hint += "\nlooked at " + strings.Join(e.Tried, ", ")
	}
	return hint
}

// ModuleError is a kernel module that is not there.
type ModuleError struct{ Module string }

func (e *ModuleError) Error() string { return "kernel module " + e.Module + " is not loaded" }

// Hint returns the next step.
func (e *ModuleError) Hint() string {
	return "load it first: modprobe " + e.Module + "; or name its file, then the probe waits for it: -m PATH.ko; what is built into the kernel needs no -m"
}

// ModuleDebugError tells that there is no debug information of a kernel module.
type ModuleDebugError struct {
	Module  string
	Release string // of the kernel
	Cause   error  // why its file, or that with debug information, is not there
}

func (e *ModuleDebugError) Error() string {
	return fmt.Sprintf("found no debug information of kernel module %s: %v", e.Module, e.Cause)
}

// Unwrap returns dwarfvars.ErrNoDebugInfo.
func (e *ModuleDebugError) Unwrap() error { return dwarfvars.ErrNoDebugInfo }

// Hint returns the next step.
func (e *ModuleDebugError) Hint() string {
	return fmt.Sprintf("install the kernel's debug package (Debian: linux-image-%s-dbg, Fedora: kernel-debuginfo), or name the module's file: -m PATH.ko;\n"+
		"functions by name, FUNC+OFFSET, %%return, $retval and registers such as %%di work without", e.Release)
}
