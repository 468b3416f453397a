package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Files that come faster than the hundredths of a second in their names, of which the oldest go: the names stay in the files' order.
func TestStampedFilesAreInOrder(t *testing.T) {
	files := &outputFiles{path: filepath.Join(t.TempDir(), "x.data"), stamp: true, max: 2}
	var names []string
	for range 40 {
		if err := os.WriteFile(files.path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := files.rename(); err != nil {
			t.Fatal(err)
		}
		names = append(names, files.done[len(files.done)-1])
	}
	if !slices.IsSorted(names) {
		t.Errorf("files were named out of order: %q", names)
	}
	if left, err := filepath.Glob(files.path + ".*"); err != nil || !slices.Equal(left, names[38:]) {
		t.Errorf("%q are left, want the last two of %q (%v)", left, names, err)
	}
}
