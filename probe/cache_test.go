package probe

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzCachedEvents: files of perf's cache are foreign, and what they hold is written to the kernel.
func FuzzCachedEvents(f *testing.F) {
	f.Add([]byte("#probe_c1:f=f a=p->a n\np:probe_c1/f /tmp/c1:0x11c0 a=+0(%di):s32 n=%si:s32\n"))
	f.Add([]byte("%sdt_x:y=y\np:sdt_x/y /tmp/c1:0x11c0(0x10) arg1=%ax:s32\n"))
	f.Add([]byte("p:a/b c\n#\n#x\n-:a/b\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := parseCache(b)
		if err != nil {
			return
		}
		again, err := parseCache(formatCache(all))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all, again); diff != "" {
			t.Error(diff)
		}
		for i := range all {
			d := &Definition{}
			e, err := all[i].event(d, &CachedFile{Path: "/tmp/c1"})
			if err != nil {
				continue
			}
			for _, line := range e.KernelLines() {
				if strings.ContainsAny(line, "\n#") || !strings.HasPrefix(line, "p:") && !strings.HasPrefix(line, "r:") {
					t.Errorf("%q", line)
				}
			}
		}
	})
}

// TestCacheOfOthers: links and files that others can write are refused by name.
func TestCacheOfOthers(t *testing.T) {
	file := CachedFile{Path: "/bin/x", BuildID: "0123456789abcdef0123456789abcdef01234567"}
	for name, spoil := range map[string]func(dir, probes string) error{
		"a file for all":  func(_, probes string) error { return os.Chmod(probes, 0o666) },
		"a group's place": func(_, probes string) error { return os.Chmod(filepath.Dir(probes), 0o775) },
		"a link": func(dir, probes string) error {
			return errors.Join(os.Rename(probes, dir+"/elsewhere"), os.Symlink(dir+"/elsewhere", probes))
		},
	} {
		c := &Cache{Dir: t.TempDir()}
		if err := os.Chmod(c.Dir, 0o755); err != nil {
			t.Fatal(err)
		}
		kept := file
		kept.put(CachedEvent{Text: "g:e=f", Lines: []string{"p:g/e /bin/x:0x10"}})
		if err := c.write(&kept); err != nil {
			t.Fatal(err)
		}
		if got, err := c.read(file.Path, file.BuildID); err != nil || cmp.Diff(kept, got) != "" {
			t.Fatalf("%v, %v", got, err)
		}
		if err := spoil(c.Dir, filepath.Join(c.Dir, file.place(), "probes")); err != nil {
			t.Fatal(err)
		}
		var refused *CacheError
		if _, err := c.read(file.Path, file.BuildID); !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
