package testkit

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Run runs a program to its end and returns what it printed on standard output. The program's failure fails the test, with
// what it said on standard error.
func Run(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	return runIn(t, exec.Command(name, args...))
}

func runIn(t testing.TB, c *exec.Cmd) []byte {
	t.Helper()
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(c.Args, " "), err, out, &stderr)
	}
	return out
}

// RunPerf is Run of the reference perf, which the test needs. What perf keeps in the user's home, copies of files and its
// configuration, goes to a directory of the test.
func RunPerf(t testing.TB, args ...string) []byte {
	t.Helper()
	Need(t, Perf)
	c := exec.Command(string(Perf), args...)
	c.Env = append(os.Environ(), "HOME="+t.TempDir())
	return runIn(t, c)
}

// Compile builds a program with a compiler (GCC, GXX, Clang), which the test needs, and returns its path. args are the
// sources and flags; warnings are off.
func Compile(t testing.TB, compiler Feature, args ...string) string {
	t.Helper()
	Need(t, compiler)
	program := filepath.Join(t.TempDir(), "program")
	Run(t, string(compiler), append([]string{"-w", "-o", program}, args...)...)
	return program
}

// Group is a name for the group of a test's probes that no test of another package, and no other run, uses at the same
// time. The test removes its probes itself.
func Group(room string) string { return fmt.Sprintf("probe_%s%d", room, os.Getpid()) }
