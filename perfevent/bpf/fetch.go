package bpf

import (
	"fmt"
	"strconv"
	"strings"
)

// fetch is an expression of the kernel's fetch language: a register, a number, or what is in memory at an offset from what another
// gives.
type fetch struct {
	reg    string // without the %; "" if it is none
	imm    int64
	offset int32
	inner  *fetch // memory at inner+offset
}

// CannotError says why a probe's values cannot be recorded by a program.
type CannotError struct {
	Event  string
	Reason string
}

func (e *CannotError) Error() string {
	return fmt.Sprintf("--exact: %s is recorded by the kernel's own means, text as long as was asked for with :string[N]: %s", e.Event, e.Reason)
}

const maxFetchDepth = 32

// parseFetch reads %REG, \NUMBER and [+-][u]OFFSET(FETCH).
func parseFetch(text string) (*fetch, error) { return parseFetchDepth(text, 0) }

func parseFetchDepth(text string, depth int) (*fetch, error) {
	bad := fmt.Errorf("%q is nothing that a program can fetch", text)
	if depth > maxFetchDepth || text == "" {
		return nil, bad
	}
	switch text[0] {
	case '%':
		return &fetch{reg: text[1:]}, nil
	case '\\':
		n, err := strconv.ParseInt(text[1:], 0, 64)
		if err != nil {
			return nil, bad
		}
		return &fetch{imm: n}, nil
	case '+', '-':
		number, rest, ok := strings.Cut(text, "(")
		if !ok || !strings.HasSuffix(rest, ")") {
			return nil, bad
		}
		n, err := strconv.ParseInt(strings.Replace(number, "u", "", 1), 0, 32)
		if err != nil {
			return nil, bad
		}
		inner, err := parseFetchDepth(rest[:len(rest)-1], depth+1)
		if err != nil {
			return nil, err
		}
		return &fetch{offset: int32(n), inner: inner}, nil
	}
	return nil, bad
}

// registers are where a program finds the registers in struct pt_regs, by the names of the fetch language.
func registers(goarch string) map[string]int16 {
	out := map[string]int16{}
	switch goarch {
	case "amd64": // arch/x86/include/asm/ptrace.h
		for i, n := range []string{"r15", "r14", "r13", "r12", "bp", "bx", "r11", "r10", "r9", "r8", "ax", "cx", "dx", "si", "di", "", "ip", "cs", "flags", "sp", "ss"} {
			out[n] = int16(8 * i)
		}
	case "arm64": // struct user_pt_regs
		for i := range 31 {
			out["x"+strconv.Itoa(i)] = int16(8 * i)
		}
		out["sp"], out["pc"], out["ip"] = 8*31, 8*32, 8*32
	}
	delete(out, "")
	return out
}
