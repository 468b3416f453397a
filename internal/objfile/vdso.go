package objfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// VDSOName is what the kernel calls the code that it maps into every process.
const VDSOName = "[vdso]"

// ErrNoVDSO is wrapped by VDSO when the kernel maps none.
var ErrNoVDSO = errors.New("this process has no vdso")

// VDSO reads the vdso out of this process's memory: it is the same in all processes of a machine. The caller closes it.
func VDSO() (*File, error) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return nil, err
	}
	start, end, ok := vdsoRange(string(maps))
	if !ok {
		return nil, ErrNoVDSO
	}
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		return nil, err
	}
	defer mem.Close()
	image := make([]byte, end-start)
	if _, err := io.ReadFull(io.NewSectionReader(mem, start, end-start), image); err != nil {
		return nil, fmt.Errorf("vdso at %#x: %w", start, err)
	}
	return New(image, VDSOName)
}

// vdsoRange finds the addresses of the vdso in the lines of a maps file. It has a few pages.
func vdsoRange(maps string) (start, end int64, ok bool) {
	const largest = 1 << 20
	for line := range strings.Lines(maps) {
		if !strings.HasSuffix(strings.TrimSpace(line), " "+VDSOName) {
			continue
		}
		bounds, _, _ := strings.Cut(line, " ")
		from, to, _ := strings.Cut(bounds, "-")
		start, errFrom := strconv.ParseInt(from, 16, 64)
		end, errTo := strconv.ParseInt(to, 16, 64)
		return start, end, errFrom == nil && errTo == nil && start < end && end-start <= largest
	}
	return 0, 0, false
}
