package tracefs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/internal/testkit/vm"
)

// hostFormats parses every format file of the running kernel.
func hostFormats(t *testing.T) []*Format {
	t.Helper()
	testkit.Need(t, testkit.Root, testkit.Tracefs)
	files, err := filepath.Glob(DefaultDir + "/events/*/*/format")
	if err != nil || len(files) == 0 {
		t.Fatalf("no format files: %v", err)
	}
	var all []*Format
	for _, name := range files {
		text, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ENODEV) {
			continue // somebody's dynamic event, which went away
		}
		if err != nil {
			t.Fatal(err)
		}
		f, err := ParseFormat(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		f.System = filepath.Base(filepath.Dir(filepath.Dir(name)))
		all = append(all, f)
	}
	return all
}

// TestHostFormats tells which print formats of this kernel cannot be used.
func TestHostFormats(t *testing.T) {
	all := hostFormats(t)
	bad := 0
	for _, f := range all {
		if f.PrintErr() != nil {
			bad++
			t.Logf("%s:%s: %v", f.System, f.Name, f.PrintErr())
		}
	}
	t.Logf("%d formats, %d print formats fall back to fields", len(all), bad)
	if bad*50 > len(all) {
		t.Errorf("more than 2%% of the print formats cannot be compiled")
	}
}

// TestLabFormats parses every format of Debian's kernel 6.1, which has
// kprobes and other events than this machine's, and compares with perf.
func TestLabFormats(t *testing.T) {
	const mark = "==> ./"
	dir := vm.Run(t, `mount -t tracefs tracefs /sys/kernel/tracing
cd /sys/kernel/tracing/events && tail -n +1 $(find . -name format) >/tmp/formats && cp /tmp/formats /mnt/formats`)
	all, err := os.ReadFile(filepath.Join(dir, "formats"))
	if err != nil {
		t.Fatal(err)
	}
	n, bad := 0, 0
	var formats []hostFormat
	for part := range strings.SplitSeq(string(all), mark) {
		name, text, ok := strings.Cut(part, "\n")
		if !ok {
			continue
		}
		text = strings.TrimSuffix(text, "\n")
		n++
		f, err := ParseFormat([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if f.PrintErr() != nil {
			bad++
			t.Logf("%s: %v", name, f.PrintErr())
		}
		f.System, _, _ = strings.Cut(name, "/")
		formats = append(formats, hostFormat{f, []byte(text)})
	}
	t.Logf("%d formats, %d print formats fall back to fields", n, bad)
	if n < 1000 || bad*50 > n {
		t.Errorf("too few formats or too many that cannot be compiled")
	}
	againstPerf(t, formats)
}
