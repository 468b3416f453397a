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

// row is one line of the table: it imports only its own rooms and rows below it, and none of the packages in never.
type row struct {
	rooms []string
	never []string
}

// rows reads the table of docs/architecture.md, from the top down.
func rows(t *testing.T) []row {
	t.Helper()
	text, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var rows []row
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 {
			t.Fatalf("a row of the table of rooms has %d columns: %s", len(cells), line)
		}
		rows = append(rows, row{packages(cells[0]), packages(cells[2])})
	}
	if len(rows) < 10 {
		t.Fatalf("docs/architecture.md has a table of %d rooms", len(rows))
	}
	return rows
}

// packages are the words in backquotes: a path, or several as a/{b,c}.
func packages(cell string) []string {
	var names []string
	for i, word := range strings.Split(cell, "`") {
		if i%2 == 0 {
			continue
		}
		dir, list, several := strings.Cut(word, "{")
		if !several {
			names = append(names, word)
			continue
		}
		for name := range strings.SplitSeq(strings.TrimSuffix(list, "}"), ",") {
			names = append(names, dir+name)
		}
	}
	return names
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
	for i, r := range rows(t) {
		for _, name := range r.rooms {
			if _, twice := level[name]; twice {
				t.Errorf("docs/architecture.md has the room %s twice", name)
			}
			level[name], never[name] = i, r.never
		}
	}
	found := make(map[string]bool)
	eachFile(t, func(name string, src []byte) {
		room := path.Dir(name)
		at, known := level[room]
		if !known {
			t.Errorf("%s: the room %s is not in the table of docs/architecture.md", name, room)
			return
		}
		found[room] = true
		if strings.HasSuffix(name, "_test.go") {
			return // tests may import all
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
	for room := range level {
		if !found[room] {
			t.Errorf("docs/architecture.md has the room %s, which is not there", room)
		}
	}
	for room, names := range never {
		for _, n := range names {
			_, known := level[n]
			if !known && !strings.HasSuffix(n, "/...") && !slices.Contains([]string{"os", "testing", "net/http"}, n) {
				t.Errorf("docs/architecture.md: %s must never import %s, which is not there", room, n)
			}
		}
	}
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
