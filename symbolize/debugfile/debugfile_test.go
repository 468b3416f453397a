package debugfile

import (
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// object builds a program with debug info at root/usr/bin/prog, and its debug file beside root. It returns the build-id in hexadecimal.
func object(t *testing.T, root string, link bool, gccArgs ...string) (debug, id string) {
	t.Helper()
	testkit.Need(t, testkit.GCC, testkit.Objcopy)
	dir := t.TempDir()
	src := filepath.Join(dir, "a.c")
	if err := os.WriteFile(src, []byte("int main(void) { return 0; }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	prog := filepath.Join(root, "usr/bin/prog")
	if err := os.MkdirAll(filepath.Dir(prog), 0o755); err != nil {
		t.Fatal(err)
	}
	debug = filepath.Join(dir, "prog.debug")
	run(t, "gcc", append([]string{"-g", "-o", prog, src}, gccArgs...)...)
	f, err := objfile.Open(prog)
	if err != nil {
		t.Fatal(err)
	}
	id = hex.EncodeToString(f.BuildID())
	f.Close()
	run(t, "objcopy", "--only-keep-debug", prog, debug)
	run(t, "objcopy", "--strip-all", prog)
	if link {
		run(t, "objcopy", "--add-gnu-debuglink="+debug, prog)
	}
	return debug, id
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func place(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFind(t *testing.T) {
	const withID = "-Wl,--build-id=sha1"
	const withoutID = "-Wl,--build-id=none"
	tests := []struct {
		name  string
		place string // below root; ID1 and ID2 stand for the build-id's parts
		link  bool
		arg   string
		found bool
	}{
		{"build-id", "usr/lib/debug/.build-id/ID1/ID2.debug", false, withID, true},
		{"perf's cache", "cache/.build-id/ID1/ID2/debug", false, withID, true},
		{"beside", "usr/bin/prog.debug", true, withID, true},
		{"in .debug", "usr/bin/.debug/prog.debug", true, withID, true},
		{"link below debug directory", "usr/lib/debug/usr/bin/prog.debug", true, withID, true},
		{"link, directories merged", "usr/lib/debug/bin/prog.debug", true, withID, true},
		{"link, by checksum", "usr/bin/prog.debug", true, withoutID, true},
		{"Fedora", "usr/lib/debug/usr/bin/prog.debug", false, withID, true},
		{"Ubuntu", "usr/lib/debug/usr/bin/prog", false, withID, true},
		{"no link, no build-id", "usr/lib/debug/usr/bin/prog.debug", false, withoutID, false},
		{"nowhere", "elsewhere/prog.debug", true, withID, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			debug, id := object(t, root, tt.link, tt.arg)
			at := tt.place
			if id != "" {
				at = strings.NewReplacer("ID1", id[:2], "ID2", id[2:]).Replace(at)
			}
			want := filepath.Join(root, at)
			place(t, debug, want)
			o := Options{Root: root, Cache: filepath.Join(root, "cache")}
			got, tried, err := Find("/usr/bin/prog", o)
			if !tt.found {
				var nf *NotFoundError
				if !errors.As(err, &nf) || nf.Hint() == "" || len(tried) == 0 {
					t.Fatalf("Find = %q, %v", got, err)
				}
				return
			}
			if err != nil || got != want || tried[len(tried)-1] != want {
				t.Errorf("Find = %q, %v; want %q; tried %q", got, err, want, tried)
			}
		})
	}
}

// TestOtherBuild: a debug file of another build is not taken, whatever its name.
func TestOtherBuild(t *testing.T) {
	root := t.TempDir()
	object(t, root, true, "-Wl,--build-id=0x0102030405")
	other, _ := object(t, t.TempDir(), true, "-Wl,--build-id=0x0102030406")
	for _, p := range []string{"usr/bin/prog.debug", "usr/lib/debug/.build-id/01/02030405.debug", "usr/lib/debug/usr/bin/prog"} {
		place(t, other, filepath.Join(root, p))
	}
	if got, _, err := Find("/usr/bin/prog", Options{Root: root, Cache: "-"}); err == nil {
		t.Errorf("found %s", got)
	}
}

func TestSelfContained(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := Find(exe, Options{Section: ".text"})
	if err != nil || got != exe {
		t.Errorf("Find = %q, %v", got, err)
	}
	if _, _, err := Find(filepath.Join(t.TempDir(), "none"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Find of nothing: %v", err)
	}
}

func TestVmlinux(t *testing.T) {
	root := t.TempDir()
	debug, id := object(t, root, false, "-Wl,--build-id=sha1")
	raw, _ := hex.DecodeString(id)
	want := filepath.Join(root, "usr/lib/debug/boot/vmlinux-1.2.3")
	place(t, debug, want)
	for _, buildID := range [][]byte{nil, raw} {
		if got, _, err := Vmlinux("1.2.3", buildID, Options{Root: root, Cache: "-"}); err != nil || got != want {
			t.Errorf("Vmlinux = %q, %v, want %q", got, err, want)
		}
	}
	_, tried, err := Vmlinux("1.2.3", []byte{1, 2, 3}, Options{Root: root, Cache: "-"})
	var nf *NotFoundError
	if !errors.As(err, &nf) || len(tried) < 6 || !strings.Contains(nf.Hint(), "dbg") {
		t.Errorf("another kernel's image: %v, tried %q", err, tried)
	}
}

func TestModule(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "lib/modules/1.2.3")
	file := filepath.Join(dir, "kernel/net/nf-thing.ko")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	_ = os.WriteFile(filepath.Join(dir, "modules.dep"), []byte("kernel/fs/ext4/ext4.ko:\nkernel/net/nf-thing.ko: kernel/fs/ext4/ext4.ko\n"), 0o644)
	_ = os.WriteFile(file, nil, 0o644)
	for _, name := range []string{"nf_thing", "nf-thing", "nf_thing.ko"} {
		if got, err := Module(name, "1.2.3", Options{Root: root}); err != nil || got != file {
			t.Errorf("Module(%s) = %q, %v", name, got, err)
		}
	}
	var nf *NotFoundError
	if _, err := Module("none", "1.2.3", Options{Root: root}); !errors.As(err, &nf) {
		t.Errorf("Module of nothing: %v", err)
	}
}
