package deptest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strconv"
	"strings"
	"testing"
)

// TestPublicSurface reads what the public packages export: none of it names a type of an internal package, which a
// caller could neither make nor hold, and all of it is documented.
func TestPublicSurface(t *testing.T) {
	fset := token.NewFileSet()
	eachFile(t, func(name string, src []byte) {
		room := path.Dir(name)
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(room, "internal") || strings.HasPrefix(room, "cmd") {
			return
		}
		f, err := parser.ParseFile(fset, name, src, parser.ParseComments)
		if err != nil {
			t.Error(err)
			return
		}
		s := surface{t: t, fset: fset, internal: internalImports(f)}
		for _, d := range f.Decls {
			s.decl(d)
		}
	})
}

// internalImports gives the names by which a file knows internal packages.
func internalImports(f *ast.File) map[string]bool {
	names := make(map[string]bool)
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !strings.HasPrefix(p, module+"internal/") {
			continue
		}
		if name := path.Base(p); spec.Name == nil {
			names[name] = true
		} else {
			names[spec.Name.Name] = true
		}
	}
	return names
}

type surface struct {
	t        *testing.T
	fset     *token.FileSet
	internal map[string]bool
}

func (s *surface) decl(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if !d.Name.IsExported() || d.Recv != nil && !exportedReceiver(d.Recv) {
			return
		}
		if d.Doc == nil && !obvious(d.Name.Name) {
			s.undocumented(d.Name)
		}
		s.types(d.Type)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			s.spec(spec, d.Doc != nil)
		}
	}
}

// obvious tells the methods whose contract is that of an interface of the standard library.
func obvious(method string) bool {
	switch method {
	case "Error", "Unwrap":
		return true
	}
	return false
}

func (s *surface) spec(spec ast.Spec, documented bool) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if !spec.Name.IsExported() {
			return
		}
		if !documented && spec.Doc == nil {
			s.undocumented(spec.Name)
		}
		s.types(spec.Type)
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			if name.IsExported() && !documented && spec.Doc == nil && spec.Comment == nil {
				s.undocumented(name)
			}
			if name.IsExported() && spec.Type != nil {
				s.types(spec.Type)
			}
		}
	}
}

func (s *surface) undocumented(name *ast.Ident) {
	s.t.Errorf("%s: %s is exported without a doc comment", s.fset.Position(name.Pos()), name.Name)
}

// types looks at a type's expression, but for the fields of structures that nobody outside sees.
func (s *surface) types(e ast.Node) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			return len(n.Names) == 0 || anyExported(n.Names) || !isStructField(e, n)
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok && s.internal[id.Name] {
				s.t.Errorf("%s: the internal type %s.%s stands in a public signature", s.fset.Position(n.Pos()), id.Name, n.Sel.Name)
			}
		}
		return true
	})
}

func anyExported(names []*ast.Ident) bool {
	for _, n := range names {
		if n.IsExported() {
			return true
		}
	}
	return false
}

// isStructField tells a structure's field from a parameter.
func isStructField(in ast.Node, f *ast.Field) (yes bool) {
	ast.Inspect(in, func(n ast.Node) bool {
		if st, ok := n.(*ast.StructType); ok {
			for _, o := range st.Fields.List {
				yes = yes || o == f
			}
		}
		return !yes
	})
	return yes
}

func exportedReceiver(recv *ast.FieldList) bool {
	id := rootIdent(recv.List[0].Type)
	return id != nil && id.IsExported()
}
