package probe

import (
	"debug/elf"
	"fmt"
)

// at writes a place in the kernel's terms.
func (r *Resolver) at(s *spot) (string, error) {
	if !r.user() {
		return r.kernel.at(r, s), nil
	}
	offset, ok := r.image.file.FileOffset(s.addr)
	if !ok {
		return "", &TargetError{Path: r.target.Exec, Err: fmt.Errorf("no byte of the file is loaded at address %#x of %s", s.addr, s.symbol)}
	}
	if err := r.checkOffset(offset); err != nil {
		return "", err
	}
	return r.target.Exec + ":" + hexText(offset), nil
}

// absolute makes the event of an address: in a program it is written as it is, an offset in the file.
func (r *Resolver) absolute(d *Definition) (*Event, error) {
	for i := range d.Args {
		if d.Args[i].Expr != nil || d.Args[i].isSet() {
			return nil, &ArgumentError{Arg: d.Args[i].Text, Msg: "variables need a function, not an address",
				Next: "registers (%di) and memory (+8(%si)) can be read at any address"}
		}
	}
	if r.user() {
		if err := r.checkAddress(d.Point.Address); err != nil {
			return nil, err
		}
	}
	e := r.newEvent(d, "abs_"+fmt.Sprintf("%x", d.Point.Address))
	p := Place{At: hexText(d.Point.Address), Address: d.Point.Address}
	if r.user() {
		p.At = r.target.Exec + ":" + p.At
	}
	v := values{r: r, e: e}
	if err := v.place(p, &spot{addr: d.Point.Address}); err != nil {
		return nil, err
	}
	if err := v.finish(); err != nil {
		return nil, err
	}
	return e, e.check()
}

// checkAddress refuses an offset in a program at which no instruction begins. The kernel takes it, and then the probe never fires,
// cannot be opened, or kills the program.
func (r *Resolver) checkAddress(offset uint64) error {
	if err := r.checkOffset(offset); err != nil {
		return err
	}
	addr, _ := r.image.file.VAddr(offset)
	t, err := r.image.symbols()
	if err != nil {
		return nil // without symbols nobody knows where a function begins
	}
	s, ok := t.Lookup(addr)
	if !ok || !s.IsFunc() || addr-s.Addr >= s.Size {
		return nil
	}
	return r.checkBoundary(&spot{addr: addr, entry: s.Addr}, s.Name, addr-s.Addr)
}

// checkOffset refuses an offset that is not in the program's code.
func (r *Resolver) checkOffset(offset uint64) error {
	f := r.image.file
	if offset >= uint64(f.Size()) {
		return &OffsetError{Path: r.target.Exec, Offset: offset, Size: uint64(f.Size())}
	}
	for _, s := range f.Segments() {
		if s.Flags&elf.PF_X != 0 && offset >= s.Offset && offset-s.Offset < s.FileSize {
			return nil
		}
	}
	return &OffsetError{Path: r.target.Exec, Offset: offset}
}

// OffsetError is an offset of a file at which there is no code.
type OffsetError struct {
	Path         string
	Offset, Size uint64 // Size is that of the file if it ends before the offset, else 0
}

func (e *OffsetError) Error() string {
	if e.Size > 0 {
		return fmt.Sprintf("offset %#x is behind the end of %s, which has %d bytes", e.Offset, e.Path, e.Size)
	}
	return fmt.Sprintf("offset %#x of %s is no code", e.Offset, e.Path)
}

// Hint returns the next step.
func (e *OffsetError) Hint() string {
	if e.Size > 0 {
		return "check that the file is whole; an address without a function is an offset in the file, as -D FUNC shows it"
	}
	return "an address without a function is an offset in the file, as -D FUNC shows it"
}
