// Package dwarfvars answers what a probe asks of debug information: where a
// function's instances begin, which variables live there, and where the value of
// an expression like o->in.name or arr[3] is found at such a place.
//
// It reads ELF files with DWARF 2 to 5. The answers are data: an address is a
// virtual address as the file is linked, a register is a DWARF register number, and a
// value's place is a [Location] that the caller turns into whatever reads it.
// What cannot be read with registers and memory at the place is refused in words,
// never guessed.
package dwarfvars
