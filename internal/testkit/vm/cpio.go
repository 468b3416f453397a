package vm

import (
	"bytes"
	"fmt"
	"os"
)

// archive builds a "newc" cpio archive, the format of a Linux initramfs (Documentation/driver-api/early-userspace/buffer-format.rst).
type archive struct {
	buf bytes.Buffer
	ino int
}

const (
	modeDir  = 0o040755
	modeExec = 0o100755
)

func (a *archive) dir(name string) { a.add(name, modeDir, nil) }

func (a *archive) file(name string, data []byte) { a.add(name, modeExec, data) }

func (a *archive) copy(name, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	a.file(name, data)
	return nil
}

// add writes one entry: a header of 13 hexadecimal numbers, the name and the data, the last two padded to 4 bytes.
func (a *archive) add(name string, mode int, data []byte) {
	a.ino++
	fmt.Fprintf(&a.buf, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		a.ino, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name)+1, 0)
	a.buf.WriteString(name)
	a.buf.WriteByte(0)
	a.pad()
	a.buf.Write(data)
	a.pad()
}

func (a *archive) pad() {
	for a.buf.Len()%4 != 0 {
		a.buf.WriteByte(0)
	}
}

func (a *archive) bytes() []byte {
	a.add("TRAILER!!!", 0, nil)
	return a.buf.Bytes()
}
