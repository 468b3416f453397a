package probe

import (
	"fmt"
	"strings"
)

// goNamed is the definition with its function named as the linker does. In the last element of a package's path that writes %2e for a dot, since
// the dots behind it are those of types and functions: gopkg.in/yaml%2ev3.Unmarshal, which its author calls gopkg.in/yaml.v3.Unmarshal.
//
// The types of a generic function are those that it was compiled for: main.Max[go.shape.int] for main.Max[int].
func (r *Resolver) goNamed(d *Definition) (named *Definition, note string, err error) {
	if d.Point.Kind != FunctionPoint {
		return d, "", nil
	}
	name := r.goName(d.Point.Function)
	if strings.Contains(name, "[") {
		instance, err := r.goInstance(name)
		if err != nil {
			return nil, "", err
		}
		if instance != name {
			note = fmt.Sprintf("%s shares its code with all types that are stored alike: %s", name, instance)
		}
		name = instance
	}
	if name == d.Point.Function {
		return d, "", nil
	}
	renamed := *d
	renamed.Point.Function = name
	return &renamed, note, nil
}

// goInstance is the function that serves the types in a name; the name itself if it has none.
func (r *Resolver) goInstance(name string) (string, error) {
	b := r.golang()
	if b == nil {
		return name, nil
	}
	if instance := b.Functions.Instance(name, nil); instance != "" {
		return instance, nil
	}
	if info, err := r.debug(); err == nil { // without debug information the name of a type is all there is
		if instance := b.Functions.Instance(name, info.GoStoredAs); instance != "" {
			return instance, nil
		}
	}
	if all := b.Functions.Instances(name); len(all) > 0 {
		return "", &GoInstanceError{Name: name, Instances: all}
	}
	return name, nil
}

// GoInstanceError is a generic function of Go with types of which the name does not tell the code.
type GoInstanceError struct {
	Name      string
	Instances []string // what it was compiled to
}

func (e *GoInstanceError) Error() string {
	return fmt.Sprintf("Probe point '%s' not found: how a type is stored decides which code is its own, and for these types that cannot be told.", e.Name)
}

// Hint lists the functions that there are.
func (e *GoInstanceError) Hint() string {
	const most = 5
	text := strings.Join(e.Instances[:min(most, len(e.Instances))], "', '")
	begin, end := strings.IndexByte(e.Name, '['), strings.LastIndexByte(e.Name, ']')
	return fmt.Sprintf("the program has '%s'; '%s[...]%s' is all of them", text, e.Name[:begin], e.Name[end+1:])
}

func (r *Resolver) goName(name string) string {
	path := name
	if i := strings.IndexAny(name, "([*?"); i >= 0 {
		path = name[:i]
	}
	last := strings.LastIndexByte(path, '/') + 1
	if last == 0 || strings.Count(name[last:], ".") < 2 {
		return name
	}
	b := r.golang()
	if b == nil {
		return name
	}
	for from, as := last, name; ; {
		dot := strings.IndexByte(as[from:], '.')
		if dot < 0 {
			return name // no package of the program is called so
		}
		dot += from
		for fn := range b.Functions.All() {
			if strings.HasPrefix(fn.Name, as[:dot+1]) {
				return as
			}
		}
		as = as[:dot] + "%2e" + as[dot+1:]
		from = dot + len("%2e")
	}
}
