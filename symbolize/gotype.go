package symbolize

import (
	"encoding/hex"
	"reflect"
	"sync"

	"github.com/gperf-dev/gperf/internal/gobin"
)

// GoType is a type that a Go interface holds.
type GoType struct {
	Name string       // with the package's name, not its path: *fs.PathError
	Kind reflect.Kind // of the type
	Text bool         // an interface with a value of the type points to a string, or to a structure that begins with one
}

// goTypes are the types of a program, read when one is asked for.
type goTypes struct {
	once  sync.Once
	types *gobin.Types // nil if there are none
}

// GoType names the type whose descriptor is at an address, as the file is linked, of the Go program of a path. Only a program of that
// build-id, in hexadecimal, is asked: without one it is not known.
func (c *Cache) GoType(path, buildID string, addr uint64) (t GoType, ok bool) {
	key := goTypeKey{path, buildID, addr}
	if known, found := c.types[key]; found {
		return known, known.Name != ""
	}
	if id, err := hex.DecodeString(buildID); err == nil && len(id) > 0 {
		if h, ok := c.s.module(&Mapping{Path: path, BuildID: id}).typeAt(addr); ok {
			t = GoType{Name: h.Name, Kind: h.Kind, Text: h.Text}
		}
	}
	if c.types == nil || len(c.types) >= maxNames {
		c.types = make(map[goTypeKey]GoType)
	}
	c.types[key] = t
	return t, t.Name != ""
}

// goTypeKey is a question for a type.
type goTypeKey struct {
	path, buildID string
	addr          uint64
}

// typeAt finds a type of the file, if it is a program of Go.
func (m *module) typeAt(addr uint64) (gobin.HeldType, bool) {
	m.goTypes.once.Do(func() {
		if m.file != nil && gobin.Is(m.file) {
			m.goTypes.types = gobin.OpenTypes(m.file)
		}
	})
	if m.goTypes.types == nil {
		return gobin.HeldType{}, false
	}
	return m.goTypes.types.At(addr)
}
