package objfile

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// objectFile compiles a small source to a relocatable file with debug information.
func objectFile(t testing.TB, args ...string) string {
	t.Helper()
	testkit.Need(t, testkit.GCC)
	dir := t.TempDir()
	src, obj := filepath.Join(dir, "a.c"), filepath.Join(dir, "a.o")
	text := "int counter = 3;\nint __attribute__((section(\".init.text\"))) early(int n) { return n + counter; }\nint late(int n) { return early(n) * 2; }\n"
	if err := os.WriteFile(src, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("gcc", append(args, "-c", "-g", "-o", obj, src)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return obj
}

// TestCompressedFile opens what xz, zstd and gzip made of an object file.
func TestCompressedFile(t *testing.T) {
	testkit.Need(t, testkit.XZ, testkit.Zstd)
	obj := objectFile(t)
	want, err := os.ReadFile(obj)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][]string{{"xz", "-k"}, {"xz", "-k", "-f", "--check=crc32", "--lzma2=dict=1MiB"}, {"zstd", "-q"}, {"gzip", "-k"}} {
		if out, err := exec.Command(c[0], append(c[1:], obj)...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", c, err, out)
		}
		path := obj + map[string]string{"xz": ".xz", "zstd": ".zst", "gzip": ".gz"}[c[0]]
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(f.Bytes(), want) || f.Type() != elf.ET_REL || f.Path() != path {
			t.Errorf("%s: %d bytes, want %d", path, f.Size(), len(want))
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		cut, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, cut[:len(cut)/2], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("half of %s: %v", path, err)
		}
	}
	if _, err := unpack(mustXZ(t, make([]byte, 3<<20)), 1<<20); err == nil || !strings.Contains(err.Error(), "more than 1 MiB") {
		t.Errorf("more than allowed: %v", err)
	}
}

func mustXZ(t testing.TB, b []byte) []byte {
	t.Helper()
	cmd := exec.Command("xz", "-c")
	cmd.Stdin = bytes.NewReader(b)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestMiniDebug makes a program as Fedora's packages have it: symbols of functions in .gnu_debugdata only.
func TestMiniDebug(t *testing.T) {
	testkit.Need(t, testkit.Objcopy, testkit.XZ)
	obj := objectFile(t)
	dir := filepath.Dir(obj)
	if out, err := exec.Command("objcopy", "--strip-debug", obj, dir+"/mini").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	image, err := os.ReadFile(dir + "/mini")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/mini.xz", mustXZ(t, image), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("objcopy", "--strip-all", "--add-section", ".gnu_debugdata="+dir+"/mini.xz", obj, dir+"/stripped").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := Open(dir + "/stripped")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	mini, err := f.MiniDebug()
	if err != nil {
		t.Fatal(err)
	}
	defer mini.Close()
	if !mini.HasSection(".symtab") || f.HasSection(".symtab") {
		t.Error("the symbols are not where they belong")
	}
	none, err := Open(obj)
	if err != nil {
		t.Fatal(err)
	}
	defer none.Close()
	if _, err := none.MiniDebug(); !errors.Is(err, ErrNoMiniDebug) {
		t.Errorf("without: %v", err)
	}
}

// TestRelocate compares with what ld makes of the sections.
func TestRelocate(t *testing.T) {
	obj := objectFile(t, "-O1")
	f, err := Open(obj)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.CanRelocate(); err != nil {
		t.Fatal(err)
	}
	text, _ := f.SectionHeader(".text")
	early, _ := f.SectionHeader(".init.text")
	if text.Addr < firstAddr || early.Addr < text.Addr+text.Size {
		t.Errorf(".text at %#x, .init.text at %#x", text.Addr, early.Addr)
	}
	linked := filepath.Join(filepath.Dir(obj), "linked")
	var at []string
	for _, s := range f.Sections() {
		if s.Flags&elf.SHF_ALLOC != 0 {
			at = append(at, "-Wl,--section-start="+s.Name+"="+hex(s.Addr))
		}
	}
	args := append(at, "-nostdlib", "-static", "-Wl,-e,late", "-Wl,--build-id=none", "-o", linked, obj)
	if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want, err := Open(linked)
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	for _, name := range []string{".debug_info", ".debug_line", ".debug_aranges", ".debug_rnglists"} {
		raw, err := f.Section(name)
		if err != nil {
			t.Fatal(err)
		}
		got := bytes.Clone(raw)
		h, _ := f.SectionHeader(name)
		f.Relocate(h.Index, got, 0)
		w, err := want.Section(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(raw, got) {
			t.Errorf("%s: nothing was relocated", name)
		}
		// A linker merges strings: what refers to them differs, so .debug_info is compared by its addresses only.
		if name != ".debug_info" && name != ".debug_line" && !bytes.Equal(got, w) {
			t.Errorf("%s: got %x\nwant %x", name, got, w)
		}
		piece := bytes.Clone(raw[8 : len(raw)-3])
		f.Relocate(h.Index, piece, 8)
		if n := len(piece) - 8; !bytes.Equal(piece[:n], got[8:8+n]) {
			t.Errorf("%s: a piece is relocated otherwise than the whole", name)
		}
	}
	if !bytes.Contains(relocated(t, f, ".debug_info"), binary.LittleEndian.AppendUint64(nil, early.Addr)) {
		t.Error(".debug_info has no address of .init.text")
	}
}

func relocated(t *testing.T, f *File, name string) []byte {
	t.Helper()
	raw, err := f.Section(name)
	if err != nil {
		t.Fatal(err)
	}
	out := bytes.Clone(raw)
	h, _ := f.SectionHeader(name)
	f.Relocate(h.Index, out, 0)
	return out
}

func hex(n uint64) string {
	const digits = "0123456789abcdef"
	s := ""
	for ; n > 0; n >>= 4 {
		s = digits[n&15:n&15+1] + s
	}
	return "0x" + s
}

// FuzzUnpack decompresses any bytes.
func FuzzUnpack(f *testing.F) {
	f.Add([]byte("\xfd7zXZ\x00"))
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"))
	f.Add([]byte("\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00"))
	if testkit.Have(testkit.XZ) == nil {
		f.Add(mustXZ(f, []byte("some text, some text, some text")))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if out, err := unpack(b, 1<<20); err == nil && len(out) > 1<<20 {
			t.Errorf("%d bytes", len(out))
		}
	})
}

// FuzzRelocate relocates the sections of whatever object file.
func FuzzRelocate(f *testing.F) {
	if testkit.Have(testkit.GCC) == nil {
		b, err := os.ReadFile(objectFile(f))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := New(b, "fuzz")
		if err != nil {
			return
		}
		defer file.Close()
		for _, s := range file.Sections() {
			if data, err := file.Data(s.Index); err == nil {
				c := bytes.Clone(data[:min(len(data), 4096)])
				file.Relocate(s.Index, c, 0)
			}
		}
	})
}
