package probe

import (
	"cmp"
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
		if isComposed(&t.loc.Type) && (kind == "" || isSign(kind)) {
			return "", "", t.noRow(&t.loc.Type)
		}
		var err error
		if kind, err = t.kernelType(); err != nil {
			return "", "", err
		}
		if kind == "" || strings.HasPrefix(kind, "b") {
			return "", "", t.noRow(&t.loc.Type)
		}
	}
	all, ok := repeat(kind, int64(t.arg.Count))
	if !ok {
		return "", "", t.fail(fmt.Sprintf("%d elements of %s are too many", t.arg.Count, t.loc.Type.Name),
			fmt.Sprintf("the kernel takes %d words for one argument", maxRow))
	}
	return fetch, all, nil
}

func (t *translator) noRow(elem *dwarfvars.Type) error {
	return t.fail(fmt.Sprintf("the kernel has no type for a row of %s", elem.Name), "ask for the parts of one element: [0]")
}

// repeat makes the type of count values of one, of which each may be several words; false if the kernel takes fewer.
func repeat(kind string, count int64) (string, bool) {
	one, n, ok := strings.Cut(strings.TrimSuffix(kind, "]"), "[")
	if ok {
		each, err := strconv.ParseInt(n, 10, 64)
		if err != nil {
			return "", false
		}
		count *= each
	}
	return one + "[" + strconv.FormatInt(min(count, maxRow), 10) + "]", count <= maxRow
}

func isSign(kind string) bool { return kind == "x" || kind == "u" || kind == "s" }

// flat goes through an array's dimensions to its elements, and says how many there are; -1 if that is not known.
func flat(ty *dwarfvars.Type) (elem *dwarfvars.Type, count int64) {
	count = 1
	for ty != nil && ty.Kind == dwarfvars.TypeArray {
		if ty.Count < 0 || count > maxArray {
			return ty.Elem, -1
		}
		count *= ty.Count
		ty = ty.Elem
	}
	return ty, count
}

// maxArray bounds the number of an array's elements that are counted.
const maxArray = 1 << 40

// elementsOf is the type that fetches all elements of an array, as many as the kernel takes; "" for what is no array in memory.
func (t *translator) elementsOf(ty *dwarfvars.Type, sign string) (string, error) {
	if ty.Kind != dwarfvars.TypeArray || t.loc.Kind != dwarfvars.Memory || t.arg.Count > 0 {
		return "", nil
	}
	elem, count := flat(ty)
	switch {
	case t.loc.Go && (elem == nil || count < 1 || isComposed(elem)):
		return "", nil // goType tells more
	case elem == nil || isComposed(elem):
		return "", t.noRow(cmp.Or(elem, ty))
	case count < 1:
		return "", t.fail("its type does not tell how many elements it has", "ask for some of them: [0] or [0-3]")
	}
	kind, err := t.sized(elem, sign)
	if err != nil || kind == "" {
		return "", t.noRow(elem)
	}
	all, _ := repeat(kind, count)
	return all, nil
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
