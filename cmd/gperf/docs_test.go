package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestDocsConsole runs the `console` blocks of README.md and docs/*.md again, in their order, each file in a directory
// of its own, and compares the output with numbers masked. A line "..." stands for any lines. The words behind
// `console` are the features that the block needs; `console guest` blocks were run on the kernel of the guest and are
// checked by TestKernelProbeInGuest's script instead. A block "c NAME", "cpp", "go" or "rust NAME" is a file of that name; the directory shows in
// the documents as /home/me.
func TestDocsConsole(t *testing.T) {
	bin := filepath.Dir(gperfBinary(t))
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "../../README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		blocks := consoleBlocks(string(text))
		if len(blocks) == 0 {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			dir := t.TempDir()
			writeSources(t, dir, string(text))
			for _, b := range blocks {
				b.run(t, dir, bin)
			}
		})
	}
}

type consoleBlock struct {
	needs []testkit.Feature
	steps []consoleStep
}

type consoleStep struct{ command, output string }

func consoleBlocks(text string) []consoleBlock {
	var blocks []consoleBlock
	for _, m := range regexp.MustCompile("(?ms)^```console *([^\n]*)\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		var b consoleBlock
		if slices.Contains(strings.Fields(m[1]), "guest") {
			continue
		}
		for _, f := range strings.Fields(m[1]) {
			b.needs = append(b.needs, testkit.Feature(f))
		}
		for line := range strings.Lines(m[2]) {
			command, isCommand := strings.CutPrefix(line, "$ ")
			if isCommand {
				b.steps = append(b.steps, consoleStep{command: strings.TrimSpace(command)})
			} else if n := len(b.steps); n > 0 {
				b.steps[n-1].output += line
			}
		}
		blocks = append(blocks, b)
	}
	return blocks
}

func (b *consoleBlock) run(t *testing.T, dir, bin string) {
	t.Helper()
	testkit.Need(t, b.needs...)
	cache := ""
	if slices.Contains(b.needs, testkit.Go) {
		cache = strings.TrimSpace(string(testkit.Run(t, "go", "env", "GOCACHE")))
	}
	for _, s := range b.steps {
		cmd := exec.Command("sh", "-c", s.command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "LC_ALL=C", "HOME="+dir, "CGO_ENABLED=0",
			"GOCACHE="+cache, "GOFLAGS=", // what Go has compiled before is not compiled again
			"RUSTUP_HOME="+filepath.Join(os.Getenv("HOME"), ".rustup")) // where rustup, if rustc is its, looks for the compiler
		out, _ := cmd.CombinedOutput() // a documented failure is compared by its text
		shown := strings.ReplaceAll(string(out), dir, "/home/me")
		if got, want := maskVolatile(shown), maskVolatile(s.output); !matchLines(lines(want), lines(got)) {
			t.Errorf("$ %s\n(-documented +now, masked):\n%s", s.command, cmp.Diff(want, got))
		}
	}
}

func writeSources(t *testing.T, dir, text string) {
	t.Helper()
	for _, m := range regexp.MustCompile("(?ms)^```(?:c|go|cpp|rust) ([a-z.]+)\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		if err := os.WriteFile(filepath.Join(dir, m[1]), []byte(m[2]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func lines(s string) []string { return strings.Split(strings.TrimRight(s, "\n"), "\n") }

// matchLines compares with "..." in want standing for any number of lines.
func matchLines(want, got []string) bool {
	for i, w := range want {
		if strings.TrimSpace(w) == "..." {
			for skip := 0; skip <= len(got)-i; skip++ {
				if matchLines(want[i+1:], got[i+skip:]) {
					return true
				}
			}
			return false
		}
		if i >= len(got) || w != got[i] {
			return false
		}
	}
	return len(want) == len(got)
}

// maskVolatile blanks what differs from run to run: numbers, addresses, and the blanks that line them up.
func maskVolatile(s string) string {
	s = regexp.MustCompile(`\b(0x)?[0-9a-f]*[0-9][0-9a-f.]*\b`).ReplaceAllString(s, "N")
	s = regexp.MustCompile(`(?m)^ +`).ReplaceAllString(s, " ")
	return regexp.MustCompile(` +`).ReplaceAllString(s, " ")
}

func TestMatchLines(t *testing.T) {
	for _, tt := range []struct {
		want, got string
		match     bool
	}{
		{"a\nb", "a\nb", true}, {"a\n...\nc", "a\nb\nb\nc", true}, {"a\n...", "a", true}, {"a", "a\nb", false}, {"a\nb", "a", false}, {"...\nb", "a\nc", false},
	} {
		if got := matchLines(lines(tt.want), lines(tt.got)); got != tt.match {
			t.Errorf("%q against %q: %v", tt.want, tt.got, got)
		}
	}
}
