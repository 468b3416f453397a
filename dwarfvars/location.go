package dwarfvars

import "github.com/gperf-dev/gperf/internal/dwarfunit"

// Kind says where a value is.
type Kind uint8

// The kinds of a [Location].
const (
	Register Kind = iota + 1 // in register Reg
	Memory                   // in memory, see Location
	Constant                 // nowhere: the compiler knows it is Const
	Pieces                   // in several registers or places, which Counted or Interface name
)

// NoReg is the Reg of a Memory location whose Offset is an absolute address (a
// global or static variable's virtual address as the file is linked).
const NoReg = -1

// Location says where a value is, in terms that a probe can fetch.
//
// A Register location is the register's low Type.Size bytes. A Memory location's
// address is computed thus: begin with the register's value plus Offset (or Offset alone
// with NoReg); then for each number in Derefs, read a pointer there and add
// the number. The value is at the address that results; in probe notation
// Offset(%reg) is the innermost and the last of Derefs the outermost.
type Location struct {
	Kind   Kind
	Reg    int     // DWARF number of the register; NoReg
	Offset int64   // added to the register, or the absolute address
	Derefs []int64 // pointers that are followed, outermost last
	Const  int64   // value of a Constant, sign-extended from its size; of a pointer into the file's data the address as linked
	Bits   *BitField
	Type   Type
	// Go tells that it is a value of a Go type.
	Go bool
	// Counted is where the parts of a String, Slice, Map or Chan are, whatever Kind is.
	Counted *Counted
	// Interface is where the parts of an Interface are, whatever Kind is.
	Interface *Interface
}

// Counted says where the parts of a value are that is a pointer to elements and their number: a string, a slice, a vector. All parts
// are numbers of 8 bytes, or of the machine's pointers.
type Counted struct {
	Data Location  // the pointer to the first element
	Len  *Location // how many elements there are; nil: Data to End
	Cap  *Location // how many there is room for; nil if the type does not tell
	End  *Location // the pointer behind the last element; nil if Len tells
	Elem Type
	// ElemData and ElemLen are where in an element that is a String its pointer and its length are, in bytes.
	ElemData, ElemLen int64
}

// Interface says where the parts of a Go interface are.
type Interface struct {
	Type Location // the address of the type's descriptor; 0 if the interface is nil
	Data Location // the pointer to the value, or the value if it is a pointer

	unit *dwarfunit.Context // that of its type
}

// BitField is a part of an integer. The location is that of the container.
type BitField struct {
	Offset    int // bits from the container's least significant bit (the kernel's b<width>@<offset>/<container>)
	Width     int // bits
	Container int // size of the integer to read, in bits: 8, 16, 32 or 64
}

// TypeKind is a type's nature, typedefs and qualifiers looked through.
type TypeKind uint8

// The kinds of a [Type].
const (
	TypeVoid      TypeKind = iota // no type at all, as behind void *
	TypeInt                       // signed integer
	TypeUint                      // unsigned integer
	TypeBool                      // truth value
	TypeChar                      // plain or unsigned char, one byte of text
	TypeFloat                     // float, double, long double
	TypeEnum                      // enumeration, see Values
	TypePointer                   // pointer or reference, see Elem
	TypeArray                     // see Elem and Count
	TypeStruct                    // structure, class
	TypeUnion                     //
	TypeFunc                      // function, behind a pointer to it
	TypeOther                     // anything else, such as complex numbers
	TypeString                    // text with its length beside it, see Location.Counted
	TypeSlice                     // elements with their number beside them, see Location.Counted
	TypeMap                       // a Go map
	TypeChan                      // a Go channel
	TypeInterface                 // a Go interface, see Location.Interface
)

// Type describes a value's type as far as printing it needs.
type Type struct {
	Name   string // as perf probe -V spells it: char*, struct file*, umode_t
	Kind   TypeKind
	Size   int64 // bytes; -1 if unknown (an array without a bound, an incomplete type)
	Signed bool  // of Int, Char and Enum
	Elem   *Type // of Pointer and Array; its own Elem is set two levels down at most
	Count  int64 // elements of an Array; -1 if unknown
	Values []EnumValue
	Other  string // of an Enum: what all other values mean, "" if nothing
}

// EnumValue is one name of an enumeration.
type EnumValue struct {
	Name  string
	Value int64
}
