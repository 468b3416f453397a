// Package dwarffile puts the debug information of a program together from where it lies: the sections of its file or of a separate one,
// the file that dwz made of what several share, and the .dwo and .dwp files of a compiler that split it.
package dwarffile
