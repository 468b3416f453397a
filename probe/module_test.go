package probe

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// labModule is a module's file below the laboratory's modules, or below its debug information.
func labModule(t *testing.T, below, name string) string {
	t.Helper()
	testkit.Need(t, testkit.KernelLab)
	found, err := filepath.Glob(filepath.Join(testkit.LabDir(), below, "*", "kernel", name))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v %v", name, found, err)
	}
	return found[0]
}

// TestModuleFile takes modules by their files, as perf does, and compressed ones.
func TestModuleFile(t *testing.T) {
	debug := labModule(t, "debug/lib/modules", "fs/overlayfs/overlay.ko")
	testkit.Need(t, testkit.Perf)
	r := open(t, Target{Module: debug, Offline: true})
	for _, text := range []string{"ovl_open file->f_path.dentry->d_name.name:string inode->i_ino", "ovl_open%return $retval", "ovl_open:3", "ovl_rename flags"} {
		events, err := resolve(t, r, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(perfSays(t, "probe", "-m", debug, "-D", text), kernelLines(events)); diff != "" {
			t.Errorf("%s: -perf +gperf:\n%s", text, diff)
		}
	}
	_, err := resolve(t, r, "ovl_open+1")
	var inside *BoundaryError
	if !errors.As(err, &inside) {
		t.Errorf("inside an instruction: %v", err)
	}
	const walk = "p9_client_walk oldfid->fid nwname wnames[0]:string"
	for name, tool := range map[string][]string{"9pnet.ko.xz": {"xz", "-k", "-z"}, "9pnet.ko.zst": {"zstd", "-q"}} {
		testkit.Need(t, testkit.XZ)
		dir := t.TempDir()
		if err := os.Symlink(labModule(t, "debug/lib/modules", "net/9p/9pnet.ko"), dir+"/link"); err != nil {
			t.Fatal(err)
		}
		runIn(t, dir, "cp", "-L", "link", "9pnet.ko")
		runIn(t, dir, tool[0], append(tool[1:], "9pnet.ko")...)
		events, err := resolve(t, open(t, Target{Module: filepath.Join(dir, name), Offline: true}), walk)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, want := kernelLines(events), "p:probe/p9_client_walk 9pnet:p9_client_walk+0 fid=+8(%di):x32 nwname=%si:x16 wnames=+0(+0(%dx)):string\n"; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestLoadedModule finds the file of a loaded module, and its debug information, where distributions have them.
func TestLoadedModule(t *testing.T) {
	plain := labModule(t, "modules", "net/9p/9pnet.ko")
	kernel := strings.TrimSuffix(plain, "/kernel/net/9p/9pnet.ko")
	debug := strings.TrimSuffix(labModule(t, "debug/lib/modules", "net/9p/9pnet.ko"), "/kernel/net/9p/9pnet.ko")
	release := filepath.Base(kernel)
	root := t.TempDir()
	for at, to := range map[string]string{"/lib/modules/": kernel, "/usr/lib/debug/lib/modules/": debug} {
		if err := os.MkdirAll(root+at, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, root+at+release); err != nil {
			t.Fatal(err)
		}
	}
	system := fstest.MapFS{
		"proc/sys/kernel/osrelease": {Data: []byte(release + "\n")},
		"proc/modules":              {Data: []byte("9pnet 12345 1 - Live 0x0\n")},
		"proc/kallsyms":             {Data: []byte("ffffffff81000000 T _text\nffffffffc0000010 t p9_client_walk\t[9pnet]\n")},
	}
	r, err := NewResolver(context.Background(), Target{Module: "9pnet"}, Options{System: system, Root: root})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	events, err := resolve(t, r, "p9_client_walk oldfid->fid clone")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := kernelLines(events), "p:probe/p9_client_walk 9pnet:p9_client_walk+0 fid=+8(%di):x32 clone=%cx:s32\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	// Another build than the one that is loaded.
	system["sys/module/9pnet/notes/.note.gnu.build-id"] = &fstest.MapFile{Data: append([]byte("\x04\x00\x00\x00\x04\x00\x00\x00\x03\x00\x00\x00GNU\x00"), "abcd"...)}
	other, err := NewResolver(context.Background(), Target{Module: "9pnet"}, Options{System: system, Root: root})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := resolve(t, other, "p9_client_walk clone"); !errors.Is(err, dwarfvars.ErrNoDebugInfo) || !strings.Contains(err.Error(), "another build") {
		t.Errorf("another build's file: %v", err)
	}
	if _, err := resolve(t, other, "p9_client_walk %di"); err != nil {
		t.Errorf("without debug information: %v", err)
	}
	var mismatch *MismatchError
	if _, err := NewResolver(context.Background(), Target{Module: plain}, Options{System: system}); !errors.As(err, &mismatch) {
		t.Errorf("another build, by its path: %v", err)
	}
}

// runIn runs a tool in a directory.
func runIn(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}
