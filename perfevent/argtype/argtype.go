// Package argtype describes what an event's fields mean beyond the kernel's
// format: that two of them are a Go string's pointer and length, that a number
// is an enum's or a float's bits. Types travel with the event: from the
// definition of a probe, by a Store, to the recording, and in the recording by
// an EVENT_UPDATE record's payload.
package argtype

// Kind is how the bits of a field are to be read.
type Kind uint8

// The kinds. Their names stand in recordings.
const (
	Unknown   Kind = iota // print by the kernel's format
	Int                   // signed number
	Uint                  // unsigned number
	Hex                   // number in hexadecimal
	Bool                  // false or true
	Char                  // a character of one byte
	Enum                  // number with names
	Float32               // IEEE 754 bits in a 32-bit field
	Float64               // IEEE 754 bits in a 64-bit field
	String                // the kernel's string field, printed as it is
	Text                  // bytes with their length beside them: a Go string, std::string, &str
	Slice                 // elements with their number beside them: a Go slice, Vec, std::vector
	Map                   // the number of its entries
	Chan                  // the number of elements in it, and of those it can hold
	Interface             // a Go interface: a type and a value
	Duration              // nanoseconds, shown as Go shows them
	Goroutine             // number of a goroutine, NoGoroutine where there is none, which shows as -
)

// NoGoroutine stands for the number of a goroutine where code of no goroutine runs, or none that can be told.
const NoGoroutine = -1

// kindNames are the kinds in JSON.
func kindNames() [17]string {
	return [...]string{"unknown", "int", "uint", "hex", "bool", "char", "enum", "float32", "float64", "string",
		"text", "slice", "map", "chan", "interface", "duration", "goroutine"}
}

// String is the kind's name in JSON.
func (k Kind) String() string {
	if n := kindNames(); int(k) < len(n) {
		return n[k]
	}
	return "unknown"
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name. A name that a later version made is
// Unknown: such a field prints by the kernel's format.
func (k *Kind) UnmarshalText(b []byte) error {
	*k = Unknown
	for i, n := range kindNames() {
		if n == string(b) {
			*k = Kind(i)
		}
	}
	return nil
}

// Type is the meaning of one value.
type Type struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name,omitempty"` // the source language's name: "enum color", "time.Duration"
	Size int    `json:"size,omitempty"` // bytes of the value in the traced program; 0: as the raw field
	Bits int    `json:"bits,omitempty"` // how many of the raw field's low bits are the value, of a bit-field; 0: all of Size
	// Values are an enum's names, ordered by value.
	Values []EnumValue `json:"values,omitempty"`
	// Other is what all other values of an enum mean: of Rust's, the variant whose own value lies where the others have their number.
	Other string `json:"other,omitempty"`
	Elem  *Type  `json:"elem,omitempty"` // of Slice
}

// Concrete is a type that an interface may hold. Kind Text means that a string is the value or the first member of what
// the value points to, a number's kind that the value is in memory, Unknown that only the pointer can be shown.
type Concrete struct {
	Addr uint64 `json:"addr"` // of the type's descriptor, as the file is linked
	Type
}

// EnumValue is one name of an enum.
type EnumValue struct {
	Value int64  `json:"value"`
	Name  string `json:"name"`
}

// Field is one value that a user asked for. It shows as one field and is read
// from one or more fields of the raw data.
type Field struct {
	Name string `json:"name"` // as shown
	Type Type   `json:"type"`
	// Raw names the kernel's fields with the value: one; of Text and Slice several, one behind the other, if one array
	// cannot hold the bytes or elements, none if only their number is known. Of an Interface it is the address of the type.
	Raw []string `json:"raw"`
	// Ptr, Len, Cap and End name the kernel's fields with the address of the bytes or elements, their number, how many there is room
	// for, and the address behind the last element, which stands for Len in some languages.
	Ptr string `json:"ptr,omitempty"`
	Len string `json:"len,omitempty"`
	Cap string `json:"cap,omitempty"`
	End string `json:"end,omitempty"`
	// Via names the kernel's fields with the pointers that were followed to the value. Where one of these cannot be followed, the
	// kernel leaves what an earlier event had in its buffer, so such a value is a fault.
	Via []string `json:"via,omitempty"`
	// Exact tells of Text, and of a Slice of bytes, that the bytes are as long as they were copied, not more.
	Exact bool `json:"exact,omitempty"`
	// Elems are the first elements of a Slice whose elements are read one by one, or what is in memory at an Interface's value.
	Elems []Field `json:"elems,omitempty"`
}

// Event is the meaning of an event's fields.
type Event struct {
	Group      string `json:"group"`
	Name       string `json:"name"`
	Definition string `json:"definition"`         // its lines as the kernel lists them, one for each place
	BuildID    string `json:"build_id,omitempty"` // of the traced file, hexadecimal
	Path       string `json:"path,omitempty"`     // of the traced file
	// Places are the probe's addresses as the file is linked, for a file that is loaded elsewhere, where a value is an address of
	// the file.
	Places []uint64 `json:"places,omitempty"`
	Fields []Field  `json:"fields"`
	// Concrete are types that an Interface may hold, ordered by address.
	Concrete []Concrete `json:"concrete,omitempty"`
}
