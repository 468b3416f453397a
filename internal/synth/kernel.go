package synth

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// ErrRestricted tells that the kernel hides its addresses (kptr_restrict, perf_event_paranoid), so that its samples can
// get no names.
var ErrRestricted = errors.New("the kernel hides its addresses in /proc/kallsyms")

// ErrNoKallsyms tells that the kernel was built without a symbol table.
var ErrNoKallsyms = errors.New("no symbol _text or _stext in /proc/kallsyms")

// hostMachine is the pid of records about the kernel.
const hostMachine = ^uint32(0)

// Kernel tells of the kernel's own text. The name of the record's file says which symbol the address is of, so that a
// reader can tell how far a kernel was moved by KASLR. The errors are ErrRestricted and ErrNoKallsyms, or of reading.
func Kernel(root fs.FS, emit Emit) error {
	f, err := root.Open("proc/kallsyms")
	if err != nil {
		return fmt.Errorf("kernel symbols: %w", err)
	}
	defer f.Close()
	text, err := findText(f)
	if err != nil {
		return err
	}
	return emit(&record.Mmap{
		Meta: record.Meta{Misc: record.MiscKernel},
		PID:  hostMachine, Addr: text.start, Len: text.end - text.start, PgOff: text.start,
		Filename: "[kernel.kallsyms]" + text.symbol,
	})
}

// kernelText is the range that perf takes for the kernel's map.
type kernelText struct {
	symbol     string
	start, end uint64
}

// findText looks for the symbols at start and end: _text, else _stext; _edata, else _etext.
func findText(r io.Reader) (kernelText, error) {
	marks := map[string]uint64{}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 256<<10), 1<<20)
	for lines.Scan() {
		addr, kind, name, ok := kallsym(lines.Bytes())
		if !ok {
			continue
		}
		isFunction := kind == 'T' || kind == 't' || kind == 'W' || kind == 'w'
		switch string(name) {
		case "_edata":
			marks["_edata"] = addr
		case "_text", "_stext", "_etext":
			if _, have := marks[string(name)]; isFunction && !have {
				marks[string(name)] = addr
			}
		}
		if len(marks) == 4 {
			break
		}
	}
	if err := lines.Err(); err != nil {
		return kernelText{}, fmt.Errorf("/proc/kallsyms: %w", err)
	}
	for _, name := range []string{"_text", "_stext"} {
		start, ok := marks[name]
		if !ok {
			continue
		}
		if start == 0 {
			return kernelText{}, ErrRestricted
		}
		end := cmp.Or(marks["_edata"], marks["_etext"], ^uint64(0))
		return kernelText{symbol: name, start: start, end: max(end, start)}, nil
	}
	return kernelText{}, ErrNoKallsyms
}

// kallsym reads "ffffffff81000000 T _text" and what may follow behind a tab, the module.
func kallsym(line []byte) (addr uint64, kind byte, name []byte, ok bool) {
	word, rest := field(line)
	if len(rest) < 3 || rest[1] != ' ' || rest[2] != '_' { // all that are looked for begin so
		return 0, 0, nil, false
	}
	addr, ok = number(word, 16)
	name, _, _ = bytes.Cut(rest[2:], []byte("\t"))
	return addr, rest[0], name, ok
}

// Modules tells of the modules that are loaded, by ascending address. release is uname -r: the names are paths of files
// below /lib/modules/RELEASE where there is one, else [MODULE]. A kernel without modules has nothing to tell; the error
// is ErrRestricted where addresses are hidden.
func Modules(root fs.FS, release string, emit Emit) error {
	b, err := fs.ReadFile(root, "proc/modules")
	if err != nil {
		return nil // CONFIG_MODULES is off
	}
	modules, err := parseModules(b)
	if err != nil {
		return err
	}
	if len(modules) == 0 {
		return nil
	}
	paths := modulePaths(root, "lib/modules/"+release)
	for _, m := range modules {
		file := paths[m.name]
		if file == "" {
			file = "[" + m.name + "]"
		}
		err := emit(&record.Mmap{
			Meta: record.Meta{Misc: record.MiscKernel}, PID: hostMachine, Addr: m.addr, Len: m.size, Filename: file,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

type module struct {
	name       string
	addr, size uint64
}

// parseModules reads lines such as "ext4 1003520 1 - Live 0xffffffffc0a2b000".
func parseModules(b []byte) ([]module, error) {
	var out []module
	for line := range strings.Lines(string(b)) {
		words := strings.Fields(line)
		if len(words) < 6 {
			continue
		}
		size, ok1 := number([]byte(words[1]), 10)
		addr, ok2 := number([]byte(strings.TrimPrefix(words[5], "0x")), 16)
		if !ok1 || !ok2 {
			continue
		}
		if addr == 0 {
			return nil, ErrRestricted
		}
		out = append(out, module{words[0], addr, size})
	}
	slices.SortFunc(out, func(a, b module) int { return cmp.Compare(a.addr, b.addr) })
	return out, nil
}

// modulePaths maps names, as the kernel has them, to files. The links to the sources are not followed.
func modulePaths(root fs.FS, dir string) map[string]string {
	paths := map[string]string{}
	_ = fs.WalkDir(root, dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // what cannot be read has no files for us
		}
		base, _, ok := strings.Cut(d.Name(), ".ko")
		if ok {
			paths[strings.ReplaceAll(base, "-", "_")] = "/" + path
		}
		return nil
	})
	return paths
}
