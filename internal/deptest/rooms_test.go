// Package deptest holds what docs/architecture.md says of the rooms: who may import whom, and what no room may have.
package deptest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/gperf-dev/gperf/"

// row is one line of the table of rooms: it imports only rows below it, and none of the packages in never.
type row struct {
	rooms []string
	never []string
}

// rows is the table of docs/architecture.md, from the top down.
func rows() []row {
	return []row{
		{[]string{"bench/probe"}, []string{"cmd/gperf"}},
		{[]string{"cmd/gperf"}, []string{"perfevent/record", "internal/dwarfunit"}},
		{[]string{"internal/buildids", "internal/eventlist", "internal/check"}, []string{"dwarfvars", "probe"}},
		{[]string{"internal/statrun"}, []string{"cmd/gperf"}},
		{[]string{"internal/script", "internal/report", "internal/browse", "internal/statview", "internal/flame", "internal/export"}, []string{"perfevent", "os"}},
		{[]string{"internal/openmetrics/exporter"}, []string{"perfevent", "os"}},
		{[]string{"internal/openmetrics"}, []string{"perfevent", "os", "net/http"}},
		{[]string{"internal/sampletext", "internal/headertext", "internal/ordered"}, []string{"internal/script", "internal/report"}},
		{[]string{"perfevent/session"}, []string{"probe", "dwarfvars"}},
		{[]string{"perfevent/recorder"}, []string{"perfevent/session", "symbolize"}},
		{[]string{"perfevent/bpf"}, []string{"perfevent/session", "perfevent/recorder"}},
		{[]string{"probe"}, []string{"perfevent/evlist", "perfevent/session"}},
		{[]string{"dwarfvars"}, []string{"perfevent/tracefs", "probe"}},
		{[]string{"internal/buildidcache"}, []string{"perfevent/..."}},
		{[]string{"symbolize/debugfile/debuginfod"}, []string{"dwarfvars", "probe"}},
		{[]string{"symbolize", "symbolize/unwind", "symbolize/debugfile"}, []string{"perfevent", "perfevent/..."}},
		{[]string{"perfevent/perfbench"}, []string{"perfevent/perfdata", "perfevent/session"}},
		{[]string{"internal/benchrun"}, []string{"testing", "perfevent/evlist", "perfevent/perfdata"}},
		{[]string{"internal/benchcount"}, []string{"testing", "perfevent/evlist", "perfevent/perfdata"}},
		{[]string{"perfevent/counting"}, []string{"perfevent/perfdata", "perfevent/session"}},
		{[]string{"perfevent/evlist"}, []string{"perfevent/perfdata", "perfevent/session"}},
		{[]string{"internal/synth", "internal/workload", "internal/machine", "internal/fallback"}, []string{"perfevent/evlist"}},
		{[]string{"perfevent/selector"}, []string{"probe"}},
		{[]string{"perfevent/perfdata"}, []string{"perfevent/evlist", "symbolize"}},
		{[]string{"perfevent/ftrace"}, []string{"perfevent/session"}},
		{[]string{"perfevent/argtype"}, []string{"probe"}},
		{[]string{"perfevent/tracefs"}, []string{"perfevent"}},
		{[]string{"perfevent"}, []string{"perfevent/tracefs"}},
		{[]string{"perfevent/record"}, []string{"perfevent/..."}},
		{[]string{"internal/sdtnote"}, nil},
		{[]string{"internal/symtab", "internal/gobin", "internal/insn", "internal/dwarfunit", "internal/objfile"}, nil},
		{[]string{"internal/arch", "internal/glob", "internal/funcname", "internal/cache", "internal/cpulist", "internal/feature", "internal/jsonout", "internal/metric", "internal/testkit"}, nil},
	}
}

// heavy packages, with all below them, hang on few rooms each: programs that import the others start without them.
func heavy() map[string][]string {
	return map[string][]string{
		"net/http": {"symbolize/debugfile/debuginfod", "internal/openmetrics/exporter"},
	}
}

func TestRoomsImportDownwards(t *testing.T) {
	level := make(map[string]int)
	never := make(map[string][]string)
	for i, r := range rows() {
		for _, name := range r.rooms {
			level[name], never[name] = i, r.never
		}
	}
	eachFile(t, func(name string, src []byte) {
		room := path.Dir(name)
		if strings.HasPrefix(room, "internal/testkit/") || room == "internal/deptest" || strings.HasPrefix(room, "bench") || strings.HasSuffix(name, "_test.go") {
			return // what tests and measures may import all
		}
		at, known := level[room]
		if !known {
			t.Errorf("%s: the room %s is not in the table of docs/architecture.md", name, room)
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			return
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Error(err)
				continue
			}
			checkImport(t, name, room, imported, at, level, never[room])
		}
	})
}

func checkImport(t *testing.T, file, room, imported string, at int, level map[string]int, never []string) {
	t.Helper()
	own, ours := strings.CutPrefix(imported, module)
	if !ours {
		for pkg, only := range heavy() {
			if (imported == pkg || strings.HasPrefix(imported, pkg+"/")) && !slices.Contains(only, room) {
				t.Errorf("%s imports %s, which belongs to %s alone", file, imported, strings.Join(only, ", "))
			}
		}
	} else if to, known := level[own]; known && to < at {
		t.Errorf("%s: %s imports upwards: %s", file, room, own)
	}
	for _, n := range never {
		if n == own || n == imported || strings.HasSuffix(n, "/...") && strings.HasPrefix(own, strings.TrimSuffix(n, "...")) {
			t.Errorf("%s: %s must never import %s", file, room, own)
		}
	}
}

// eachFile calls f with every Go file of the module.
func eachFile(t *testing.T, f func(name string, src []byte)) {
	t.Helper()
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == ".git" || name == ".cache" || path.Base(name) == "testdata" || name == "internal/tools"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		src, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		f(name, src)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
