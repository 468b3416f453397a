package debugfile

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestAlternate: dwz's file is found by its name beside the real debug file, by build-id, and in .dwz; another build's is not taken.
func TestAlternate(t *testing.T) {
	root := t.TempDir()
	debug, id := object(t, root, false, "-Wl,--build-id=sha1")
	raw, err := hex.DecodeString(id)
	if err != nil {
		t.Fatal(err)
	}
	user := filepath.Join(root, "usr/lib/debug/usr/bin/prog.debug")
	o := Options{Root: root, Cache: "-"}
	for _, tt := range []struct{ name, at string }{
		{"../../.dwz/common.debug", "usr/lib/debug/.dwz/common.debug"},
		{"/usr/lib/debug/.dwz/x/common.debug", "usr/lib/debug/.dwz/x/common.debug"},
		{"elsewhere/common.debug", "usr/lib/debug/.build-id/" + id[:2] + "/" + id[2:] + ".debug"},
		{"/moved/.dwz/x/other.debug", "usr/lib/debug/.dwz/x/other.debug"},
	} {
		want := filepath.Join(root, tt.at)
		place(t, debug, want)
		got, tried, err := Alternate(user, tt.name, raw, o)
		if err != nil || got != want {
			t.Errorf("%s: %q, %v; tried %q", tt.name, got, err, tried)
		}
		var none *AlternateError
		if _, _, err := Alternate(user, tt.name, []byte{1, 2, 3}, o); !errors.As(err, &none) || none.Hint() == "" || !strings.Contains(err.Error(), "010203") {
			t.Errorf("%s of another build: %v", tt.name, err)
		}
		if err := os.Remove(want); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCompressedModule: a module that is installed compressed is found by its name, and its debug file by the name that it had before.
func TestCompressedModule(t *testing.T) {
	testkit.Need(t, testkit.XZ)
	root := t.TempDir()
	debug, _ := object(t, root, false, "-Wl,--build-id=sha1")
	dir := filepath.Join(root, "lib/modules/1.2.3")
	module := filepath.Join(dir, "kernel/net/nf-thing.ko")
	place(t, filepath.Join(root, "usr/bin/prog"), module)
	run(t, "xz", module)
	if err := os.WriteFile(filepath.Join(dir, "modules.dep"), []byte("kernel/net/nf-thing.ko.xz:\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := Module("nf_thing", "1.2.3", Options{Root: root})
	if err != nil || found != module+".xz" {
		t.Fatalf("Module = %q, %v", found, err)
	}
	for _, at := range []string{"usr/lib/debug/lib/modules/1.2.3/kernel/net/nf-thing.ko", "usr/lib/debug/lib/modules/1.2.3/kernel/net/nf-thing.ko.debug"} {
		want := filepath.Join(root, at)
		place(t, debug, want)
		got, tried, err := Find(strings.TrimPrefix(found, root), Options{Root: root, Cache: "-"})
		if err != nil || got != want {
			t.Errorf("Find = %q, %v; tried %q", got, err, tried)
		}
		if err := os.Remove(want); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFetch: what is fetched is asked for last, and checked like any other file.
func TestFetch(t *testing.T) {
	root := t.TempDir()
	debug, id := object(t, root, false, "-Wl,--build-id=sha1")
	other, _ := object(t, t.TempDir(), false, "-Wl,--build-id=0x0102030406")
	asked := 0
	o := Options{Root: root, Cache: "-", Fetch: func(b []byte) (string, error) {
		if asked++; hex.EncodeToString(b) != id {
			t.Errorf("asked for %x", b)
		}
		return debug, nil
	}}
	if got, _, err := Find("/usr/bin/prog", o); err != nil || got != debug || asked != 1 {
		t.Errorf("Find = %q, %v", got, err)
	}
	o.Fetch = func([]byte) (string, error) { return other, nil }
	if got, _, err := Find("/usr/bin/prog", o); err == nil {
		t.Errorf("another build is taken: %q", got)
	}
	o.Fetch = func([]byte) (string, error) { return "", errors.New("the server is asleep") }
	_, tried, err := Find("/usr/bin/prog", o)
	if err == nil || tried[len(tried)-1] != "the server is asleep" {
		t.Errorf("%v; tried %q", err, tried)
	}
}
