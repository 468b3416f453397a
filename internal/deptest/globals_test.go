package deptest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"testing"
)

// TestNoMutableGlobals finds package variables that something assigns to after their declaration, and init functions.
// Only internal/feature keeps such state: what a kernel can do does not change while gperf runs.
func TestNoMutableGlobals(t *testing.T) {
	packages := make(map[string][]*ast.File)
	fset := token.NewFileSet()
	eachFile(t, func(name string, src []byte) {
		if strings.HasSuffix(name, "_test.go") || path.Dir(name) == "internal/feature" {
			return
		}
		f, err := parser.ParseFile(fset, name, src, 0)
		if err != nil {
			t.Error(err)
			return
		}
		packages[path.Dir(name)] = append(packages[path.Dir(name)], f)
	})
	for _, files := range packages {
		globals := packageVars(files)
		for _, f := range files {
			reportWrites(t, fset, f, globals)
		}
	}
}

// packageVars lists the variables that a package declares at its top, and where.
func packageVars(files []*ast.File) map[string]*ast.Ident {
	vars := make(map[string]*ast.Ident)
	for _, f := range files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, s := range g.Specs {
				for _, id := range s.(*ast.ValueSpec).Names {
					vars[id.Name] = id
				}
			}
		}
	}
	return vars
}

func reportWrites(t *testing.T, fset *token.FileSet, f *ast.File, globals map[string]*ast.Ident) {
	t.Helper()
	// A name that no scope of the file declares, or that resolves to the declaration itself, is the package's.
	written := func(e ast.Expr) {
		id := rootIdent(e)
		if id == nil {
			return
		}
		if decl, ok := globals[id.Name]; ok && (id.Obj == nil || id.Obj == decl.Obj) {
			t.Errorf("%s: the package variable %s is written to", fset.Position(e.Pos()), id.Name)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" && f.Name.Name != "main" {
				t.Errorf("%s: work in init", fset.Position(n.Pos()))
			}
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					written(e)
				}
			}
		case *ast.IncDecStmt:
			written(n.X)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				if _, composite := n.X.(*ast.CompositeLit); !composite {
					written(n.X)
				}
			}
		}
		return true
	})
}

// rootIdent is x of x, x.f, x[i] and *x.
func rootIdent(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}
