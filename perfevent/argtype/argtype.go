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
	Unknown  Kind = iota // print by the kernel's format
	Int                  // signed number
	Uint                 // unsigned number
	Hex                  // number in hexadecimal
	Bool                 // false or true
	Char                 // a character of one byte
	Enum                 // number with names
	Float32              // IEEE 754 bits in a 32-bit field
	Float64              // IEEE 754 bits in a 64-bit field
	String               // the kernel's string field, printed as it is
	GoString             // bytes and their length in two raw fields
)

// kindNames are the kinds in JSON.
func kindNames() [11]string {
	return [...]string{"unknown", "int", "uint", "hex", "bool", "char", "enum", "float32", "float64", "string", "gostring"}
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
}

// EnumValue is one name of an enum.
type EnumValue struct {
	Value int64  `json:"value"`
	Name  string `json:"name"`
}

// Field is one value that a user asked for. It shows as one field and is read
// from one or two fields of the raw data.
type Field struct {
	Name string `json:"name"` // as shown
	Type Type   `json:"type"`
	// Raw names the kernel's fields with the value: one, or for GoString the
	// field with the bytes (a string, or an array of u8) and the field with
	// the length.
	Raw []string `json:"raw"`
}

// Event is the meaning of an event's fields.
type Event struct {
	Group      string  `json:"group"`
	Name       string  `json:"name"`
	Definition string  `json:"definition"`         // its lines as the kernel lists them, one for each place
	BuildID    string  `json:"build_id,omitempty"` // of the traced file, hexadecimal
	Fields     []Field `json:"fields"`
}
