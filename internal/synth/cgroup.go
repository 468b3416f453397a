package synth

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// ErrNoCGroups tells that no hierarchy of cgroups that perf events know is mounted.
var ErrNoCGroups = errors.New("no cgroup file system for perf events is mounted")

// CGroupRoot finds where the cgroups are mounted that perf events know, as a path below "/": the unified hierarchy, or of the old ones that with
// perf_event, which wins as in the kernel.
func CGroupRoot(root fs.FS) (string, error) {
	b, err := fs.ReadFile(root, "proc/self/mounts")
	if err != nil {
		return "", fmt.Errorf("where cgroups are mounted: %w", err)
	}
	unified := ""
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		dir := strings.TrimPrefix(unescape(f[1]), "/")
		switch {
		case f[2] == "cgroup" && hasOption(f[3], "perf_event"):
			return dir, nil
		case f[2] == "cgroup2" && unified == "":
			unified = dir
		}
	}
	if unified == "" {
		return "", ErrNoCGroups
	}
	return unified, nil
}

func hasOption(options, want string) bool {
	for o := range strings.SplitSeq(options, ",") {
		if o == want {
			return true
		}
	}
	return false
}

// unescape gives the blanks back that /proc/mounts writes in octal.
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// CGroups tells of all cgroups that there are: the number that samples carry, and the path. Those that go meanwhile are left out.
func CGroups(root fs.FS, emit Emit) error {
	top, err := CGroupRoot(root)
	if err != nil {
		return err
	}
	return fs.WalkDir(root, top, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		// The inode's number is the cgroup's id, since Linux 5.5 on machines of 64 bits.
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return nil
		}
		return emit(&record.CGroup{ID: st.Ino, Path: path.Join("/", strings.TrimPrefix(name, top))})
	})
}
