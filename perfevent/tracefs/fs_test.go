package tracefs

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
)

func TestMountPoint(t *testing.T) {
	const other = "22 1 0:21 / /proc rw,relatime - proc proc rw\n"
	for _, c := range []struct{ in, want string }{
		{other, ""},
		{other + "30 22 0:12 / /sys/kernel/tracing rw,relatime shared:7 - tracefs tracefs rw\n", "/sys/kernel/tracing"},
		{"30 22 0:12 / /sys/kernel/tracing rw - tracefs t rw\n31 22 0:12 / /mnt/trace rw - tracefs t rw\n", "/sys/kernel/tracing"},
		{"30 22 0:12 / /mnt/my\\040trace rw - tracefs t rw\n", "/mnt/my trace"},
		{"30 22 0:12 / /mnt/trace rw - tracefs t rw\n31 22 0:12 / /hidden rw - tracefs t rw\n", "/mnt/trace"},
		{"30 22 0:12 /instances/x /mnt/x rw - tracefs t rw\n", ""},
		{"broken\n- - -\n30 22\n", ""},
	} {
		if got := mountPoint([]byte(c.in), func(dir string) bool { return dir != "/hidden" }); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func TestNotMounted(t *testing.T) {
	for _, err := range []error{nil, unix.ENODEV, unix.ENOENT, unix.EPERM} {
		e := &NotMountedError{Err: err}
		if !errors.Is(e, ErrNotMounted) || e.Hint() == "" || e.Error() == "" {
			t.Errorf("%v: %v, hint %q", err, e, e.Hint())
		}
		if err != nil && !errors.Is(e, err) {
			t.Errorf("%v is lost", err)
		}
	}
}

func TestEvents(t *testing.T) {
	dir := t.TempDir()
	for _, e := range []string{"sched/sched_switch", "sched/sched_wakeup", "irq/irq_handler_entry"} {
		if err := os.MkdirAll(filepath.Join(dir, "events", e), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile("testdata/formats/sched_switch")
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"events/sched/enable": nil, "events/header_page": []byte("page"), "events/sched/sched_switch/format": text,
		"events/sched/sched_switch/id": []byte("372\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f := At(dir)
	if got, err := f.Systems(); err != nil || !slices.Equal(slices.Sorted(slices.Values(got)), []string{"irq", "sched"}) {
		t.Errorf("systems %q, %v", got, err)
	}
	if got, err := f.Events("sched"); err != nil || !slices.Equal(slices.Sorted(slices.Values(got)), []string{"sched_switch", "sched_wakeup"}) {
		t.Errorf("events %q, %v", got, err)
	}
	if id, err := f.ID("sched", "sched_switch"); id != 372 || err != nil {
		t.Errorf("id %d, %v", id, err)
	}
	if fm, err := f.Format("sched", "sched_switch"); err != nil || fm.System != "sched" || len(fm.Fields) != 7 || len(fm.Common) != 4 {
		t.Errorf("format %+v, %v", fm, err)
	}
	if _, err := f.Format("sched", "nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such event: %v", err)
	}
	for _, name := range []string{"..", "a/b", "", "a\x00"} {
		if _, err := f.Events(name); !errors.Is(err, ErrBadName) {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := f.FormatText("sched", name); !errors.Is(err, ErrBadName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if f.HasKprobes() || f.HasUprobes() {
		t.Error("probes where there are none")
	}
	if b, err := f.HeaderPage(); string(b) != "page" || err != nil {
		t.Errorf("header_page %q, %v", b, err)
	}
}

func TestPrintkFormats(t *testing.T) {
	m := ParsePrintkFormats([]byte("0xffffffff8231a2b0 : \"Rescheduling interrupts\"\nbroken\n0x10 : \"a\\n\"\n0xzz : \"b\"\n"))
	if s, ok := m.Lookup(0xffffffff8231a2b0); s != "Rescheduling interrupts" || !ok {
		t.Errorf("%q, %v", s, ok)
	}
	if s, _ := m.Lookup(0x10); s != "a" || len(m) != 2 {
		t.Errorf("%q of %d", s, len(m))
	}
}

func TestFindHost(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Tracefs)
	f, mounted, err := Mount()
	if err != nil || mounted {
		t.Fatalf("Mount: %v, mounted %v", err, mounted)
	}
	systems, err := f.Systems()
	if err != nil || !slices.Contains(systems, "sched") {
		t.Errorf("systems of %s: %q, %v", f.Dir(), systems, err)
	}
	for _, read := range []func() ([]byte, error){f.HeaderPage, f.HeaderEvent, f.PrintkFormats, f.SavedCmdlines} {
		if _, err := read(); err != nil {
			t.Error(err)
		}
	}
}

// inNamespace tells the test binary that it runs in a mount namespace of its
// own.
const inNamespace = "GPERF_TEST_MOUNT_NAMESPACE"

// TestMount takes tracefs away in a mount namespace, where it must be found
// missing and be mounted again.
func TestMount(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Tracefs)
	if os.Getenv(inNamespace) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestMount$", "-test.v")
		cmd.Env = append(os.Environ(), inNamespace+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	for range 20 {
		f, err := Find()
		if errors.Is(err, ErrNotMounted) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Unmount(f.Dir(), unix.MNT_DETACH); err != nil {
			// It lies below debugfs.
			if err := unix.Unmount(filepath.Dir(f.Dir()), unix.MNT_DETACH); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := Find(); !errors.Is(err, ErrNotMounted) {
		t.Fatalf("without tracefs: %v", err)
	}
	f, mounted, err := Mount()
	if err != nil || !mounted {
		t.Fatalf("Mount: %v, mounted %v", err, mounted)
	}
	if _, err := f.Systems(); err != nil {
		t.Error(err)
	}
	if _, mounted, err := Mount(); err != nil || mounted {
		t.Errorf("Mount again: %v, mounted %v", err, mounted)
	}
}
