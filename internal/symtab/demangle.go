package symtab

import (
	"slices"
	"strings"

	"github.com/ianlancetaylor/demangle"
)

// Demangle gives a C++, Rust or D symbol's name as perf script shows it, without parameters; other names come back as they are. In
// "NAME@plt" only NAME is looked at. Rust names are read by our own code: the library prints several of them wrongly (it drops a leading
// underscore of `__rust_begin_short_backtrace`, and takes the two empty names of nested closures, "00", for one).
func Demangle(name string) string {
	if !maybeMangled(name) {
		return name
	}
	base, plt := strings.CutSuffix(name, "@plt")
	out := demangled(base)
	if plt {
		return out + "@plt"
	}
	return out
}

// DemangleTyped gives a C++ or D symbol's name with the types of its parameters, which tell overloads from each other; Rust names have
// none. ok is false for names that are not mangled.
func DemangleTyped(name string) (out string, ok bool) {
	if !maybeMangled(name) {
		return name, false
	}
	defer func() { // see demangled
		if recover() != nil {
			out, ok = name, false
		}
	}()
	if out, ok := rustLegacy(name); ok {
		return out, true
	}
	if out, ok := rustV0(name); ok {
		return out, true
	}
	out, err := demangle.ToString(name, demangle.NoRust, demangle.MaxLength(maxDemangled))
	if err != nil {
		return name, false
	}
	return out, true
}

// IsDeleting tells the mangled names of C++'s deleting destructors: D0 of the destructors that the Itanium ABI has, section 5.1.4.3.
func IsDeleting(name string) bool {
	return strings.HasPrefix(name, "_Z") && strings.Contains(name, "D0Ev")
}

// maybeMangled sorts out most names quickly.
func maybeMangled(name string) bool {
	if len(name) < 3 || name[0] != '_' {
		return false
	}
	switch name[1] {
	case 'Z', 'R', 'D':
		return true
	case 'G':
		return strings.HasPrefix(name, "_GLOBAL_")
	}
	return false
}

// demangled reads names that anybody may have put into a file: should the library trip over one, it is shown as it is.
func demangled(name string) (out string) {
	defer func() {
		if recover() != nil {
			out = name
		}
	}()
	if out, ok := rustLegacy(name); ok {
		return out
	}
	if out, ok := rustV0(name); ok {
		return out
	}
	ast, err := parse(name)
	if err != nil {
		return name
	}
	if strings.Contains(name, "JE") || strings.Contains(name, "adL_Z") {
		if marked := ast.Copy(likeLibiberty, func(demangle.AST) bool { return false }); marked != nil {
			ast = marked
		}
	}
	out = demangle.ASTToString(ast, demangle.MaxLength(maxDemangled))
	if strings.Contains(out, emptyPack) {
		out = strings.ReplaceAll(out, ", "+emptyPack+">", ">")
		out = strings.ReplaceAll(out, emptyPack, "")
	}
	return out
}

// parse leaves the parameters of the function itself out, but not those of a function among the template arguments ("&(int f(char))").
func parse(name string) (demangle.AST, error) {
	if strings.Contains(name, "L_Z") {
		ast, err := demangle.ToAST(name, demangle.NoClones, demangle.NoRust)
		if err != nil {
			return nil, err
		}
		if t, ok := ast.(*demangle.Typed); ok {
			return t.Name, nil
		}
	}
	return demangle.ToAST(name, demangle.NoParams, demangle.NoRust)
}

// maxDemangled bounds the length of a demangled name, as a power of two: back references can make a short one huge.
const maxDemangled = 16

// emptyPack stands for an empty parameter pack among template arguments while a name is printed. libiberty, which perf uses, prints
// "A<B<C> >" with a space, but without one where such a pack ends the list, "A<B<C>>", and leaves a comma of one before others: "A<, B>".
const emptyPack = "\x00"

// likeLibiberty changes what the library prints otherwise than libiberty: empty packs, and the address of a template
// function as a template argument, which the latter prints with the function's type.
func likeLibiberty(a demangle.AST) demangle.AST {
	switch a := a.(type) {
	case *demangle.Template:
		if len(a.Args) > 1 {
			return markEmptyPacks(a)
		}
	case *demangle.Unary:
		t, ok := a.Expr.(*demangle.Typed)
		if !ok {
			return nil
		}
		_, template := t.Name.(*demangle.Template)
		if op, ok := a.Op.(*demangle.Operator); ok && template && op.Name == "&" {
			return &demangle.Name{Name: "&(" + demangle.ASTToString(t) + ")"}
		}
	}
	return nil
}

func markEmptyPacks(t *demangle.Template) demangle.AST {
	var args []demangle.AST
	for i, a := range t.Args {
		if p, ok := a.(*demangle.ArgumentPack); ok && len(p.Args) == 0 {
			if args == nil {
				args = slices.Clone(t.Args)
			}
			args[i] = &demangle.Name{Name: emptyPack}
		}
	}
	if args == nil {
		return nil // a typed nil would be an AST
	}
	return &demangle.Template{Name: t.Name, Args: args}
}
