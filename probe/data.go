package probe

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/symtab"
)

// dataAt writes the place of a global variable. In a program it is an offset in the mapped file, counted as the kernel
// does: from where the probed code is mapped (@+OFFSET). In the kernel it is a symbol.
func (r *Resolver) dataAt(a *Argument, addr uint64) (string, error) {
	if r.user() {
		return r.fileData(a, addr)
	}
	name, offset, ok := r.image.symbolAt(addr)
	if !ok {
		return "", &ArgumentError{Arg: a.Text, Msg: fmt.Sprintf("no symbol of the kernel holds address %#x", addr)}
	}
	return "@" + name + "+" + strconv.FormatUint(offset, 10), nil
}

func (r *Resolver) fileData(a *Argument, addr uint64) (string, error) {
	bias, ok := r.image.file.TextBias()
	if !ok || addr < bias {
		return "", &ArgumentError{Arg: a.Text, Msg: fmt.Sprintf("the data at %#x cannot be reached from the code", addr)}
	}
	return "@+" + hexText(addr-bias), nil
}

// dataPlace replaces @SYMBOL[+-OFFSET], which begins at fetch[at], by the symbol's place in the program's file.
func (r *Resolver) dataPlace(a *Argument, fetch string, at int) (string, error) {
	end := at + 1
	for end < len(fetch) && fetch[end] != ')' {
		end++
	}
	name, offset := fetch[at+1:end], int64(0)
	if i := strings.LastIndexAny(name, "+-"); i > 0 {
		n, err := strconv.ParseInt(name[i:], 0, 64)
		if err != nil {
			return "", &ArgumentError{Arg: a.Text, Msg: "there is no number behind the symbol's sign", Next: "memory at a symbol is @SYMBOL or @SYMBOL+NUMBER"}
		}
		name, offset = name[:i], n
	}
	t, err := r.image.symbols()
	if err != nil {
		return "", err
	}
	for _, s := range t.Named(name) {
		if s.Type == symtab.Object || !r.image.file.InText(s.Addr) {
			text, err := r.fileData(a, s.Addr+uint64(offset))
			return fetch[:at] + text + fetch[end:], err
		}
	}
	return "", &ArgumentError{Arg: a.Text, Msg: fmt.Sprintf("%s has no data symbol %s", r.image.path, name), Next: symtab.DidYouMean(t.Nearest(name, 5))}
}
