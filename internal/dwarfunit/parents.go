package dwarfunit

// Parents returns the entries of the unit that the one at off lies in, the unit's own left out, outermost first.
func (c *Context) Parents(off int) ([]*Entry, error) {
	root, err := c.Root()
	if err != nil {
		return nil, err
	}
	var out []*Entry
	for at := root; ; {
		var in, last *Entry
		err := at.EachChild(func(kid *Entry) bool {
			if kid.Off <= off {
				last = kid
			}
			return kid.Off < off
		})
		if last != nil && last.Off < off && last.Children {
			in = last
		}
		if err != nil || in == nil || len(out) > maxParents {
			return out, err
		}
		out, at = append(out, in), in
	}
}

// maxParents bounds how deep entries lie in each other; hostile files may go on for ever.
const maxParents = 256

// Flat tells whether functions of the unit's language have no names but their own: C's and Go's, not those in namespaces and classes.
func (c *Context) Flat() bool { return c.flat() }
