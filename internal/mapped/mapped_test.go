package mapped

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestGuard(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	size := 2 * os.Getpagesize()
	if err := os.WriteFile(name, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Munmap(b); err != nil {
			t.Error(err)
		}
	}()
	sum := 0
	last := func() error {
		sum += int(b[size-1])
		return nil
	}
	if err := Guard(last); err != nil {
		t.Errorf("of a whole file: %v", err)
	}
	if err := os.Truncate(name, 1); err != nil {
		t.Fatal(err)
	}
	if err := Guard(last); !errors.Is(err, ErrTruncated) {
		t.Errorf("of a file that was cut short: %v", err)
	}
	own := errors.New("own")
	if err := Guard(func() error { return own }); err != own {
		t.Errorf("f's own error: %v", err)
	}
	defer func() {
		if r := recover(); r != "other" {
			t.Errorf("another panic: %v", r)
		}
	}()
	_ = Guard(func() error { panic("other") })
}
