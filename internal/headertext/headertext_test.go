package headertext

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// TestAsPerf compares the headers of the recordings in perfdata's testdata with what perf itself prints of them.
func TestAsPerf(t *testing.T) {
	files, err := filepath.Glob("../../perfevent/perfdata/testdata/*.data")
	if err != nil || len(files) == 0 {
		t.Fatal("no recordings", err)
	}
	for _, name := range files {
		if strings.HasPrefix(filepath.Base(name), "pipe") {
			continue // of a stream perf prints each feature as it comes by, in another frame
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			want, err := os.ReadFile(strings.TrimSuffix(name, ".data") + ".header")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(masked(want), masked(headerOf(t, name))); diff != "" {
				t.Errorf("perf has -, gperf +\n%s", diff)
			}
		})
	}
}

func headerOf(t *testing.T, name string) []byte {
	t.Helper()
	r, err := perfdata.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return Append(nil, &Recording{Info: r.Info(), Features: r.Features(), Events: r.Events(), Full: true})
}

// masked takes out the time at which the file was written, which a checkout changes.
func masked(header []byte) string {
	return regexp.MustCompile(`(# captured on +:).*`).ReplaceAllString(string(header), "$1")
}

func TestHostileNames(t *testing.T) {
	f := &perfdata.Features{Hostname: "a\x1b[2J\nb", Cmdline: []string{"it's\r"}}
	f.Present[0] = 1<<perfdata.FeatureHostname | 1<<perfdata.FeatureCmdline
	got := string(Append(nil, &Recording{Features: f, Info: perfdata.Info{Stream: true}}))
	if strings.ContainsAny(got, "\x1b\r") || !strings.Contains(got, `a\x1b[2J\nb`) {
		t.Errorf("control characters reach the terminal: %q", got)
	}
}
