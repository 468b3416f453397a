package symbolize_test

import (
	"fmt"
	"log"
	"path/filepath"

	"github.com/gperf-dev/gperf/symbolize"
)

// Name addresses of a program that was mapped as a recording's MMAP2 record tells.
func ExampleNew() {
	path, err := filepath.Abs("../dwarfvars/testdata/small/gcc-5-O2")
	if err != nil {
		log.Fatal(err)
	}
	s := symbolize.New(symbolize.Options{Demangle: true})
	defer s.Close()
	c := s.NewCache() // one a goroutine
	m := &symbolize.Mapping{Path: path, Start: 0x400000, End: 0x402000}
	for _, addr := range []uint64{0x4000f4, 0x401ff0} {
		frame, _, why := c.User(m, addr)
		if why != symbolize.OK {
			fmt.Printf("%s: %v\n", frame.AppendSymbol(nil), why)
			continue
		}
		fmt.Printf("%s (%s)\n", frame.AppendSymbol(nil), filepath.Base(frame.Module))
	}
	// Output:
	// fun+0x4 (gcc-5-O2)
	// [unknown]: the address is in no segment of the file
}
