package symtab

// Nearest gives up to n names that are like name, best first, by edit distance: what to offer when a name is not there.
func (t *Table) Nearest(name string, n int) []string { return nil }
