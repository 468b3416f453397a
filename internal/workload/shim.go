package workload

import (
	"encoding/binary"
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

func isShim() bool { return len(os.Args) >= 4 && os.Args[0] == shimName }

// Shim turns this process into the held command if it was started by [Start], and does nothing otherwise. main calls it
// before anything else. It does not return in a shim.
func Shim() {
	if !isShim() {
		return
	}
	hold, err1 := strconv.Atoi(os.Args[1])
	failed, err2 := strconv.Atoi(os.Args[2])
	if err1 != nil || err2 != nil {
		os.Exit(127)
	}
	stayOnMainThread()
	syscall.CloseOnExec(hold)
	syscall.CloseOnExec(failed)
	nameThreads()
	if _, err := syscall.Write(failed, []byte{0}); err != nil {
		os.Exit(127)
	}
	if !waitByte(hold) {
		os.Exit(0)
	}
	errno := execute(os.Args[3:], os.Environ())
	var b [4]byte
	binary.NativeEndian.PutUint32(b[:], uint32(errno))
	_, _ = syscall.Write(failed, b[:]) // nobody is left to be told of a failure here
	os.Exit(127)
}

// stayOnMainThread: a counter that is attached to a process belongs to its first thread, and an exec from another thread
// ends that one, and the counter's enable_on_exec with it. A goroutine may have been moved before it is locked; then the
// shim executes itself again, which makes its thread the first. Nothing has been attached yet: the parent waits for a byte.
func stayOnMainThread() {
	runtime.LockOSThread()
	if unix.Gettid() == os.Getpid() {
		return
	}
	_ = syscall.Exec("/proc/self/exe", os.Args, os.Environ()) // comes back only with an error
	os.Exit(127)
}

// nameThreads gives all threads the name that recordings show for a command before its exec: the executable was
// /proc/self/exe, so that the kernel calls them "exe". A thread that keeps its name does no harm.
func nameThreads() {
	const dir = "/proc/self/task/"
	tasks, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, t := range tasks {
		_ = os.WriteFile(dir+t.Name()+"/comm", []byte(shimName), 0)
	}
}

// waitByte blocks until a byte comes; false at the end of the file, when the parent has gone or given up.
func waitByte(fd int) bool {
	var b [1]byte
	for {
		n, err := syscall.Read(fd, b[:])
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		return err == nil && n == 1
	}
}

// execute does what execvp(3) does: a name without a slash is looked for in PATH, and a file that has no format the
// kernel knows is given to /bin/sh.
func execute(argv, env []string) syscall.Errno {
	worst := syscall.ENOENT
	for _, path := range candidates(argv[0], os.Getenv("PATH")) {
		errno := execFile(path, argv, env)
		switch errno {
		case syscall.ENOENT, syscall.ENOTDIR, syscall.ENODEV, syscall.ETIMEDOUT, syscall.ESTALE:
		case syscall.EACCES:
			worst = errno // found but not allowed: told unless a later directory has it
		default:
			return errno
		}
	}
	return worst
}

func execFile(path string, argv, env []string) syscall.Errno {
	err := syscall.Exec(path, argv, env)
	if err == syscall.ENOEXEC {
		err = syscall.Exec("/bin/sh", append([]string{"sh", path}, argv[1:]...), env)
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return syscall.EINVAL // a NUL byte in an argument, which the caller could not have passed
}

// candidates are the paths to try for a command's name.
func candidates(name, path string) []string {
	if strings.Contains(name, "/") || name == "" {
		return []string{name}
	}
	if path == "" {
		path = "/bin:/usr/bin"
	}
	var out []string
	for _, dir := range strings.Split(path, ":") {
		if dir == "" {
			dir = "."
		}
		out = append(out, strings.TrimSuffix(dir, "/")+"/"+name)
	}
	return out
}
