// Package debugfile finds the separate file that holds an object's debug information: by build-id, by debug link, in perf's build-id cache,
// and for the kernel in the places where distributions put vmlinux.
package debugfile

// Options say where to look. The zero value is perf's order on this machine.
type Options struct {
	Root    string   // prefix of every path (perf's --symfs)
	Dirs    []string // directories like /usr/lib/debug, which is the default
	Cache   string   // perf's build-id cache; "" means $HOME/.debug, "-" none
	Section string   // what the file must have; "" means ".debug_info"
}

// Find gives the file with debug information for the object at path; that may be path itself. tried lists where it looked, in order. The
// error is a *NotFoundError, or what opening path gave.
func Find(path string, o Options) (found string, tried []string, err error) {
	return "", nil, nil
}

// Vmlinux finds the kernel's image with debug information. release is `uname -r`, "" for the running one; buildID nil means that of the
// running kernel if release is running, else any.
func Vmlinux(release string, buildID []byte, o Options) (found string, tried []string, err error) {
	return "", nil, nil
}

// NotFoundError says that no debug file was found.
type NotFoundError struct {
	Object  string
	BuildID []byte
	Tried   []string
}

func (e *NotFoundError) Error() string { return "" }

// Hint is the next step in words.
func (e *NotFoundError) Hint() string { return "" }
