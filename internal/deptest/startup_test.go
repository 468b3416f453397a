package deptest

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Every package that is linked is initialised at each start, whatever the command is.

// modules are what gperf links, and what for. Who adds one weighs its initialisation too: GODEBUG=inittrace=1 gperf --version.
func modules() map[string]string {
	return map[string]string{
		"github.com/gperf-dev/gperf":         "itself",
		"github.com/ianlancetaylor/demangle": "names of C++ and Rust",
		"github.com/klauspost/compress":      "zstd of recordings, zlib and zstd of debug sections",
		"github.com/spf13/cobra":             "commands",
		"github.com/spf13/pflag":             "flags",
		"github.com/ulikunitz/xz":            "kernel modules, debug symbols in .gnu_debugdata",
		"golang.org/x/arch":                  "instructions",
		"golang.org/x/sys":                   "system calls",
	}
}

// unwanted are packages of the standard library that come with tables, flags or goroutines that no command needs.
func unwanted() []string {
	return []string{"database/sql", "encoding/gob", "expvar", "go/types", "html/template", "image", "net/http/httptest", "net/http/pprof", "net/rpc", "plugin", "testing"}
}

// maxPackages bounds what is linked, with the standard library's own: 284 with Go 1.26.
const maxPackages = 300

func TestLinkedPackages(t *testing.T) {
	known, found := modules(), make(map[string]bool)
	linked := goList(t, "-deps", "-f", "{{.ImportPath}} {{with .Module}}{{.Path}}{{end}}", "./cmd/gperf")
	for _, line := range linked {
		path, in, _ := strings.Cut(line, " ")
		if slices.Contains(unwanted(), path) {
			t.Errorf("%s is linked", path)
		}
		if in == "" || found[in] {
			continue
		}
		found[in] = true
		if known[in] == "" {
			t.Errorf("%s is linked, of the module %s, which the table does not know", path, in)
		}
	}
	for in := range known {
		if !found[in] {
			t.Errorf("the table knows the module %s, which is not linked", in)
		}
	}
	if n := len(linked); n > maxPackages {
		t.Errorf("%d packages are linked, more than %d", n, maxPackages)
	}
}

// TestHeavyRooms: a room that reaches a heavy package through another room starts as slowly as one that imports it.
func TestHeavyRooms(t *testing.T) {
	all := goList(t, "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./...")
	for pkg, only := range heavy() {
		var rooms []string
		for _, line := range all {
			path, deps, _ := strings.Cut(line, " ")
			room := strings.TrimPrefix(path, module)
			if room != "cmd/gperf" && slices.Contains(strings.Fields(deps), pkg) {
				rooms = append(rooms, room)
			}
		}
		slices.Sort(rooms)
		want := slices.Sorted(slices.Values(only))
		if !slices.Equal(rooms, want) {
			t.Errorf("%s is reached by %v; it hangs on %v alone", pkg, rooms, want)
		}
	}
}

// TestNoMethodsByName: where a linked function calls methods by names that the linker does not know, as text/template does, all exported
// methods stay in the program, with what they need. For gperf that is a seventh of its size, and 0.2 ms of each start.
func TestNoMethodsByName(t *testing.T) {
	cmd := exec.Command("go", "build", "-o", os.DevNull, "-ldflags=-dumpdep", "./cmd/gperf")
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput() // the dependencies come on standard error
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	if !strings.Contains(string(out), "main.main -> ") {
		t.Fatal("the linker tells no dependencies")
	}
	for line := range strings.Lines(string(out)) {
		if from, _, _ := strings.Cut(line, " -> "); strings.HasSuffix(from, " <ReflectMethod>") {
			t.Errorf("%s, which is linked", from)
			return
		}
	}
}

// goList asks the go command about the module; one line a package.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
