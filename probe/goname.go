package probe

import "strings"

// goNamed is the definition with its function named as the linker does. In the last element of a package's path that writes %2e for a dot, since
// the dots behind it are those of types and functions: gopkg.in/yaml%2ev3.Unmarshal, which its author calls gopkg.in/yaml.v3.Unmarshal.
func (r *Resolver) goNamed(d *Definition) *Definition {
	if d.Point.Kind != FunctionPoint {
		return d
	}
	name := r.goName(d.Point.Function)
	if name == d.Point.Function {
		return d
	}
	renamed := *d
	renamed.Point.Function = name
	return &renamed
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
