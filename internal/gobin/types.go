package gobin

import (
	"reflect"
	"sync"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// Types names the types of a program by the addresses of their descriptors, which stripping leaves. It is safe for concurrent use.
type Types struct {
	mu sync.Mutex
	r  typeReader
}

// OpenTypes finds where a program's types are; nil if that is not known. The file stays open as long as the Types are in use.
func OpenTypes(f *objfile.File) *Types {
	t := &Types{r: typeReader{find: sections(f)}}
	if !t.r.open(f) {
		return nil
	}
	return t
}

// At returns the type whose descriptor is at an address as the file is linked; ok is false if none is there.
func (t *Types) At(addr uint64) (h HeldType, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	kind := reflect.Kind(t.r.kind(addr))
	if kind == reflect.Invalid || kind > reflect.UnsafePointer {
		return h, false
	}
	h = HeldType{Addr: addr, Name: t.r.name(addr), Text: t.r.text(addr), Kind: kind}
	return h, h.Name != ""
}
