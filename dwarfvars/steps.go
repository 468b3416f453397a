package dwarfvars

import (
	"debug/elf"
	"encoding/binary"
	"slices"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// stepper goes from a variable to the part that an expression means.
type stepper struct {
	i    *Info
	at   *Place           // for static members
	real *dwarfunit.Entry // the function whose frame counts
	expr *Expr
	op   operand
	t    typ
	bits *BitField
	done int // steps behind us

	deref int // references that were followed by themselves
}

func (s *stepper) fail(step Step, reason, instead string, nearest []string) error {
	return &StepError{Expr: s.expr.String(), Step: step.String(), Type: s.i.displayName(s.t), Reason: reason, Instead: instead, Nearest: nearest}
}

func (s *stepper) step(step Step) error {
	defer func() { s.done++ }()
	if err := s.throughReference(); err != nil {
		return err
	}
	if done, err := s.goStep(step); done {
		return err
	}
	base, err := s.i.strip(s.t, true)
	if err != nil {
		return err
	}
	if base.e == nil {
		return s.fail(step, "it has no type", "", nil)
	}
	if done, err := s.nativeStep(step, base); done {
		return err
	}
	switch step.Kind {
	case Index:
		return s.index(step, base)
	case Arrow:
		return s.arrow(step, base)
	}
	if base.e.Tag == dwarfunit.TagPointerType || base.e.Tag == dwarfunit.TagArrayType {
		return s.fail(step, "it is a pointer", "->"+step.Name, nil)
	}
	return s.member(step, base)
}

// throughReference follows a C++ reference, which stands for what it refers to.
func (s *stepper) throughReference() error {
	t, err := s.i.strip(s.t, true)
	if err != nil || t.e == nil || t.e.Tag != dwarfunit.TagReferenceType && t.e.Tag != dwarfunit.TagRvalueReference {
		return err
	}
	if s.op, err = s.op.deref(); err != nil {
		return err
	}
	s.t, err = s.i.typeOf(t.e)
	return err
}

func (s *stepper) arrow(step Step, base typ) error {
	switch base.e.Tag {
	case dwarfunit.TagPointerType:
		o, err := s.op.deref()
		if err != nil {
			return err
		}
		s.op = o
	case dwarfunit.TagArrayType: // its first element, as in C
	case dwarfunit.TagStructureType, dwarfunit.TagUnionType, dwarfunit.TagClassType:
		return s.fail(step, "it is no pointer", "."+step.Name, nil)
	default:
		return s.fail(step, "it is no pointer", "", nil)
	}
	elem, err := s.i.element(base)
	if err != nil {
		return err
	}
	s.t = elem
	if base, err = s.i.strip(elem, true); err != nil {
		return err
	}
	if base.e == nil {
		return s.fail(step, "what it points to has no type", "", nil)
	}
	return s.member(step, base)
}

func (s *stepper) index(step Step, base typ) error {
	switch base.e.Tag {
	case dwarfunit.TagPointerType:
		target, err := s.op.deref()
		if err != nil {
			return err
		}
		s.op = target
	case dwarfunit.TagArrayType:
		// One element or none at the end of a structure is how C spells "as many as there are".
		counts := s.i.dimensions(base.e)
		n := counts[min(base.dims, len(counts)-1)]
		if step.Index < 0 || n > 1 && step.Index >= n {
			return s.fail(step, "the array has "+plural(n, "element"), "", nil)
		}
	default:
		return s.fail(step, "it is no array and no pointer", "", nil)
	}
	elem, err := s.i.element(base)
	if err != nil {
		return err
	}
	size := s.i.size(elem)
	if size < 0 {
		return s.fail(step, "the size of an element is not known", "", nil)
	}
	if step.Index != 0 && size > 0 && (step.Index > (1<<40)/size || step.Index < -(1<<40)/size) {
		return s.fail(step, "the index is too big", "", nil)
	}
	s.t = elem
	s.op, err = s.op.part(step.Index*size, size)
	return err
}

func (s *stepper) member(step Step, base typ) error {
	switch base.e.Tag {
	case dwarfunit.TagStructureType, dwarfunit.TagUnionType, dwarfunit.TagClassType:
	default:
		return s.fail(step, "it is no structure and no union", "", nil)
	}
	base, err := s.i.complete(base)
	if err != nil {
		return err
	}
	m, err := s.i.member(base.e, step.Name)
	if err != nil {
		return err
	}
	if m == nil {
		if path := s.i.promoted(base.e, step.Name); path != nil {
			return s.through(path, step)
		}
		if base.e.Flag(dwarfunit.AttrDeclaration) {
			return s.fail(step, "no unit with debug information defines this type", "", nil)
		}
		return s.fail(step, "it has no member "+step.Name, "", s.i.nearMembers(base.e, step.Name))
	}
	if m.static != nil {
		return s.static(step, m)
	}
	s.t = m.t
	if m.bits == nil {
		s.op, err = s.op.part(m.offset, s.i.size(m.t))
		return err
	}
	bits := *m.bits
	s.bits = &bits
	s.op, err = s.op.part(m.offset, int64(bits.Container/8))
	return err
}

// through goes to a member by way of the embedded fields that it is in.
func (s *stepper) through(path []string, last Step) error {
	for _, name := range path {
		if err := s.step(Step{Kind: Dot, Name: name}); err != nil {
			return err
		}
	}
	return s.step(last)
}

func plural(n int64, word string) string {
	if n < 0 {
		return "an unknown number of " + word + "s"
	}
	out := itoa(n) + " " + word
	if n != 1 {
		out += "s"
	}
	return out
}

// part is the part of size bytes at an offset.
func (o operand) part(off, size int64) (operand, error) {
	switch o.holds {
	case inMemory:
		o.at = o.at.plus(off)
	case asValue:
		if off < 0 || off+o.skip > 16 {
			return o, refuse("it is beyond the register that holds the structure")
		}
		o.skip += off
	case asBytes:
		if off < 0 || size < 0 || off+size > int64(len(o.bytes)) {
			return o, refuse("it is beyond the constant that the compiler knows")
		}
		o.bytes = o.bytes[off : off+size]
	case asPieces:
		return o.piece(off, size)
	}
	return o, nil
}

// piece is the part of size bytes at an offset of a value in pieces.
func (o operand) piece(off, size int64) (operand, error) {
	at := int64(0)
	for k, p := range o.pieces {
		if off >= at && off+size <= at+p.size {
			if p.empty {
				return o, refuse("this part of it is optimised out")
			}
			return p.operand.part(off-at, size)
		}
		if off == at && p.size > 0 && len(o.pieces) > k+1 { // a part that is in several pieces itself
			return operand{holds: asPieces, pieces: o.pieces[k:]}, nil
		}
		if off < at+p.size {
			return o, refuse("it is in %d pieces (DW_OP_piece)", len(o.pieces))
		}
		at += p.size
	}
	return o, refuse("this part of it is optimised out") // the compiler leaves the last such pieces out
}

// deref is what the operand, a pointer, points to.
func (o operand) deref() (operand, error) {
	switch o.holds {
	case inMemory:
		return operand{holds: inMemory, at: o.at.load(0)}, nil
	case asValue:
		if o.skip != 0 || !o.at.whole() {
			return o, refuse("the pointer is a part of a register")
		}
		return operand{holds: inMemory, at: o.at}, nil
	case asBytes:
		if len(o.bytes) != 8 {
			return o, refuse("the pointer is a constant of %d bytes", len(o.bytes))
		}
		return operand{holds: inMemory, at: chain{reg: NoReg, off: littleEndian(o.bytes)}}, nil
	}
	if len(o.pieces) > 0 {
		if p, err := o.piece(0, 8); err == nil {
			return p.deref()
		}
	}
	return o, refuse("the pointer is in pieces (DW_OP_piece)")
}

func littleEndian(b []byte) int64 {
	var n uint64
	for i, c := range slices.Clone(b[:min(8, len(b))]) {
		n |= uint64(c) << (8 * i)
	}
	return int64(n)
}

// finish makes the public form.
func (s *stepper) finish() (Location, error) {
	if err := s.value(); err != nil {
		return Location{}, err
	}
	loc := Location{Type: s.i.describe(s.t, 2), Bits: s.bits}
	_, kind := s.i.goType(s.t)
	loc.Go = kind != 0
	if err := s.parts(&loc); err != nil {
		return loc, err
	}
	o := s.op
	var err error
	if o.holds == asPieces {
		if o, err = o.piece(0, max(loc.Type.Size, 0)); err == nil && o.holds == asPieces {
			err = refuse("it is in %d pieces (DW_OP_piece)", len(o.pieces))
		}
		if err != nil && (loc.Counted != nil || loc.Interface != nil) {
			loc.Kind = Pieces
			return loc, nil
		}
		if err != nil {
			return loc, err
		}
		if o.holds == asPieces && (loc.Counted != nil || loc.Interface != nil) {
			loc.Kind = Pieces
			return loc, nil
		}
	}
	switch o.holds {
	case asBytes:
		return s.constant(loc, o)
	case asValue:
		return s.computed(loc, o)
	}
	loc.Kind, loc.Reg, loc.Offset, loc.Derefs = Memory, o.at.reg, o.at.off, o.at.derefs
	return loc, nil
}

func (s *stepper) constant(loc Location, o operand) (Location, error) {
	size := loc.Type.Size
	if size < 0 || size > 8 || size > int64(len(o.bytes)) {
		return loc, refuse("it is a constant of %d bytes", len(o.bytes))
	}
	n := littleEndian(o.bytes[:size])
	if b := s.bits; b != nil {
		n = int64(uint64(n)<<(64-b.Offset-b.Width)) >> (64 - b.Width)
		if !loc.Type.Signed {
			n &= 1<<b.Width - 1
		}
	} else if loc.Type.Signed && size > 0 {
		n = n << (64 - 8*size) >> (64 - 8*size)
	}
	loc.Kind, loc.Const, loc.Bits = Constant, n, nil
	return loc, nil
}

// computed is a value that a chain gives: a register, or what a last load reads, or bits of these.
func (s *stepper) computed(loc Location, o operand) (Location, error) {
	c := o.at
	if c.isConst() {
		o.bytes = binary.LittleEndian.AppendUint64(nil, uint64(c.off))
		o.bytes = o.bytes[min(o.skip, 8):]
		if c.cut != (cut{}) {
			return loc, refuse("it is a constant that is computed")
		}
		// The caller sees that a pointer is one of the file's addresses; of a number it could not.
		if c.linked && loc.Type.Kind != TypePointer && s.i.moves() {
			return loc, refuse("it is an address that is known only when the target is loaded")
		}
		return s.constant(loc, o)
	}
	n := len(c.derefs)
	switch {
	case n > 0 && c.derefs[n-1] != 0:
		return loc, refuse("it is computed: %d is added to what memory holds", c.derefs[n-1])
	case n > 0:
		loc.Kind, loc.Reg, loc.Offset, loc.Derefs = Memory, c.reg, c.off, c.derefs[:n-1]
	case c.off != 0:
		return loc, refuse("it is computed: register %s plus %d", s.i.machine.RegisterName(c.reg), c.off)
	default:
		loc.Kind, loc.Reg = Register, c.reg
		if r, ok := s.i.machine.ByDWARF(c.reg); ok && loc.Bits == nil && o.skip+loc.Type.Size > int64(r.Size) {
			return loc, refuse("it has %d bytes, register %s holds %d", o.skip+loc.Type.Size, r.Name, r.Size)
		}
	}
	return s.cutBits(loc, c.cut, o.skip)
}

// cutBits narrows a location of 64 bits to the part that is meant: what the expression cuts out, then the bytes
// from skip on, then the bits of a bit-field.
func (s *stepper) cutBits(loc Location, c cut, skip int64) (Location, error) {
	size := loc.Type.Size
	if c == (cut{}) && skip == 0 && loc.Bits == nil {
		return loc, nil
	}
	if c.left != 0 || size <= 0 {
		return loc, refuse("it is computed (a shifted value)")
	}
	shift, left := c.shift+8*int(skip), c.width()-8*int(skip)
	width := 8 * int(size)
	if b := loc.Bits; b != nil {
		shift, left, width = shift+b.Offset, left-b.Offset, b.Width
	}
	if left < width {
		// The bits above those kept are zeros, or copies of the sign: as those of the type must be.
		if left <= 0 || skip != 0 || loc.Bits != nil || c.sign != loc.Type.Signed {
			return loc, refuse("only %d of its %d bits are kept", max(left, 0), width)
		}
		width = left
	}
	if shift+width > 64 {
		return loc, refuse("it is not in one register")
	}
	if shift == 0 && width == 8*int(size) && loc.Bits == nil {
		return loc, nil
	}
	if loc.Kind == Memory && shift%8 == 0 && width == 8*int(size) && loc.Bits == nil {
		c := chain{reg: loc.Reg, off: loc.Offset, derefs: loc.Derefs}.plus(int64(shift / 8))
		loc.Offset, loc.Derefs = c.off, c.derefs
		return loc, nil
	}
	loc.Bits = &BitField{Offset: shift, Width: width, Container: 64}
	return loc, nil
}

// moves tells whether the file's addresses change when it is loaded: libraries, position-independent programs, and kernels.
func (i *Info) moves() bool { return i.file.Type() != elf.ET_EXEC || i.file.IsKernelImage() }

func (i *Info) nearMembers(e *dwarfunit.Entry, name string) []string {
	return symtab.NearestOf(name, 5, func(yield func(string) bool) { i.eachMember(e, map[int]bool{}, yield) })
}
