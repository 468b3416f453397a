//go:build before

package checksum

import (
	"hash/crc32"
	"os"
)

// File is the CRC-32 of a file.
func File(name string) (uint32, error) {
	data, err := os.ReadFile(name)
	return crc32.ChecksumIEEE(data), err
}
