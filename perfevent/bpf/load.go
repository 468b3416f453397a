package bpf

import (
	"errors"
	"structs"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Arguments of bpf(2), each a member of union bpf_attr in include/uapi/linux/bpf.h. A kernel takes a shorter union than its own, and a
// longer one if what it does not know is zero. Names are there since Linux 4.15, and the helper that programs here cannot do without is
// younger. Pointers have 64 bits, as on all machines whose registers a program here reads.

type mapAttr struct {
	_                                    structs.HostLayout
	kind, keySize, valueSize, maxEntries uint32
	flags, innerMap, numaNode            uint32
	name                                 objName
}

type mapElemAttr struct {
	_          structs.HostLayout
	fd, _      uint32
	key, value unsafe.Pointer
	flags      uint64
}

type programAttr struct {
	_                    structs.HostLayout
	kind, count          uint32
	code, license        unsafe.Pointer
	logLevel, logSize    uint32
	log                  unsafe.Pointer
	kernelVersion, flags uint32
	name                 objName
}

// objName is a name as the kernel keeps it, ended by a NUL. It takes letters, digits, _ and a dot.
type objName [unix.BPF_OBJ_NAME_LEN]byte

func newName(name string) (n objName) {
	copy(n[:len(n)-1], name)
	return n
}

// kernelMap is a map, open. Close-on-exec is set for every file descriptor that bpf(2) makes.
type kernelMap struct{ fd int }

// newMap makes a map of a kind BPF_MAP_TYPE_…. The error is a *loadError.
func newMap(name string, kind, keySize, valueSize, maxEntries uint32) (*kernelMap, error) {
	a := mapAttr{kind: kind, keySize: keySize, valueSize: valueSize, maxEntries: maxEntries, name: newName(name)}
	fd, err := withMemlock(func() (int, error) { return sysBPF(unix.BPF_MAP_CREATE, unsafe.Pointer(&a), unsafe.Sizeof(a)) })
	if err != nil {
		return nil, &loadError{what: "map", name: name, err: err}
	}
	return &kernelMap{fd}, nil
}

// put sets the value of a key, in a map with 4 bytes for each.
func (m *kernelMap) put(key, value uint32) error {
	a := mapElemAttr{fd: uint32(m.fd), key: unsafe.Pointer(&key), value: unsafe.Pointer(&value), flags: unix.BPF_ANY}
	_, err := sysBPF(unix.BPF_MAP_UPDATE_ELEM, unsafe.Pointer(&a), unsafe.Sizeof(a))
	return err
}

// close closes the map, which stays as long as a program uses it. nil is no map.
func (m *kernelMap) close() error {
	if m == nil {
		return nil
	}
	return closeFD(&m.fd)
}

// kernelProgram is a program that the kernel has taken.
type kernelProgram struct{ fd int }

// logSizes are tried for the verifier's log until it fits. The last is the most that every kernel takes: UINT_MAX >> 8, of which later ones
// take more (bpf_verifier_log_attr_valid).
func logSizes() []int { return []int{64 << 10, 1 << 20, 16<<20 - 1} }

// loadProgram loads a program of a kind BPF_PROG_TYPE_…. The error is a *loadError, with what the verifier says: it writes a log, which
// takes time, when it is asked for one, so a program that is refused is loaded again.
func loadProgram(name string, kind uint32, code []byte) (*kernelProgram, error) {
	license := []byte("GPL\x00") // probe_read_user and perf_event_output are for such programs only
	a := programAttr{kind: kind, count: uint32(len(code) / slotSize), code: unsafe.Pointer(unsafe.SliceData(code)),
		license: unsafe.Pointer(&license[0]), name: newName(name)}
	load := func() (int, error) { return sysBPF(unix.BPF_PROG_LOAD, unsafe.Pointer(&a), unsafe.Sizeof(a)) }
	fd, err := withMemlock(load)
	var log []byte
	for i, n := range logSizes() {
		if err == nil || i > 0 && !errors.Is(err, unix.ENOSPC) { // ENOSPC: the log is longer
			break
		}
		log = make([]byte, n)
		a.logLevel, a.logSize, a.log = 1, uint32(n), unsafe.Pointer(&log[0])
		fd, err = withMemlock(load)
	}
	if err != nil {
		return nil, &loadError{what: "program", name: name, err: err, verifier: lastOfLog(log)}
	}
	return &kernelProgram{fd}, nil
}

// close closes the program, which stays as long as an event has it. nil is no program.
func (p *kernelProgram) close() error {
	if p == nil {
		return nil
	}
	return closeFD(&p.fd)
}

func closeFD(fd *int) error {
	if *fd < 0 {
		return nil
	}
	err := unix.Close(*fd)
	*fd = -1
	return err
}

// sysBPF is bpf(2). The verifier gives up with EAGAIN where a signal is pending (Linux 4.20), and the Go runtime sends some too.
func sysBPF(command int, attr unsafe.Pointer, size uintptr) (int, error) {
	const attempts = 100
	for i := 1; ; i++ {
		fd, _, errno := unix.Syscall(unix.SYS_BPF, uintptr(command), uintptr(attr), size)
		switch {
		case errno == 0:
			return int(fd), nil
		case errno != unix.EAGAIN || i == attempts:
			return -1, errno
		}
	}
}

// withMemlock tries again without the limit of locked memory (RLIMIT_MEMLOCK), as far as that may be lifted, where it may be what stood in
// the way: before Linux 5.11 maps and programs count as locked memory, and too much of it is EPERM, as a missing right is. The limit
// binds as memory is taken, so it comes back.
func withMemlock(try func() (int, error)) (int, error) {
	fd, err := try()
	if !errors.Is(err, unix.EPERM) {
		return fd, err
	}
	var old unix.Rlimit
	if unix.Prlimit(0, unix.RLIMIT_MEMLOCK, nil, &old) != nil || old.Cur == unix.RLIM_INFINITY {
		return fd, err
	}
	lifted := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	if unix.Prlimit(0, unix.RLIMIT_MEMLOCK, &lifted, nil) != nil {
		lifted = unix.Rlimit{Cur: old.Max, Max: old.Max}
		if old.Cur == old.Max || unix.Prlimit(0, unix.RLIMIT_MEMLOCK, &lifted, nil) != nil {
			return fd, err
		}
	}
	fd, err = try()
	_ = unix.Prlimit(0, unix.RLIMIT_MEMLOCK, &old, nil) // lowering a limit is always allowed
	return fd, err
}
