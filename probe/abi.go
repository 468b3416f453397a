package probe

import (
	"debug/elf"
	"fmt"
	"strconv"
	"strings"
)

// positional replaces $argN in what the kernel fetches by itself. At the entry of a function the kernel knows these for
// its own probes; in a program they are where the calling convention of C has integers and pointers.
func (v *values) positional(a *Argument, fetch string, s *spot) (string, error) {
	const mark = "$arg"
	for from := 0; ; {
		i := strings.Index(fetch[from:], mark)
		if i < 0 {
			return fetch, nil
		}
		i += from
		digits := i + len(mark)
		for digits < len(fetch) && fetch[digits] >= '0' && fetch[digits] <= '9' {
			digits++
		}
		if err := v.r.atEntry(a, s, v.e.Return); err != nil {
			return "", err
		}
		if !v.r.user() {
			return fetch, nil
		}
		n, err := strconv.Atoi(fetch[i+len(mark) : digits])
		if err != nil || n < 1 || n > MaxArgs {
			return "", &ArgumentError{Arg: a.Text, Msg: "there is no such argument", Next: "in a program write $arg1, $arg2, … or, with debug information, $params"}
		}
		at := v.r.argument(n)
		v.e.Notes = appendNew(v.e.Notes, fmt.Sprintf("%s is read from %s: there C functions have it if it and those before it are integers or pointers.", fetch[i:digits], at))
		fetch = fetch[:i] + at + fetch[digits:]
		from = i + len(at)
	}
}

// atEntry refuses $argN where arguments may be elsewhere by now.
func (r *Resolver) atEntry(a *Argument, s *spot, isReturn bool) error {
	switch {
	case isReturn && !r.user():
		return nil // newer kernels keep them until then; the others say that they do not
	case isReturn:
		return &ArgumentError{Arg: a.Text, Msg: "a function's arguments are gone when it returns", Next: "probe the entry too"}
	case s.inlined:
		return &ArgumentError{Arg: a.Text, local: true, Msg: "the function is inlined there, and has no arguments of its own", Next: "name the parameter, or use $params"}
	case s.addr != s.entry || s.symbol == "":
		return &ArgumentError{Arg: a.Text, local: true, Msg: "arguments are known only at the entry of a function", Next: "name the parameter, or use $params"}
	}
	return nil
}

// argument writes where C has the n-th integer argument, from 1, at a function's entry.
func (r *Resolver) argument(n int) string {
	m := r.image.machine
	if n <= len(m.C.IntArgs) {
		if name, ok := m.FetchName(m.C.IntArgs[n-1]); ok {
			return "%" + name
		}
	}
	offset := m.PointerSize * (n - len(m.C.IntArgs) - 1)
	if m.ELF == elf.EM_X86_64 {
		offset += m.PointerSize // the return address
	}
	sp, _ := m.FetchName(m.SP)
	return fmt.Sprintf("+%d(%%%s)", offset, sp)
}

// kernelOnly are types whose values are addresses of the kernel.
const kernelOnly = " symbol symstr %pd %pD "

// checkRaw refuses what the kernel would refuse without saying what else to do.
func (v *values) checkRaw(a *Argument) error {
	switch {
	case a.User && a.Expr == nil:
		return &ArgumentError{Arg: a.Text, Msg: "@user is for variables", Next: "write the u yourself: +u0(%si)"}
	case strings.HasPrefix(a.Value, `\"`) && v.r.user(): // fetch_store_string of kernel/trace/trace_uprobe.c takes the kernel's copy for one of the program
		return &ArgumentError{Arg: a.Text, Msg: "constant text is only for probes of the kernel: in a program's, the kernel looks for it in the program's memory", Next: "name the event after it: EVENT=POINT"}
	case a.Type != "" && v.r.user() && strings.Contains(kernelOnly, " "+a.Type+" "):
		return &ArgumentError{Arg: a.Text, Msg: ":" + a.Type + " names addresses of the kernel, not of a program", Next: "ask for a number: :x64"}
	}
	return nil
}
