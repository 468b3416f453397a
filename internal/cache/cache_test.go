package cache

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/testkit"
)

func testStore(t *testing.T) *Store {
	t.Helper()
	return &Store{Dir: filepath.Join(t.TempDir(), "gperf"), Kind: "index", Version: 3}
}

func testIdentity() Identity {
	return Identity{BuildID: []byte{0xab, 1, 2, 3, 4}, Size: 1000, ModTime: 123456789}
}

func someTables() []Table {
	return []Table{{"NAME", []byte("abc")}, {"EMPT", nil}, {"LONG", bytes.Repeat([]byte("0123456789"), 5000)}}
}

// same tells whether the store has what someTables gives.
func same(t *testing.T, s *Store, id Identity) error {
	t.Helper()
	f, err := s.Load(id)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, want := range someTables() {
		got, err := f.Table(want.Tag)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want.Data) {
			t.Errorf("table %s has %d bytes, want %d", want.Tag, len(got), len(want.Data))
		}
	}
	if _, err := f.Table("NONE"); !errors.Is(err, ErrNone) {
		t.Errorf("a table that is not there: %v", err)
	}
	return nil
}

func TestSaveAndLoad(t *testing.T) {
	s := testStore(t)
	id := testIdentity()
	if err := same(t, s, id); !errors.Is(err, ErrNone) {
		t.Fatalf("empty cache: %v", err)
	}
	if err := s.Writable(100); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(id, someTables()); err != nil {
		t.Fatal(err)
	}
	if err := same(t, s, id); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(s.Dir + "/index/v3/*")
	if err != nil || len(files) != 1 || filepath.Base(files[0]) != "ab01020304" {
		t.Errorf("files: %v, %v", files, err)
	}
}

// TestOtherFile asks for files that are not quite the one that the tables were made from.
func TestOtherFile(t *testing.T) {
	noID := Identity{Size: 1000, ModTime: 123456789, ChangeTime: 5, Device: 6, Node: 7}
	for name, c := range map[string]struct {
		saved  Identity
		change func(*Identity)
	}{
		"size":             {testIdentity(), func(i *Identity) { i.Size++ }},
		"modification":     {testIdentity(), func(i *Identity) { i.ModTime++ }},
		"build-id":         {testIdentity(), func(i *Identity) { i.BuildID = []byte{0xab, 1, 2, 3, 5} }},
		"longer build-id":  {testIdentity(), func(i *Identity) { i.BuildID = []byte{0xab, 1, 2, 3, 4, 0} }},
		"change":           {noID, func(i *Identity) { i.ChangeTime++ }},
		"inode":            {noID, func(i *Identity) { i.Node++ }},
		"device":           {noID, func(i *Identity) { i.Device++ }},
		"size, no id":      {noID, func(i *Identity) { i.Size++ }},
		"modification, no": {noID, func(i *Identity) { i.ModTime++ }},
	} {
		t.Run(name, func(t *testing.T) {
			s := testStore(t)
			if err := s.Save(c.saved, someTables()); err != nil {
				t.Fatal(err)
			}
			if err := same(t, s, c.saved); err != nil {
				t.Fatal(err)
			}
			c.change(&c.saved)
			if err := same(t, s, c.saved); !errors.Is(err, ErrNone) {
				t.Errorf("found for another file: %v", err)
			}
		})
	}
	s := testStore(t)
	if err := s.Save(noID, someTables()); err != nil {
		t.Fatal(err)
	}
	s.Version++
	if err := same(t, s, noID); !errors.Is(err, ErrNone) {
		t.Errorf("found by another version: %v", err)
	}
}

// TestUnsafe changes owners and modes as somebody could who wants to be believed.
func TestUnsafe(t *testing.T) {
	chown := func(path string) error { return os.Lchown(path, 65534, 65534) }
	chmod := func(mode os.FileMode) func(string) error {
		return func(path string) error { return os.Chmod(path, mode) }
	}
	move := func(path string) error {
		if err := os.Rename(path, path+"-real"); err != nil {
			return err
		}
		return os.Symlink(path+"-real", path)
	}
	for name, c := range map[string]struct {
		path   string
		change func(string) error
		root   bool
	}{
		"file of another":         {"/index/v3/ab01020304", chown, true},
		"version of another":      {"/index/v3", chown, true},
		"kind of another":         {"/index", chown, true},
		"directory of another":    {"", chown, true},
		"parent of another":       {"/..", chown, true},
		"group may write file":    {"/index/v3/ab01020304", chmod(0o620), false},
		"others may write file":   {"/index/v3/ab01020304", chmod(0o602), false},
		"group may write dir":     {"/index/v3", chmod(0o770), false},
		"others may write kind":   {"/index", chmod(0o703), false},
		"others may write dir":    {"", chmod(0o707), false},
		"others may write parent": {"/..", chmod(0o777), false},
		"file is a link":          {"/index/v3/ab01020304", move, false},
		"version is a link":       {"/index/v3", move, false},
		"kind is a link":          {"/index", move, false},
		"directory is a link":     {"", move, false},
	} {
		t.Run(name, func(t *testing.T) {
			if c.root {
				testkit.Need(t, testkit.Root)
			}
			s := testStore(t)
			id := testIdentity()
			if err := s.Save(id, someTables()); err != nil {
				t.Fatal(err)
			}
			if err := c.change(filepath.Clean(s.Dir + c.path)); err != nil {
				t.Fatal(err)
			}
			var bad *UnsafeError
			if err := same(t, s, id); !errors.As(err, &bad) {
				t.Errorf("Load: %v", err)
			}
			if filepath.Base(c.path) == id.name() {
				// The directory is safe: what lies there is replaced.
				if err := s.Save(id, someTables()); err != nil {
					t.Error(err)
				}
				if err := same(t, s, id); err != nil {
					t.Errorf("after it was replaced: %v", err)
				}
			} else if err := s.Save(id, someTables()); !errors.As(err, &bad) {
				t.Errorf("Save: %v", err)
			}
		})
	}
}

