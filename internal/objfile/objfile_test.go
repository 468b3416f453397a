package objfile

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/mapped"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// self opens the test binary, an ELF file that is always there.
func self(t testing.TB) *File {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(exe)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestLikeDebugELF(t *testing.T) {
	f := self(t)
	want, err := elf.Open(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	if f.Machine() != want.Machine || f.Type() != want.Type || f.Is64() != (want.Class == elf.ELFCLASS64) || f.Entry() != want.Entry {
		t.Errorf("header: %v %v %v %#x, debug/elf: %+v", f.Machine(), f.Type(), f.Is64(), f.Entry(), want.FileHeader)
	}
	if len(f.Sections()) != len(want.Sections) {
		t.Fatalf("%d sections, debug/elf has %d", len(f.Sections()), len(want.Sections))
	}
	for i, s := range f.Sections() {
		w := want.Sections[i]
		if s.Name != w.Name || s.Addr != w.Addr || s.Offset != w.Offset || s.Flags != w.Flags {
			t.Errorf("section %d: %+v, debug/elf: %+v", i, s, w.SectionHeader)
		}
		if w.Type == elf.SHT_NOBITS || w.Type == elf.SHT_NULL {
			continue
		}
		b, err := f.Data(i)
		wb, werr := w.Data()
		if (err != nil) != (werr != nil) || !bytes.Equal(b, wb) {
			t.Errorf("section %s: %d bytes, %v; debug/elf: %d bytes, %v", s.Name, len(b), err, len(wb), werr)
		}
	}
}

func TestAddresses(t *testing.T) {
	f := self(t)
	text, ok := f.SectionHeader(".text")
	if !ok {
		t.Fatal("no .text")
	}
	off, ok := f.FileOffset(text.Addr + 16)
	if !ok || off != text.Offset+16 {
		t.Errorf("FileOffset = %#x, %v, want %#x", off, ok, text.Offset+16)
	}
	if v, ok := f.VAddr(off); !ok || v != text.Addr+16 {
		t.Errorf("VAddr = %#x, %v, want %#x", v, ok, text.Addr+16)
	}
	if bias, ok := f.TextBias(); !ok || bias != text.Addr-text.Offset {
		t.Errorf("TextBias = %#x, %v", bias, ok)
	}
	if !f.InText(text.Addr) || f.InText(0) {
		t.Error("InText is wrong")
	}
	if _, ok := f.FileOffset(^uint64(0)); ok {
		t.Error("an address outside has a file offset")
	}
	if bss, ok := f.SectionHeader(".noptrbss"); ok {
		if _, ok := f.FileOffset(bss.Addr + bss.Size - 1); ok {
			t.Error("zero-filled memory has a file offset")
		}
	}
}

func TestClosed(t *testing.T) {
	f := self(t)
	if err := errors.Join(f.Close(), f.Close()); err != nil {
		t.Error(err)
	}
}

func TestNotELF(t *testing.T) {
	dir := t.TempDir()
	short := filepath.Join(dir, "short")
	text := filepath.Join(dir, "text")
	_ = os.WriteFile(short, []byte("\x7fELF"), 0o644)
	_ = os.WriteFile(text, bytes.Repeat([]byte("#!/bin/sh\n"), 20), 0o644)
	for _, p := range []string{short, text, dir} {
		if _, err := Open(p); !errors.Is(err, ErrNotELF) {
			t.Errorf("Open(%s) = %v, want ErrNotELF", p, err)
		}
	}
	if _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open of nothing: %v", err)
	}
}

func TestBuildIDNotes(t *testing.T) {
	note := func(typ uint32, name string, desc []byte) []byte {
		b := binary.NativeEndian.AppendUint32(nil, uint32(len(name)))
		b = binary.NativeEndian.AppendUint32(b, uint32(len(desc)))
		b = binary.NativeEndian.AppendUint32(b, typ)
		b = append(b, name...)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
		b = append(b, desc...)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
		return b
	}
	id := []byte{1, 2, 3, 4, 5, 6, 7}
	other := note(1, "Linux\x00", []byte("xyz"))
	tests := []struct {
		name string
		in   []byte
		want []byte
	}{
		{"alone", note(3, "GNU\x00", id), id},
		{"second", append(bytes.Clone(other), note(3, "GNU\x00", id)...), id},
		{"other type", note(4, "GNU\x00", id), nil},
		{"other owner", note(3, "Go\x00\x00", id), nil},
		{"cut", note(3, "GNU\x00", id)[:20], nil},
		{"empty", nil, nil},
		{"huge length", []byte("\x04\x00\x00\x00\xff\xff\xff\xff\x03\x00\x00\x00GNU\x00"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, ParseBuildIDNotes(tt.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCompressedSections(t *testing.T) {
	testkit.Need(t, testkit.GCC, testkit.Objcopy)
	dir := t.TempDir()
	src := filepath.Join(dir, "a.c")
	if err := os.WriteFile(src, []byte("struct s { int a, b, c; } x; int main(void) { return x.a; }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(dir, "plain")
	run(t, "gcc", "-g", "-Wl,--build-id=sha1", "-o", plain, src)
	want, id := sectionOf(t, plain, ".debug_info")
	if len(id) != 20 {
		t.Errorf("build-id %x", id)
	}
	for _, kind := range []string{"zlib", "zlib-gnu", "zstd"} {
		out := filepath.Join(dir, kind)
		cmd := exec.Command("objcopy", "--compress-debug-sections="+kind, plain, out)
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Logf("objcopy cannot do %s: %s", kind, msg)
			continue
		}
		if got, _ := sectionOf(t, out, ".debug_info"); !bytes.Equal(got, want) {
			t.Errorf("%s: .debug_info differs: %d bytes, want %d", kind, len(got), len(want))
		}
	}
	stripped := filepath.Join(dir, "debug")
	run(t, "objcopy", "--only-keep-debug", plain, stripped)
	run(t, "objcopy", "--strip-debug", "--add-gnu-debuglink="+stripped, plain)
	f, err := Open(plain)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if name, crc, ok := f.DebugLink(); name != "debug" || crc == 0 || !ok {
		t.Errorf("DebugLink = %q, %#x, %v", name, crc, ok)
	}
	if _, err := f.Section(".debug_info"); !errors.Is(err, ErrNoSection) {
		t.Errorf("stripped section: %v", err)
	}
}

func sectionOf(t *testing.T, path, name string) (data, id []byte) {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := f.Section(name)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := f.Section(name)
	if len(b) > 0 && &b[0] != &again[0] {
		t.Errorf("%s of %s was decompressed twice", name, path)
	}
	return bytes.Clone(b), f.BuildID()
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// TestTruncated takes a file's end away while it is mapped.
func TestTruncated(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	p := filepath.Join(t.TempDir(), "exe")
	if err := os.WriteFile(p, b, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := Open(p)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Truncate(p, 4096); err != nil {
		t.Fatal(err)
	}
	sum := byte(0)
	err = Guard(p, func() error {
		for _, c := range f.Bytes() {
			sum += c
		}
		return nil
	})
	if !errors.Is(err, mapped.ErrTruncated) {
		t.Errorf("reading a file that was cut short: %v", err)
	}
}

func TestVmlinux(t *testing.T) {
	testkit.Need(t, testkit.KernelLab)
	p, err := testkit.Vmlinux()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	f, err := Open(p)
	took := time.Since(start)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	t.Logf("%d MB opened in %v", f.Size()>>20, took)
	if !f.IsKernelImage() || f.BuildID() == nil {
		t.Errorf("kernel image %v, build-id %x", f.IsKernelImage(), f.BuildID())
	}
	if self(t).IsKernelImage() {
		t.Error("the test binary is no kernel image")
	}
}

// small is an ELF header with sections, for the fuzzer to begin with.
func small(order binary.ByteOrder, class elf.Class) []byte {
	b := make([]byte, 64+3*64)
	copy(b, "\x7fELF")
	b[4], b[5], b[6] = byte(class), 1, 1
	if order == binary.ByteOrder(binary.BigEndian) {
		b[5] = 2
	}
	order.PutUint16(b[16:], 3)
	order.PutUint16(b[18:], 62)
	if class == elf.ELFCLASS64 {
		order.PutUint64(b[40:], 64)
		order.PutUint16(b[54:], 56)
		order.PutUint16(b[58:], 64)
		order.PutUint16(b[60:], 3)
		order.PutUint16(b[62:], 1)
	} else {
		order.PutUint32(b[32:], 64)
		order.PutUint16(b[42:], 32)
		order.PutUint16(b[46:], 40)
		order.PutUint16(b[48:], 3)
	}
	return b
}

func FuzzOpen(f *testing.F) {
	for _, class := range []elf.Class{elf.ELFCLASS32, elf.ELFCLASS64} {
		f.Add(small(binary.LittleEndian, class))
		f.Add(small(binary.BigEndian, class))
	}
	f.Add([]byte("\x7fELF"))
	if b, err := vdsoLike(); err == nil {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := New(data, "fuzz")
		if err != nil {
			return
		}
		defer file.Close()
		for i, s := range file.Sections() {
			_, _ = file.Data(i)
			_ = file.HasSection(s.Name)
			if off, ok := file.FileOffset(s.Addr); ok {
				_, _ = file.VAddr(off)
				_, _ = file.VAddrInPage(off)
			}
			_, _ = file.SectionOf(s.Addr)
		}
		_, _, _ = file.DebugLink()
		_, _, _ = file.AltLink()
		_ = file.SupplementID()
		_ = file.BuildID()
		_ = file.IsKernelImage()
	})
}

// vdsoLike is a small real shared object, if the machine has one.
func vdsoLike() ([]byte, error) {
	b, err := os.ReadFile("/usr/lib/x86_64-linux-gnu/libdl.so.2")
	return b, err
}

func BenchmarkOpen(b *testing.B) {
	exe, _ := os.Executable()
	b.ReportAllocs()
	for b.Loop() {
		f, err := Open(exe)
		if err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}
