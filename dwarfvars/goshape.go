package dwarfvars

import (
	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/gobin"
)

// maxWords bounds the numbers that a type is taken apart into: more than any machine has registers for.
const maxWords = 64

// goShape takes a type apart as Go's calling convention does.
func (i *Info) goShape(t typ) (gobin.Shape, error) {
	s := gobin.Shape{Size: i.size(t), Align: 1}
	b := shapeBuilder{i: i, s: &s}
	if err := b.add(t, 0, 0); err != nil {
		return s, err
	}
	if s.Size < 0 {
		s.Size = int64(i.machine.PointerSize) // a function: a pointer to its code and what it captured
	}
	if len(s.Words) > maxWords {
		s.InMemory = true
	}
	if s.InMemory {
		s.Words = nil
	}
	return s, nil
}

type shapeBuilder struct {
	i *Info
	s *gobin.Shape
}

func (b *shapeBuilder) word(at, size int64, float bool) {
	b.s.Align = max(b.s.Align, size)
	if len(b.s.Words) <= maxWords {
		b.s.Words = append(b.s.Words, gobin.Word{Offset: at, Size: size, Float: float})
	}
}

func (b *shapeBuilder) add(t typ, at int64, depth int) error {
	t, err := b.i.strip(t, true)
	if err != nil {
		return err
	}
	pointer := int64(b.i.machine.PointerSize)
	if t.e == nil || depth > maxNested {
		b.word(at, pointer, false)
		return nil
	}
	size := b.i.size(t)
	switch t.e.Tag {
	case dwarfunit.TagStructureType:
		return b.structure(t, at, depth)
	case dwarfunit.TagArrayType:
		return b.array(t, at, depth)
	case dwarfunit.TagBaseType:
		enc, _ := t.e.Uint(dwarfunit.AttrEncoding)
		switch {
		case enc == dwarfunit.EncComplexFloat:
			b.word(at, size/2, true)
			b.word(at+size/2, size/2, true)
		case size > 0:
			b.word(at, size, enc == dwarfunit.EncFloat)
		}
	default:
		b.word(at, pointer, false)
	}
	return nil
}

func (b *shapeBuilder) structure(t typ, at int64, depth int) error {
	var inner error
	err := t.e.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag != dwarfunit.TagMember {
			return true
		}
		var m *member
		if m, inner = b.i.ownMember(kid); inner == nil {
			inner = b.add(m.t, at+m.offset, depth+1)
		}
		return inner == nil && len(b.s.Words) <= maxWords
	})
	if err == nil {
		err = inner
	}
	return err
}

// array is taken apart if it has one element; one of more is in memory, with everything that it is a part of.
func (b *shapeBuilder) array(t typ, at int64, depth int) error {
	counts := b.i.dimensions(t.e)
	n := counts[min(t.dims, len(counts)-1)]
	if n == 0 {
		return nil // only its alignment would count, that of a value without bytes
	}
	elem, err := b.i.element(t)
	if err != nil {
		return err
	}
	b.s.InMemory = b.s.InMemory || n != 1
	return b.add(elem, at, depth+1)
}
