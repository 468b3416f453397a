package symbolize

import (
	"encoding/binary"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/symbolize/unwind"
)

// Code is what an unwinder needs to know of a mapping. It is the same pointer for the same mapping until the Cache starts anew.
func (c *Cache) Code(m *Mapping) *unwind.Code {
	if code, ok := c.codes[m]; ok {
		return code
	}
	mod := c.module(m)
	code := &unwind.Code{}
	code.Table, code.Why = c.s.frames(mod, m)
	if code.Table != nil {
		code.VAddr = func(addr uint64) (uint64, bool) { return mod.vaddr(m, addr) }
	}
	if len(c.codes) >= maxMappings {
		clear(c.codes)
	}
	c.codes[m] = code
	return code
}

// Word reads eight bytes of the mapped file, if the process cannot have changed them.
func (c *Cache) Word(m *Mapping, addr uint64) (v uint64, ok bool) {
	f := c.module(m).file
	if f == nil || m.Writable || addr < m.Start || addr >= m.End || m.End-addr < 8 {
		return 0, false
	}
	err := objfile.Guard("", func() error {
		b, off := f.Bytes(), addr-m.Start+m.Offset
		if m.Path == objfile.VDSOName {
			off = addr - m.Start
		}
		if ok = off < uint64(len(b)) && uint64(len(b))-off >= 8; ok {
			v = binary.LittleEndian.Uint64(b[off:])
		}
		return nil
	})
	return v, ok && err == nil
}

// frames reads a module's tables when they are first needed.
func (s *Symbolizer) frames(mod *module, m *Mapping) (*unwind.Table, unwind.Stop) {
	mod.framesOnce.Do(func() {
		switch {
		case mod.file != nil:
		case mod.identity || mod.reason == Anonymous:
			mod.noFrames = unwind.Anonymous
			return
		default:
			mod.noFrames = unwind.NoFile
			return
		}
		t, err := unwind.New(mod.file.Bytes(), func() []byte { return s.debugFrames(mod, m) })
		if err != nil {
			mod.noFrames = unwind.NoTable
			return
		}
		mod.frames = t
	})
	return mod.frames, mod.noFrames
}

// debugFrames is the separate file with a module's .debug_frame, nil if there is none.
func (s *Symbolizer) debugFrames(mod *module, m *Mapping) []byte {
	const section = ".debug_frame"
	if mod.file.HasSection(section) {
		return nil // unwind.New looks there itself
	}
	f, opened := s.withSection(mod, m, section)
	if f == nil {
		return nil
	}
	if opened {
		mod.frameDebug = f
	}
	return f.Bytes()
}