func TestStickyParent(t *testing.T) {
	s := testStore(t)
	if err := os.Chmod(filepath.Dir(s.Dir), 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(testIdentity(), someTables()); err != nil {
		t.Error(err)
	}
}

// TestLinkedHome has a cache below a link of the user's own, as where /home is one.
func TestLinkedHome(t *testing.T) {
	testkit.Need(t, testkit.Root)
	real, link := t.TempDir(), filepath.Join(t.TempDir(), "home")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	s := &Store{Dir: link + "/.cache/gperf", Kind: "index", Version: 1}
	if err := s.Save(testIdentity(), someTables()); err != nil {
		t.Fatal(err)
	}
	if err := same(t, s, testIdentity()); err != nil {
		t.Error(err)
	}
	if err := os.Lchown(link, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	var bad *UnsafeError
	if err := same(t, s, testIdentity()); !errors.As(err, &bad) {
		t.Errorf("below a link of another user: %v", err)
	}
}

func TestCannotWrite(t *testing.T) {
	s := testStore(t)
	s.Limit = 1000
	if err := s.Save(testIdentity(), someTables()); err == nil {
		t.Error("saved more than the limit")
	}
	if err := s.Writable(2000); err == nil {
		t.Error("writable beyond the limit")
	}
	s.Dir = "gperf"
	var bad *UnsafeError
	if err := s.Writable(1); !errors.As(err, &bad) {
		t.Errorf("relative path: %v", err)
	}
	s.Dir = "/proc/self/gperf"
	if err := s.Writable(1); err == nil {
		t.Error("writable below /proc")
	}
}

// TestDamage flips each byte of a small file: what Load still gives must be right.
func TestDamage(t *testing.T) {
	s := testStore(t)
	id := testIdentity()
	tables := []Table{{"AAAA", []byte("some table")}, {"BBBB", []byte("another")}}
	if err := s.Save(id, tables); err != nil {
		t.Fatal(err)
	}
	path := s.Dir + "/index/v3/" + id.name()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range b {
		bad := bytes.Clone(b)
		bad[at] ^= 0x5a
		checkBytes(t, bad, &id, tables)
		checkBytes(t, b[:at], &id, tables)
	}
}

func checkBytes(t *testing.T, b []byte, id *Identity, tables []Table) {
	t.Helper()
	got, err := decode(b, id, 3)
	if err != nil {
		return
	}
	f := &File{tables: got, good: map[string]bool{}}
	for _, want := range tables {
		data, err := f.Table(want.Tag)
		if err == nil && !bytes.Equal(data, want.Data) {
			t.Fatalf("table %s is %q", want.Tag, data)
		}
	}
}

func TestConcurrentWriters(t *testing.T) {
	s := testStore(t)
	id := testIdentity()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				if err := s.Save(id, someTables()); err != nil {
					t.Error(err)
				}
				if err := same(t, s, id); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	files, err := os.ReadDir(s.Dir + "/index/v3")
	if err != nil || len(files) != 1 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}

func TestEvict(t *testing.T) {
	s := testStore(t)
	old := *s
	old.Version = 2
	one := int64(len(encode(&Identity{}, 3, someTables())))
	s.Limit = 3*one + 100
	for i := range 6 {
		id := Identity{BuildID: []byte(fmt.Sprintf("build%d", i))}
		in := s
		if i == 0 {
			in = &old
		}
		if err := in.Save(id, someTables()); err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(time.Duration(i-10) * time.Hour)
		if err := os.Chtimes(filepath.Join(in.Dir, in.rel(), id.name()), when, when); err != nil {
			t.Fatal(err)
		}
	}
	stale := filepath.Join(s.Dir, s.rel(), temporary+"1-x")
	if err := os.WriteFile(stale, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-2 * staleAfter)
	if err := os.Chtimes(stale, long, long); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(Identity{BuildID: []byte("build6")}, someTables()); err != nil {
		t.Fatal(err)
	}
	for i := range 7 {
		in := s
		if i == 0 {
			in = &old
		}
		err := same(t, in, Identity{BuildID: []byte(fmt.Sprintf("build%d", i))})
		if gone := errors.Is(err, ErrNone); gone != (i < 4) {
			t.Errorf("file %d: %v", i, err)
		}
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("a dead writer's file is still there")
	}
}

func TestDefault(t *testing.T) {
	for _, c := range []struct{ xdg, home, want string }{
		{"/x", "/h", "/x/gperf"},
		{"", "/h", "/h/.cache/gperf"},
		{"relative", "/h", "/h/.cache/gperf"},
		{"", "", ""},
	} {
		t.Setenv("XDG_CACHE_HOME", c.xdg)
		t.Setenv("HOME", c.home)
		if got := Default(); got != c.want {
			t.Errorf("XDG_CACHE_HOME=%q HOME=%q: %q, want %q", c.xdg, c.home, got, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	id := testIdentity()
	f.Add(encode(&id, 3, someTables()[:2]))
	f.Add(encode(&id, 3, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkBytes(t, b, &id, nil)
		tables, err := decode(b, &id, 3)
		if err != nil {
			return
		}
		file := &File{tables: tables, good: map[string]bool{}}
		for tag := range tables {
			if data, err := file.Table(tag); err == nil && castagnoli(data) != tables[tag].sum {
				t.Errorf("table %q is not what its sum says", tag)
			}
		}
	})
}
