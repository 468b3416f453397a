// The functions that fork.go declares are the runtime's: an assembly file, though empty, lets the compiler take their bodies for somewhere else.
