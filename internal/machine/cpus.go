package machine

import (
	"fmt"
	"io/fs"

	"github.com/gperf-dev/gperf/internal/cpulist"
)

// onlineCPUs lists the CPUs that run now, ascending. root is the file system from "/".
func onlineCPUs(root fs.FS) ([]int, error) { return cpuFile(root, "online") }

// presentCPUs lists the CPUs that are there, online or not.
func presentCPUs(root fs.FS) ([]int, error) { return cpuFile(root, "present") }

func cpuFile(root fs.FS, name string) ([]int, error) {
	path := cpuDir + "/" + name
	b, err := fs.ReadFile(root, path)
	if err != nil {
		return nil, fmt.Errorf("CPUs of this machine: %w", err)
	}
	cpus, err := cpulist.Parse(string(b))
	if err != nil {
		return nil, fmt.Errorf("/%s: %w", path, err)
	}
	return cpus, nil
}
