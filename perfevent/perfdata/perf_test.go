package perfdata

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// perf runs the real perf, without its pager's and config's help, and returns its two outputs.
func perf(t *testing.T, stdin string, args ...string) (stdout, stderr string) {
	t.Helper()
	// The cache of build-ids has the programs of the recordings where those were made.
	c := exec.Command("perf", append([]string{"--buildid-dir", t.TempDir()}, args...)...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if stdin != "" {
		f, err := os.Open(stdin)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		c.Stdin = f
	}
	if err := c.Run(); err != nil {
		t.Errorf("perf %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String(), errs.String()
}

// masked is text without what a copy cannot have, the names of the files and their times, and without perf's tips, which it draws by lot.
func masked(text, path string) string {
	var s strings.Builder
	for l := range strings.Lines(strings.ReplaceAll(text, path, "FILE")) {
		if !strings.Contains(l, "captured on") && !strings.HasPrefix(l, "# (Tip: ") {
			s.WriteString(l)
		}
	}
	return s.String()
}

// TestPerfReadsCopies asks perf the same of its own files and of our copies of them.
func TestPerfReadsCopies(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	for _, name := range []string{"software", "tracepoint", "callgraph", "group", "uprobe"} {
		t.Run(name, func(t *testing.T) {
			orig, path := "testdata/"+name+".data", filepath.Join(t.TempDir(), "copy.data")
			w, err := Create(path)
			if err != nil {
				t.Fatal(err)
			}
			copyTo(t, orig, w)
			for _, args := range [][]string{
				{"script"}, {"script", "--header"}, {"report", "--stdio"}, {"evlist", "-v"}, {"report", "--header-only", "-I"},
				{"buildid-list"}, {"report", "-D"},
			} {
				wantOut, wantErr := perf(t, "", append(args, "--force", "-i", orig)...)
				gotOut, gotErr := perf(t, "", append(args, "--force", "-i", path)...)
				if d := cmp.Diff(masked(wantOut, orig), masked(gotOut, path)); d != "" {
					t.Errorf("perf %v (-its own file +ours):\n%s", args, d)
				}
				if d := cmp.Diff(masked(wantErr, orig), masked(gotErr, path)); d != "" {
					t.Errorf("perf %v complains (-its own file +ours):\n%s", args, d)
				}
			}
		})
	}
}

// unnamed takes the names of kernel functions away: those of a stream come from the running kernel, as its build-ids stand behind the samples.
func unnamed(s string) string {
	return regexp.MustCompile(`\S+ \(\[kernel\.kallsyms\]\)`).ReplaceAllString(s, "NAME")
}

// TestPerfReadsStreams turns files into streams and expects perf script to print the same of both.
func TestPerfReadsStreams(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	for _, name := range []string{"software", "tracepoint", "callgraph", "group", "uprobe", "pipe", "pipe-tracepoint"} {
		t.Run(name, func(t *testing.T) {
			orig, path := "testdata/"+name+".data", filepath.Join(t.TempDir(), "stream.data")
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			copyTo(t, orig, NewWriter(f))
			want, _ := perf(t, "", "script", "--force", "-i", orig)
			got, complaints := perf(t, path, "script", "-i", "-")
			if d := cmp.Diff(unnamed(want), unnamed(got)); d != "" {
				t.Errorf("perf script (-file +our stream):\n%s", d)
			}
			if complaints != "" {
				t.Errorf("perf script complains: %s", complaints)
			}
		})
	}
}
