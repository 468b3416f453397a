package synth

import (
	"io/fs"
	"path"
	"strings"
	"syscall"

	"github.com/gperf-dev/gperf/internal/cgroup"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// CGroups tells of all cgroups that there are: the number that samples carry, and the path. Those that go meanwhile are left out.
// The error is [cgroup.ErrNotMounted], or of reading.
func CGroups(root fs.FS, emit Emit) error {
	mount, err := cgroup.Mount(root)
	if err != nil {
		return err
	}
	top := strings.TrimPrefix(mount, "/")
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
