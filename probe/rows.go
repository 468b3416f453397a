package probe

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
)

// maxRow is how many elements of an array the kernel takes (MAX_ARRAY_LEN in kernel/trace/trace_probe.h).
const maxRow = 64

// elements takes [FIRST-LAST] off the end of a value: the value is then its first element, of which there are count.
// Without such an end count is 0.
func (p *parser) elements(w word) (first string, count int, err error) {
	open := strings.LastIndexByte(w.text, '[')
	if open < 0 || !strings.HasSuffix(w.text, "]") {
		return w.text, 0, nil
	}
	low, high, ok := strings.Cut(w.text[open+1:len(w.text)-1], "-")
	if !ok || low == "" { // a single index; it may be negative
		return w.text, 0, nil
	}
	from, errLow := strconv.ParseUint(low, 0, 31)
	to, errHigh := strconv.ParseUint(high, 0, 31)
	switch {
	case errLow != nil || errHigh != nil:
		return "", 0, p.fail(w.cut(open+1, len(w.text)-1), "Array index must be a number.", "elements are [NUMBER] or [FIRST-LAST]")
	case to < from:
		return "", 0, p.fail(w.cut(open+1, len(w.text)-1), "The last element is before the first.", "elements are [FIRST-LAST]")
	case to-from >= maxRow:
		return "", 0, p.fail(w.cut(open+1, len(w.text)-1), fmt.Sprintf("%d elements are too many.", to-from+1),
			fmt.Sprintf("the kernel takes %d elements for one argument", maxRow))
	}
	return w.text[:open] + "[" + strconv.FormatUint(from, 10) + "]", int(to-from) + 1, nil
}

// row makes the argument that fetches several elements, of which the location is the first.
func (t *translator) row(fetch string) (string, string, error) {
	if t.loc.Kind != dwarfvars.Memory {
		return "", "", t.fail("the elements are not in memory here", "ask for them one by one")
	}
	if t.loc.Bits != nil {
		return "", "", t.fail("the elements are bit-fields", "ask for them one by one")
	}
	kind := t.arg.Type
	if isString(kind) {
		if ty := &t.loc.Type; ty.Kind != dwarfvars.TypePointer || ty.Elem != nil && !ofBytes(ty.Elem) {
			return "", "", t.fail("the elements are no pointers to text but "+ty.Name, "leave :"+kind+" out")
		}
	} else {
		var err error
		if kind, err = t.kernelType(); err != nil {
			return "", "", err
		}
		if kind == "" || strings.HasPrefix(kind, "b") || strings.HasSuffix(kind, "]") || t.arg.Type == "" && isComposed(&t.loc.Type) {
			return "", "", t.fail(fmt.Sprintf("the kernel has no type for a row of %s", t.loc.Type.Name), "ask for the parts of one element")
		}
	}
	return fetch, kind + "[" + strconv.Itoa(t.arg.Count) + "]", nil
}

// elementsOf is the type that fetches all elements of an array, as many as the kernel takes; "" for what is no array of numbers in
// memory.
func (t *translator) elementsOf(ty *dwarfvars.Type, sign string) string {
	if ty.Kind != dwarfvars.TypeArray || ty.Elem == nil || ty.Count < 1 || t.loc.Kind != dwarfvars.Memory || t.arg.Count > 0 {
		return ""
	}
	if isComposed(ty.Elem) {
		return ""
	}
	kind, err := t.sized(ty.Elem, sign)
	if err != nil || kind == "" {
		return ""
	}
	return kind + "[" + strconv.FormatInt(min(ty.Count, maxRow), 10) + "]"
}

// isComposed tells types that the kernel cannot fetch several of, since they are more than one number.
func isComposed(ty *dwarfvars.Type) bool {
	switch ty.Kind {
	case dwarfvars.TypeStruct, dwarfvars.TypeUnion, dwarfvars.TypeArray, dwarfvars.TypeOther,
		dwarfvars.TypeString, dwarfvars.TypeSlice, dwarfvars.TypeInterface:
		return true
	}
	return false
}

// goType refuses what the kernel would show the first word of: arrays of more than numbers, and values without a byte. An array of one
// element may be in a register, which is then the element.
func (t *translator) goType(ty *dwarfvars.Type, cast string) (string, error) {
	one := ty.Elem
	switch {
	case ty.Size == 0:
		return "", t.local(ty.Name+" has no bytes", "leave it out")
	case ty.Kind != dwarfvars.TypeArray:
		return t.sized(ty, cast)
	case t.loc.Kind == dwarfvars.Register && one != nil && ty.Count == 1 && !isComposed(one):
		return t.sized(one, cast)
	}
	return "", t.local(fmt.Sprintf("the kernel has no type for %s", ty.Name), "ask for its elements one by one: "+t.arg.Value+"[0]")
}

// texts goes from a pointer to pointers to these, for :string[N]. An array has them in itself.
func (t *translator) texts(fetch string) (string, error) {
	ty := &t.loc.Type
	if ty.Elem == nil || ty.Elem.Kind != dwarfvars.TypePointer || t.loc.Kind == dwarfvars.Constant {
		return "", t.fail(ty.Name+" is no row of pointers to text", "one text is :string")
	}
	if ty.Kind == dwarfvars.TypePointer {
		return t.deref(0, fetch), nil
	}
	return fetch, nil
}

// isTexts tells the types string[N] and ustring[N].
func isTexts(kind string) bool {
	base, _, ok := strings.Cut(kind, "[")
	return ok && isString(base)
}
