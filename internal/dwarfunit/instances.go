package dwarfunit

import (
	"bytes"
	"slices"
)

// maxInstances bounds how many names of instances are looked for.
const maxInstances = 10000

// InstancesNamed returns strings of the debug information that begin like the name of a template's instance: the name, and arguments in angle
// brackets. Not all need be names of functions: they may be the ends of other strings, which linkers merge. Those that units have in place, short ones, are left out.
func (d *Data) InstancesNamed(name string) []string {
	seen := map[string]bool{}
	var out []string
	for _, p := range d.parts {
		for _, begin := range []string{name + "<", name + " <"} {
			for at := 0; len(out) < maxInstances; {
				i := bytes.Index(p.Str[at:], []byte(begin))
				if i < 0 {
					break
				}
				at += i
				end := bytes.IndexByte(p.Str[at:], 0)
				if end < 0 {
					break
				}
				if text := p.Str[at : at+end]; text[end-1] == '>' && !seen[string(text)] {
					seen[string(text)] = true
					out = append(out, string(text))
				}
				at += len(begin)
			}
		}
	}
	slices.Sort(out)
	return out
}
