package dwarfvars

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// indexOptions are those of a test: even a small program has an index.
func indexOptions(cache string) Options { return Options{Cache: cache, indexFrom: 1} }

// cacheFiles lists what is in a cache.
func cacheFiles(t *testing.T, cache string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cache, "index", "v*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// askIndexed opens a program, asks for functions, and says whether that went by an index. It leaves an index behind.
func askIndexed(t *testing.T, path, cache string, want map[string]int) (byIndex bool) {
	t.Helper()
	i, err := Open(path, indexOptions(cache))
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	begun := i.Indexed()
	for fn, n := range want {
		places, err := i.Places(fn, PlaceOptions{})
		if n == 0 {
			if err == nil {
				t.Errorf("%s is found", fn)
			}
			continue
		}
		if err != nil || len(places) != n {
			t.Errorf("%s: %d places, want %d, %v", fn, len(places), n, err)
		}
		for _, p := range places {
			if src, ok := i.PlaceOf(p.Addr); !ok || src.Symbol != p.Symbol {
				t.Errorf("%s at %#x is in %q, want %s", fn, p.Addr, src.Symbol, p.Symbol)
			}
		}
	}
	byIndex = begun && i.Indexed()
	if err := i.SaveIndex(); err != nil {
		t.Error(err)
	}
	return byIndex
}

// program compiles functions, each called by main and inlined nowhere.
func program(t *testing.T, out string, flags []string, functions ...string) {
	t.Helper()
	testkit.Need(t, testkit.GCC)
	var src, calls strings.Builder
	for _, f := range functions {
		src.WriteString("__attribute__((noinline)) int " + f + "(int n) { return n * 3 + __LINE__; }\n")
		calls.WriteString(" + " + f + "(c)")
	}
	src.WriteString("int main(int c, char **v) { return 0" + calls.String() + "; }\n")
	file := filepath.Join(t.TempDir(), "p.c")
	if err := os.WriteFile(file, []byte(src.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-g", "-O1", "-w", "-o", out, file}, flags...)
	if msg, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc %v: %v\n%s", args, err, msg)
	}
}

func TestIndex(t *testing.T) {
	dir := t.TempDir()
	prog, cache := filepath.Join(dir, "prog"), filepath.Join(dir, "cache")
	program(t, prog, nil, "one", "two")
	ask := map[string]int{"one": 1, "two": 1, "main": 1, "three": 0}
	if askIndexed(t, prog, cache, ask) {
		t.Error("an index before any was made")
	}
	if n := len(cacheFiles(t, cache)); n != 1 {
		t.Fatalf("%d files in the cache", n)
	}
	if !askIndexed(t, prog, cache, ask) {
		t.Error("the index is not used")
	}
	i, err := Open(prog, Options{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	if i.Indexed() {
		t.Error("a small file has an index")
	}
}

// TestStaleIndex changes the program behind an index's back, in every way that it can be changed.
func TestStaleIndex(t *testing.T) {
	before, after := map[string]int{"one": 1, "two": 0}, map[string]int{"one": 0, "two": 1}
	fixed, none := []string{"-Wl,--build-id=0x0123456789abcdef"}, []string{"-Wl,--build-id=none"}
	for name, flags := range map[string][]string{"other build-id": nil, "same build-id": fixed, "no build-id": none} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			prog, cache := filepath.Join(dir, "prog"), filepath.Join(dir, "cache")
			program(t, prog, flags, "one")
			when := time.Now().Add(-time.Hour)
			if err := os.Chtimes(prog, when, when); err != nil {
				t.Fatal(err)
			}
			askIndexed(t, prog, cache, before)
			if !askIndexed(t, prog, cache, before) {
				t.Error("no index was made")
			}
			program(t, prog, flags, "two")
			if askIndexed(t, prog, cache, after) {
				t.Error("an index of another file is used")
			}
			if !askIndexed(t, prog, cache, after) {
				t.Error("the index is not made anew")
			}
			if len(flags) > 0 && flags[0] == fixed[0] {
				// As if nothing had happened but the contents: names are compared, what is found is right.
				st, err := os.Stat(prog)
				if err != nil {
					t.Fatal(err)
				}
				program(t, prog, flags, "one")
				now, err := os.Stat(prog)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.Chtimes(prog, st.ModTime(), st.ModTime()); err != nil {
					t.Fatal(err)
				}
				if now.Size() != st.Size() {
					t.Fatalf("the programs have %d and %d bytes, so that the size tells them apart", st.Size(), now.Size())
				}
				askIndexed(t, prog, cache, before)
			}
		})
	}
}

// TestTwoOfOneBuildID has two programs with one build-id in turn.
func TestTwoOfOneBuildID(t *testing.T) {
	dir := t.TempDir()
	cache, flags := filepath.Join(dir, "cache"), []string{"-Wl,--build-id=0x0123456789abcdef"}
	small, large := filepath.Join(dir, "small"), filepath.Join(dir, "large")
	program(t, small, flags, "one")
	program(t, large, flags, "two", "three", "four")
	for range 3 {
		askIndexed(t, small, cache, map[string]int{"one": 1, "two": 0})
		askIndexed(t, large, cache, map[string]int{"one": 0, "two": 1, "four": 1})
	}
	if n := len(cacheFiles(t, cache)); n != 1 {
		t.Errorf("%d files in the cache", n)
	}
}

// TestBadIndex damages the index and its file's owner and mode.
func TestBadIndex(t *testing.T) {
	dir := t.TempDir()
	prog, cache := filepath.Join(dir, "prog"), filepath.Join(dir, "cache")
	program(t, prog, nil, "one", "two")
	ask := map[string]int{"one": 1, "two": 1, "main": 1, "three": 0}
	askIndexed(t, prog, cache, ask)
	file := cacheFiles(t, cache)[0]
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	spoil := map[string]func() error{
		"empty":          func() error { return os.WriteFile(file, nil, 0o600) },
		"cut":            func() error { return os.WriteFile(file, good[:len(good)/2], 0o600) },
		"group-writable": func() error { return os.Chmod(file, 0o660) },
		"missing":        func() error { return os.Remove(file) },
	}
	if testkit.Have(testkit.Root) == nil {
		spoil["another's"] = func() error { return os.Lchown(file, 65534, 65534) }
	}
	for at := 3; at < len(good); at += max(1, len(good)/40) {
		spoil["byte "+string(rune('a'+at%26))+strings.Repeat("'", at%7)] = func() error {
			b := slices.Clone(good)
			b[at] ^= 0xff
			return os.WriteFile(file, b, 0o600)
		}
	}
	for name, f := range spoil {
		if err := f(); err != nil {
			t.Fatal(err)
		}
		askIndexed(t, prog, cache, ask)
		if !askIndexed(t, prog, cache, ask) {
			t.Errorf("%s: the index is not made anew", name)
		}
	}
}

// TestReadOnlyCache has an index where none can be written, and none where none can be.
func TestReadOnlyCache(t *testing.T) {
	dir := t.TempDir()
	prog := filepath.Join(dir, "prog")
	program(t, prog, nil, "one")
	for _, cache := range []string{"/proc/self", "/sys/kernel", filepath.Join(prog, "file")} {
		i, err := Open(prog, indexOptions(filepath.Join(cache, "gperf")))
		if err != nil {
			t.Fatal(err)
		}
		if p, err := i.Places("one", PlaceOptions{}); err != nil || len(p) != 1 {
			t.Errorf("%s: %v, %v", cache, p, err)
		}
		if err := i.SaveIndex(); err == nil {
			t.Errorf("an index is saved below %s", cache)
		}
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestConcurrentIndexes(t *testing.T) {
	dir := t.TempDir()
	prog, cache := filepath.Join(dir, "prog"), filepath.Join(dir, "cache")
	program(t, prog, nil, "one", "two")
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range 5 {
				askIndexed(t, prog, cache, map[string]int{"one": 1, "two": 1, "main": 1})
			}
		})
	}
	wg.Wait()
	if n := len(cacheFiles(t, cache)); n != 1 {
		t.Errorf("%d files in the cache", n)
	}
}
