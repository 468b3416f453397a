// Package gobin knows programs that Go's toolchain built: which version, where their functions begin and return, where a goroutine's number
// is, and in which registers ABIInternal passes parameters and results. It reads what stripping leaves: the build information and
// .gopclntab.
package gobin
