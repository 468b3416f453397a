package tracefs

import "strings"

// wordSize stands for the size of a kernel's long, which a format does not
// tell: Context.PointerSize does.
const wordSize = 0xff

// ctype is as much of a C type as printing needs.
type ctype struct {
	size    uint8 // bytes; wordSize; 0: unknown, values keep their bits
	signed  bool
	pointer bool
	elem    uint8 // size of what a pointer points at, as size
}

var (
	typeInt   = ctype{size: 4, signed: true}
	typeUint  = ctype{size: 4}
	typeLong  = ctype{size: wordSize, signed: true}
	typeUlong = ctype{size: wordSize}
	typeS64   = ctype{size: 8, signed: true}
	typeU64   = ctype{size: 8}
)

// typeOf reads a C type name. Unknown names give size 0.
func typeOf(name string) ctype {
	var (
		t        ctype
		unsigned bool
		longs    int
		known    bool
		ints     bool
	)
	name = strings.TrimSpace(name)
	if strings.HasSuffix(name, "*") {
		el := typeOf(strings.TrimSuffix(name, "*"))
		return ctype{size: wordSize, pointer: true, elem: el.size}
	}
	t.signed = true
	for w := range strings.FieldsSeq(name) {
		switch w {
		case "const", "volatile", "__user", "__rcu", "struct", "union":
		case "unsigned":
			unsigned, ints, known = true, true, true
		case "signed", "__signed__":
			ints, known = true, true
		case "long":
			longs++
			known = true
		case "int":
			ints, known = true, true
		case "char":
			t.size, known = 1, true
		case "short":
			t.size, known = 2, true
		case "enum":
			// gcc gives an enum without negative values the type unsigned int.
			return typeUint
		default:
			if d, ok := typedef(w); ok {
				t, known = d, true
			}
		}
	}
	if !known {
		return ctype{}
	}
	switch {
	case longs >= 2:
		t.size = 8
	case longs == 1:
		t.size = wordSize
	case t.size == 0 && ints:
		t.size = 4
	}
	if unsigned {
		t.signed = false
	}
	return t
}

// typedef knows the names that stand in print formats of the kernel.
func typedef(w string) (ctype, bool) {
	switch w {
	case "u8", "__u8", "uint8_t", "bool", "_Bool", "u_char", "blk_status_t":
		return ctype{size: 1}, true
	case "u16", "__u16", "uint16_t", "__le16", "__be16", "umode_t", "u_short", "__sum16":
		return ctype{size: 2}, true
	case "u32", "__u32", "uint32_t", "uint", "__le32", "__be32", "dev_t", "gfp_t", "blk_opf_t", "uid_t", "gid_t", "xfs_agnumber_t", "fmode_t", "__wsum", "xfs_agino_t", "xfs_agblock_t", "xfs_extlen_t":
		return typeUint, true
	case "u64", "__u64", "uint64_t", "__le64", "__be64", "sector_t", "blkcnt_t", "dma_addr_t", "phys_addr_t", "xfs_ino_t", "xfs_fsblock_t", "xfs_daddr_t":
		return typeU64, true
	case "s8", "__s8", "int8_t":
		return ctype{size: 1, signed: true}, true
	case "s16", "__s16", "int16_t":
		return ctype{size: 2, signed: true}, true
	case "s32", "__s32", "int32_t", "pid_t", "clockid_t", "key_serial_t", "ext4_grpblk_t":
		return typeInt, true
	case "s64", "__s64", "int64_t", "loff_t", "ktime_t", "time64_t", "xfs_off_t":
		return typeS64, true
	case "ssize_t", "off_t", "time_t", "intptr_t", "ptrdiff_t":
		return typeLong, true
	case "size_t", "uintptr_t", "ino_t", "pgoff_t", "ulong", "vm_flags_t", "cycles_t":
		return typeUlong, true
	}
	return ctype{}, false
}

// promote is C's integer promotion.
func (t ctype) promote() ctype {
	if t.size == 1 || t.size == 2 {
		return typeInt
	}
	return t
}

// common is the type that C computes in when a and b meet.
func common(a, b ctype) ctype {
	a, b = a.promote(), b.promote()
	if a.size == 0 || b.size == 0 {
		// Unknown: the whole 64 bits, as libtraceevent does always.
		return ctype{size: 8, signed: a.signed && b.signed}
	}
	if rank(a) < rank(b) {
		a, b = b, a
	}
	if rank(a) == rank(b) {
		a.signed = a.signed && b.signed
	}
	a.pointer = a.pointer || b.pointer
	return a
}

func rank(t ctype) int {
	switch t.size {
	case 4:
		return 4
	case wordSize:
		return 5
	case 8:
		return 8
	}
	return int(t.size)
}

// convert gives v, of any type, the value that it has as a t: cut to the size
// and extended by the sign to 64 bits. word is the size of a long.
func (t ctype) convert(v uint64, word int) uint64 {
	switch t.bits(word) {
	case 8:
		if t.signed {
			return uint64(int8(v))
		}
		return v & 0xff
	case 16:
		if t.signed {
			return uint64(int16(v))
		}
		return v & 0xffff
	case 32:
		if t.signed {
			return uint64(int32(v))
		}
		return v & 0xffffffff
	}
	return v
}

// bits is the width of the type; 64 if it is unknown.
func (t ctype) bits(word int) int {
	switch t.size {
	case wordSize:
		return word * 8
	case 0:
		return 64
	}
	return int(t.size) * 8
}

// mask cuts v to the type's width without extending it.
func (t ctype) mask(v uint64, word int) uint64 {
	if b := t.bits(word); b < 64 {
		return v & (1<<b - 1)
	}
	return v
}
