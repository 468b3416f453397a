package dwarfvars_test

import (
	"fmt"
	"log"

	"github.com/gperf-dev/gperf/dwarfvars"
)

// Find the places of a function and where a value is at each.
func ExampleOpen() {
	info, err := dwarfvars.Open("testdata/small/gcc-5-O2", dwarfvars.Options{})
	if err != nil {
		log.Fatal(err) // without debug information a *dwarfvars.NoDebugInfoError, with a hint
	}
	defer info.Close()
	expr, err := dwarfvars.ParseExpr("o->in.name")
	if err != nil {
		log.Fatal(err)
	}
	places, err := info.Places("fun", dwarfvars.PlaceOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range places {
		loc, err := info.Value(p, expr)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s+%d: kind %d, DWARF register %d, offset %d, then %v: %s of %d bytes\n",
			p.Symbol, p.Offset, loc.Kind, loc.Reg, loc.Offset, loc.Derefs, loc.Type.Name, loc.Type.Size)
	}
	// Output:
	// fun+0: kind 2, DWARF register 5, offset 8, then []: char* of 8 bytes
}

// List what can be read at a place.
func ExampleInfo_Vars() {
	info, err := dwarfvars.Open("testdata/small/gcc-5-O2", dwarfvars.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer info.Close()
	places, err := info.Places("inl", dwarfvars.PlaceOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range places {
		vars, err := info.Vars(p, dwarfvars.VarsOptions{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("in %s+%d, inlined %v:", p.Symbol, p.Offset, p.Inlined)
		for _, v := range vars {
			fmt.Printf(" %s %s;", v.Type, v.Name)
		}
		fmt.Println()
	}
	// Output:
	// in fun+28, inlined true: int x; struct out* o;
	// in fun+0, inlined true: int x; struct out* o;
}
