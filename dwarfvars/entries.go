package dwarfvars

import "github.com/gperf-dev/gperf/internal/dwarfunit"

// maxChain bounds how many references from entry to entry are followed; hostile files have rings.
const maxChain = 64

// origin returns the entry that e is an instance of, by abstract origin or specification; nil if none.
func (i *Info) origin(e *dwarfunit.Entry) *dwarfunit.Entry {
	off, ok := e.Ref(dwarfunit.AttrAbstractOrigin)
	if !ok {
		if off, ok = e.Ref(dwarfunit.AttrSpecification); !ok {
			return nil
		}
	}
	o, err := i.data.Entry(off)
	if err != nil {
		return nil
	}
	return o
}

// holder returns the entry on e's chain of origins that has an attribute; nil if none.
func (i *Info) holder(e *dwarfunit.Entry, at uint16) *dwarfunit.Entry {
	for range maxChain {
		if e == nil || e.Has(at) {
			return e
		}
		e = i.origin(e)
	}
	return nil
}

// name returns an entry's name, its own or that of its origin.
func (i *Info) name(e *dwarfunit.Entry) string {
	if h := i.holder(e, dwarfunit.AttrName); h != nil {
		return h.String(dwarfunit.AttrName)
	}
	return ""
}

// isNamed compares without making a string.
func (i *Info) isNamed(e *dwarfunit.Entry, name string) bool {
	h := i.holder(e, dwarfunit.AttrName)
	return h != nil && h.SameName(name)
}

// linkage returns what the symbol table calls a function: its linkage name, else its name.
func (i *Info) linkage(e *dwarfunit.Entry) string {
	for _, at := range []uint16{dwarfunit.AttrLinkageName, dwarfunit.AttrMIPSLinkage} {
		if h := i.holder(e, at); h != nil {
			return h.String(at)
		}
	}
	return i.name(e)
}

// number returns a number that e or its origin has.
func (i *Info) number(e *dwarfunit.Entry, at uint16) (uint64, bool) {
	if h := i.holder(e, at); h != nil {
		return h.Uint(at)
	}
	return 0, false
}

func isVariable(tag uint16) bool {
	return tag == dwarfunit.TagFormalParameter || tag == dwarfunit.TagVariable
}
