package buildids

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/buildidcache"
)

const someID = "0123456789abcdef0123456789abcdef01234567"

type tarEntry struct{ name, content, link string }

func archive(t testing.TB, entries []tarEntry) []byte {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	w := tar.NewWriter(zip)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Size: int64(len(e.content)), Mode: 0o644, Typeflag: tar.TypeReg}
		if e.link != "" {
			h.Typeflag, h.Linkname = tar.TypeSymlink, e.link
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// good is what Pack writes of one program.
func good() []tarEntry {
	return []tarEntry{
		{name: "usr/bin/x/" + someID + "/elf", content: "the program"},
		{name: "usr/bin/x/" + someID + "/debug", content: "its symbols"},
		{name: ".build-id/01/" + someID[2:], link: "../../usr/bin/x/" + someID},
	}
}

func TestUnpack(t *testing.T) {
	c := &buildidcache.Cache{Dir: filepath.Join(t.TempDir(), "new", ".debug")}
	for range 2 { // the second time everything is there
		if n, err := Unpack(bytes.NewReader(archive(t, good())), c); n != 1 || err != nil {
			t.Fatalf("%d builds, %v", n, err)
		}
	}
	for file, want := range map[string]string{"elf": "the program", "debug": "its symbols"} {
		if got, err := os.ReadFile(c.Find(someID, file)); string(got) != want {
			t.Errorf("%s is %q, %v", file, got, err)
		}
	}
	if all, err := c.All(); err != nil || len(all) != 1 || all[0] != (buildidcache.Entry{ID: someID, Name: "/usr/bin/x"}) {
		t.Errorf("%v, %v", all, err)
	}
}

// TestUnpackHostile has entries that lead out of the cache, or over what is there.
func TestUnpackHostile(t *testing.T) {
	top := t.TempDir()
	c := &buildidcache.Cache{Dir: filepath.Join(top, ".debug")}
	if err := os.MkdirAll(c.Dir+"/usr", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(top, c.Dir+"/usr/out"); err != nil {
		t.Fatal(err)
	}
	for _, e := range []tarEntry{
		{name: "../../" + someID + "/elf", content: "x"},
		{name: "/etc/passwd", content: "x"},
		{name: "usr/bin/x/../../../../../" + someID + "/elf", content: "x"},
		{name: "usr/out/" + someID + "/elf", content: "x"},
		{name: ".build-id/01/" + someID[2:] + "/elf", content: "x"},
		{name: "usr/bin/x/nothex/elf", content: "x"},
		{name: "usr/bin/x/" + someID + "/.bashrc", content: "x"},
		{name: ".build-id/01/" + someID[2:], link: "/etc"},
		{name: ".build-id/01/" + someID[2:], link: "../../../../etc/" + someID},
		{name: ".build-id/02/" + someID[2:], link: "../../usr/bin/x/" + someID},
		{name: "usr/bin/x/" + someID, link: "/etc"},
		{name: ".build-id/0/1", link: "../../usr/bin/x/01"},
	} {
		if _, err := Unpack(bytes.NewReader(archive(t, []tarEntry{e})), c); err == nil {
			// A path that is cleaned into the cache may be unpacked; nothing may be outside.
			if strings.Contains(e.name, "out/") || e.link != "" {
				t.Errorf("%+v was unpacked", e)
			}
		}
	}
	entries, err := os.ReadDir(top)
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the cache there are %v, %v", entries, err)
	}
}

func TestUnpackDamaged(t *testing.T) {
	whole := archive(t, good())
	for cut := 0; cut < len(whole); cut += 7 {
		c := &buildidcache.Cache{Dir: filepath.Join(t.TempDir(), ".debug")}
		_, err := Unpack(bytes.NewReader(whole[:cut]), c)
		var bad *ArchiveError
		if !errors.As(err, &bad) || bad.Hint() == "" {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(archive(f, good()))
	f.Add(archive(f, []tarEntry{{name: "a/" + someID + "/elf", content: "x"}, {name: "a", link: "b"}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		top := t.TempDir()
		_, _ = Unpack(bytes.NewReader(b), &buildidcache.Cache{Dir: filepath.Join(top, ".debug")})
		if entries, err := os.ReadDir(top); err != nil || len(entries) > 1 {
			t.Errorf("beside the cache there are %v, %v", entries, err)
		}
	})
}

func TestEntryDir(t *testing.T) {
	for _, c := range []struct{ name, id, want string }{
		{"/usr/bin/ls", "abcd", "usr/bin/ls/abcd"},
		{"[kernel.kallsyms]", "abcd", "[kernel.kallsyms]/abcd"},
		{"/../../etc/x", "abcd", "etc/x/abcd"},
		{"", "abcd", ""}, {"/", "abcd", ""}, {"/x", "../..", ""}, {"/x", "ab", ""}, {"/.build-id/ab/cd", "abcd", ""}, {"/x\x00y", "abcd", ""},
	} {
		got, err := buildidcache.EntryDir(c.name, c.id)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q, %q: %q, %v", c.name, c.id, got, err)
		}
	}
}
