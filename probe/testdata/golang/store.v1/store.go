// Package store has a dot in its path.
package store

type Box struct{ n int }

//go:noinline
func (b *Box) Fill(n int) int { b.n += n; return b.n }

//go:noinline
func Empty() *Box { return &Box{} }
