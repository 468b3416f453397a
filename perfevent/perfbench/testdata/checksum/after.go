//go:build !before

package checksum

import (
	"hash/crc32"
	"io"
	"os"
)

// File is the CRC-32 of a file.
func File(name string) (uint32, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	sum := crc32.NewIEEE()
	_, err = io.Copy(sum, f)
	return sum.Sum32(), err
}
