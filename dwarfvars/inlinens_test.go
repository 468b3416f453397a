package dwarfvars

import (
	"reflect"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestInlineNamespaces: their names are left out or written, as in the source; those of others are not left out.
func TestInlineNamespaces(t *testing.T) {
	for _, compiler := range []testkit.Feature{testkit.GXX, testkit.Clang} {
		for _, version := range []string{"-gdwarf-4", "-gdwarf-5"} {
			t.Run(string(compiler)+version, func(t *testing.T) {
				i := openProgram(t, testkit.Compile(t, compiler, "-x", "c++", "-O1", version, "testdata/inlinens.cc", "-lstdc++"), Options{})
				for _, test := range []struct {
					symbol string
					names  []string
				}{
					{"_ZN3lib2v21fEi", []string{"lib::f", "lib::f(int)", "lib::v2::f", "v2::f", "lib::v2::f(int)"}},
					{"_ZN3lib2v11fEi", []string{"lib::v1::f", "v1::f"}},
					{"_ZN3lib2v23Box3getEi", []string{"lib::Box::get", "lib::v2::Box::get", "Box::get"}},
					{"_ZN3lib2v25twiceIiEET_S2_", []string{"lib::twice", "lib::twice<int>", "lib::v2::twice<int>"}},
					{"_ZN3lib2v24takeEPNS0_3BoxE", []string{"lib::take(lib::Box*)", "lib::take(lib::v2::Box*)", "lib::take(Box*)", "take(lib::Box*)"}},
					{"_ZN3lib2v24deep3lowEi", []string{"lib::low", "lib::deep::low", "lib::v2::low", "lib::v2::deep::low", "deep::low"}},
				} {
					for _, name := range test.names {
						if places, err := i.Places(name, PlaceOptions{}); err != nil || len(places) != 1 || places[0].Symbol != test.symbol {
							t.Errorf("%s: %+v, %v; want %s", name, places, err, test.symbol)
						}
					}
				}
				for _, name := range []string{"lib::old", "other::f", "lib::f(long)", "lib::v1::low"} {
					if places, err := i.Places(name, PlaceOptions{}); err == nil {
						t.Errorf("%s: %+v", name, places)
					}
				}
				places, err := i.Places("main", PlaceOptions{})
				if err != nil || len(places) != 1 {
					t.Fatal(places, err)
				}
				full, err := i.Value(places[0], mustExpr("lib::v2::counter"))
				if err != nil {
					t.Fatal(err)
				}
				if short, err := i.Value(places[0], mustExpr("lib::counter")); err != nil || !reflect.DeepEqual(full, short) {
					t.Errorf("lib::counter: %+v, %v; want %+v", short, err, full)
				}
			})
		}
	}
}
