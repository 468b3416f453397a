package dwarfvars

import (
	"slices"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/funcname"
)

// inlineFit is throughInline for a function.
func (i *Info) inlineFit(want *funcname.Name, c *candidate) (funcname.Fit, error) {
	e, err := i.data.Entry(c.f.Off)
	if err != nil || e == nil || len(c.names) == 0 {
		return funcname.No, err
	}
	return i.throughInline(want, c.shown(), e)
}

// throughInline tells how a name fits what is declared at e in C++, whose name in full is have, if names of inline namespaces are left out. The
// debug information, which tells which are (DW_AT_export_symbols), is asked for those alone that would fit if all were.
func (i *Info) throughInline(want, have *funcname.Name, e *dwarfunit.Entry) (funcname.Fit, error) {
	if isRust(e.Unit.Language) || e.Unit.Flat() {
		return funcname.No, nil
	}
	var any []int
	for k := range max(0, len(have.Path)-1) {
		any = append(any, k)
	}
	if path := (funcname.Name{Path: want.Path}); path.MatchInline(have, any) == funcname.No {
		return funcname.No, nil
	}
	inline, err := i.inlineParts(have, e)
	if err != nil || len(inline) == 0 {
		return funcname.No, err
	}
	return want.MatchInline(have, inline), nil
}

// inlineParts returns which parts of a name's path are inline namespaces that e is declared in. Some of the standard library's are in no name.
func (i *Info) inlineParts(have *funcname.Name, e *dwarfunit.Entry) (parts []int, err error) {
	parents, err := i.source(e).Unit.Parents(i.source(e).Off)
	if err != nil {
		return nil, err
	}
	k := 0
	for _, p := range parents {
		name := i.name(p)
		if p.Tag != dwarfunit.TagNamespace || name == "" || k >= len(have.Path) {
			continue
		}
		if at := slices.Index(have.Path[k:], name); at >= 0 {
			if k += at; p.Flag(dwarfunit.AttrExportSymbols) {
				parts = append(parts, k)
			}
			k++
		}
	}
	return parts, nil
}
