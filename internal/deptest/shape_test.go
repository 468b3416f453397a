package deptest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"testing"
)

// The bounds of the house: what is longer holds more than one idea.
const (
	maxFileLines    = 400
	maxCommandLines = 150 // a file of cmd/gperf: flags and one call, or the engine has moved in
	maxFuncLines    = 62
)

// TestShape finds files and functions that have grown too long, and contexts that outlive their call.
func TestShape(t *testing.T) {
	fset := token.NewFileSet()
	eachFile(t, func(name string, src []byte) {
		test := strings.HasSuffix(name, "_test.go")
		limit := maxFileLines
		if path.Dir(name) == "cmd/gperf" && !test {
			limit = maxCommandLines
		}
		if n := bytes.Count(src, []byte{'\n'}); n > limit {
			t.Errorf("%s has %d lines, more than %d", name, n, limit)
		}
		f, err := parser.ParseFile(fset, name, src, 0)
		if err != nil {
			t.Error(err)
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				lines := fset.Position(n.End()).Line - fset.Position(n.Pos()).Line + 1
				if lines > maxFuncLines && !test { // tests have tables
					t.Errorf("%s: %s has %d lines, more than %d", fset.Position(n.Pos()), n.Name.Name, lines, maxFuncLines)
				}
			case *ast.StructType:
				storedContexts(t, fset, n)
			}
			return true
		})
	})
}

func storedContexts(t *testing.T, fset *token.FileSet, s *ast.StructType) {
	t.Helper()
	for _, f := range s.Fields.List {
		sel, ok := f.Type.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Context" {
			continue
		}
		if id, ok := sel.X.(*ast.Ident); ok && id.Name == "context" {
			t.Errorf("%s: a context is stored: it belongs to a call", fset.Position(f.Pos()))
		}
	}
}
