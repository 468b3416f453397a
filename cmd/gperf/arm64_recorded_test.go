package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// armCases are those of TestRecordedValues, as clang compiles them for arm64. Values that are refused there are so by other words.
func armCases() []recordedCase {
	refused := map[string]string{
		"gives_wide%return $retval d=$retval.d": "only the caller has when the function returns",
		"floats a b n":                          "register v0",
		"longs big":                             "it is in 1 pieces", // of two
	}
	optimisedOut := []string{"stacked g h i:u8 i", "stacked a b c d e f g h i", "enums c m yes no"}
	var cases []recordedCase
	for _, c := range recordedCases() {
		c.define = strings.ReplaceAll(c.define, "%di", "%x0")
		// Linux 6.1 has no type char.
		c.define = strings.ReplaceAll(c.define, ":char", ":u8")
		c.want = regexp.MustCompile(`(_char)?='(.)'`).ReplaceAllStringFunc(c.want, func(s string) string {
			return fmt.Sprintf("%s=%d", strings.Replace(s[:len(s)-4], "_char", "_u8", 1), s[len(s)-2])
		})
		if why, ok := refused[c.define]; ok {
			c.refused = why
			if c.builds == "" {
				c.builds = "."
			}
		}
		c.want = strings.NewReplacer(" i=105", " i=0x69", " w=119", " w=0x77").Replace(c.want) // char and wchar_t have no sign
		for _, define := range optimisedOut {
			if c.define == define {
				c.builds, c.refused = clangO, "optimised out"
			}
		}
		cases = append(cases, c)
	}
	return append(cases,
		recordedCase{"gives_double%return $retval", "", ".", "register v0"},
		recordedCase{"gives_mixed%return $retval", "retval_d=6.5 retval_s=-6 retval_n=1000000", "", ""},
		recordedCase{"gives_mixed%return n=$retval.n d=$retval.d", "n=1000000 d=6.5", "", ""},
		recordedCase{"gives_reals%return $retval", "", ".", "in floating point registers, from v0 on"})
}

// armRecorded builds the program of TestRecordedValues in two ways, without a C library, and records all values in the guest. What is refused
// is so on the host, since it needs no probe.
func armRecorded(t *testing.T, bin string) []armPiece {
	t.Helper()
	testkit.Need(t, testkit.Clang, testkit.LLD)
	gperf := gperfBinary(t)
	var pieces []armPiece
	for i, flags := range []string{"-O0 -gdwarf-5", "-O2 -gdwarf-4"} {
		name := fmt.Sprintf("recorded%d", i)
		prog := filepath.Join(bin, name)
		args := "--target=aarch64-linux-gnu -w -ffreestanding -nostdlib -static -fuse-ld=lld -fdebug-compilation-dir=/tmp/source -isystem testdata/arm64/c/include " + flags +
			" -o " + prog + " testdata/recorded/recorded.c testdata/arm64/c/start.c"
		testkit.Run(t, "clang", strings.Fields(args)...)
		var script strings.Builder
		fmt.Fprintf(&script, "cp /tmp/bin/%s recorded; mkdir -p /tmp/source/testdata/recorded; cp /tmp/bin/recorded.c /tmp/source/testdata/recorded\ngperf probe -q -x ./recorded", name)
		defined := map[string]recordedCase{}
		for k, c := range armCases() {
			define := linesOf(t, c.define)
			if c.builds != "" && regexp.MustCompile(c.builds).MatchString("clang "+flags) {
				out, err := exec.Command(gperf, "probe", "-x", prog, "-D", define).CombinedOutput()
				if err == nil || !strings.Contains(string(out), c.refused) {
					t.Errorf("%s, %s: %v, %s, want an error with %q", flags, c.define, err, out, c.refused)
				}
				continue
			}
			event := fmt.Sprintf("c%02d", k)
			defined[event] = c
			fmt.Fprintf(&script, " -a '%s:%s=%s'", name, event, define)
		}
		fmt.Fprintf(&script, "\ngperf record -q -o data -e '%[1]s:*' ./recorded\ngperf script -i data >values\ngperf probe -q -d '%[1]s:*'\n", name)
		pieces = append(pieces, armPiece{name, script.String(), func(t *testing.T, read func(string) string) {
			got := hitsOf(read("values"), name)
			for event, c := range defined {
				if have := strings.Join(got[event], "\n"); !regexp.MustCompile(`^(?:` + wanted(c.want) + `)$`).MatchString(have) {
					t.Errorf("%s recorded\n%s\nwant\n%s", c.define, have, c.want)
				}
			}
		}})
	}
	return pieces
}
