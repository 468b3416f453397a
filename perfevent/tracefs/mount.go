package tracefs

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// NotMountedError is ErrNotMounted with the way out.
type NotMountedError struct {
	Err error // what mounting said; nil if it was not tried
}

func (e *NotMountedError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%v, and mounting it on %s failed: %v", ErrNotMounted, DefaultDir, e.Err)
	}
	return ErrNotMounted.Error()
}

// Unwrap gives ErrNotMounted and what mounting said.
func (e *NotMountedError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrNotMounted}
	}
	return []error{ErrNotMounted, e.Err}
}

// Hint is the next step.
func (e *NotMountedError) Hint() string {
	switch {
	case errors.Is(e.Err, unix.ENODEV):
		return "this kernel has no tracefs (CONFIG_TRACING is off); tracepoints and probes need a kernel with it"
	case errors.Is(e.Err, unix.ENOENT):
		return "there is no " + DefaultDir + "; mount sysfs first (mount -t sysfs sysfs /sys), or boot a kernel with CONFIG_TRACING"
	case e.Err != nil:
		return "this environment forbids the mount (a container without CAP_SYS_ADMIN?); run on the host, or mount tracefs into it"
	}
	return "as root: mount -t tracefs tracefs " + DefaultDir
}

// Find returns the tracefs of this mount namespace. Without one the error is
// a *NotMountedError, which matches ErrNotMounted.
func Find() (*FS, error) {
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		// No proc: try the places where it belongs.
		if f := findUnlisted(); f != nil {
			return f, nil
		}
		return nil, &NotMountedError{}
	}
	if dir := mountPoint(b, isTracefs); dir != "" {
		return At(dir), nil
	}
	return nil, &NotMountedError{}
}

func findUnlisted() *FS {
	for _, dir := range [...]string{DefaultDir, debugDir} {
		if _, err := os.Stat(filepath.Join(dir, "events")); err == nil {
			return At(dir)
		}
	}
	return nil
}

// mountPoint picks a tracefs from the lines of mountinfo: the usual place, or
// the last one mounted, or the one inside a debugfs. "" if there is none. A
// mount that lies under another one is still listed: reaches tells it apart.
func mountPoint(mountinfo []byte, reaches func(dir string) bool) string {
	var trace, debug string
	s := bufio.NewScanner(bytes.NewReader(mountinfo))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		before, after, ok := strings.Cut(s.Text(), " - ")
		fields := strings.Fields(before)
		if !ok || len(fields) < 5 || fields[3] != "/" {
			continue
		}
		fstype, _, _ := strings.Cut(after, " ")
		dir := unescapeMount(fields[4])
		switch {
		case fstype == "tracefs" && trace != DefaultDir && reaches(dir):
			trace = dir
		case fstype == "debugfs":
			debug = filepath.Join(dir, "tracing")
		}
	}
	if trace == "" && debug != "" {
		if _, err := os.Stat(filepath.Join(debug, "events")); err == nil {
			return debug
		}
	}
	return trace
}

func isTracefs(dir string) bool {
	var st unix.Statfs_t
	return unix.Statfs(dir, &st) == nil && st.Type == unix.TRACEFS_MAGIC
}

// unescapeMount resolves the octal escapes of blanks in mountinfo's paths.
func unescapeMount(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && octal(s[i+1]) && octal(s[i+2]) && octal(s[i+3]) {
			b.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func octal(c byte) bool { return c >= '0' && c <= '7' }

// Mount returns the tracefs of this mount namespace and, if there is none and
// the caller is root, mounts it on DefaultDir first. mounted tells that it
// did, so that the user can be told; the mount stays.
func Mount() (f *FS, mounted bool, err error) {
	f, err = Find()
	if err == nil || os.Geteuid() != 0 {
		return f, false, err
	}
	if err := unix.Mount("tracefs", DefaultDir, "tracefs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return nil, false, &NotMountedError{Err: err}
	}
	return At(DefaultDir), true, nil
}
