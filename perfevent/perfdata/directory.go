package perfdata

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// perf record --threads makes a directory: header, features and what perf tells of the system in the file data, what the CPU with the lowest number
// recorded in data.0, the next one's in data.1.

// partPrefix begins the names of the files with the records of a CPU.
const partPrefix = "data."

// dirParts is the version in the feature DIR_FORMAT of a directory that has such files. Those of perf record --kcore have version 0 and none.
const dirParts = 1

func openDirOrFile(f *os.File, path string) (*Reader, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.IsDir() {
		return open(f, path)
	}
	r, err := Open(path + "/data")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &FormatError{Path: path, Kind: kindDir}
	}
	if err != nil {
		return nil, err
	}
	r.info.Path = path
	have, err := dataParts(f)
	if err != nil {
		r.Close()
		return nil, err
	}
	for _, n := range have {
		r.parts = append(r.parts, filepath.Join(path, partName(n)))
	}
	if lost := missingParts(have, r.leastParts()); lost != nil {
		lost.Path, r.missing = path, lost
		r.damaged(lost)
	}
	return r, nil
}

func partName(n int) string { return partPrefix + strconv.Itoa(n) }

// dataParts returns the numbers of a directory's data files, in order.
func dataParts(dir *os.File) ([]int, error) {
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var parts []int
	for _, name := range names {
		if n, err := strconv.Atoi(strings.TrimPrefix(name, partPrefix)); err == nil && n >= 0 && n < math.MaxInt32 && partName(n) == name {
			parts = append(parts, n)
		}
	}
	slices.Sort(parts)
	return parts, nil
}

// leastParts is how many data files there were at least: as many as CPUs that an event was opened on, for each thread. Threads may have ended while it was
// opened, so that there are fewer ids. It is 0 if the recording does not tell.
func (r *Reader) leastParts() int {
	if r.features.DirFormat != dirParts {
		return 0
	}
	ids := 0
	for i := range r.events {
		ids = max(ids, len(r.events[i].IDs))
	}
	threads := threadsOf(filepath.Join(r.info.Path, "data"))
	if threads == 0 {
		return 0
	}
	return ids / threads
}

// threadsOf is how many threads a recording's events were opened on, which perf tells before it tells of the system's; 0 if it does not.
func threadsOf(path string) int {
	r, err := Open(path)
	if err != nil {
		return 0
	}
	defer r.Close()
	var rec record.Record
	for r.Next(&rec) == nil {
		if rec.Type != record.TypeThreadMap {
			continue
		}
		if m, err := record.Decode(nil, rec.Bytes); err == nil {
			return len(m.(*record.ThreadMap).Threads)
		}
		return 0
	}
	return 0
}

// missingParts compares the numbers of the data files with those that have to be there: all below the last, and least of them.
func missingParts(have []int, least int) *MissingError {
	const most = 8 // names that are told
	all := least
	if len(have) > 0 {
		all = max(all, have[len(have)-1]+1)
	}
	if all == len(have) {
		return nil
	}
	lost := &MissingError{Count: all - len(have)}
	for n, i := 0, 0; n < all && len(lost.Files) < most; n++ {
		if i < len(have) && have[i] == n {
			i++
		} else {
			lost.Files = append(lost.Files, partName(n))
		}
	}
	return lost
}
