package dwarfvars

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestGoABIAsCompiled asks of parameters in registers at the entry of Go functions whether the calling convention has them where the
// compiler says.
func TestGoABIAsCompiled(t *testing.T) {
	testkit.Need(t, testkit.Go)
	path := filepath.Join(t.TempDir(), "gofmt")
	testkit.Run(t, "go", "build", "-o", path, "cmd/gofmt")
	i, err := Open(path, Options{NoFind: true})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	all, err := i.functions()
	if err != nil {
		t.Fatal(err)
	}
	const sampled = 20
	same, other := 0, 0
	for k, f := range all {
		if k%sampled != 0 {
			continue // to look one up by name costs milliseconds
		}
		places, err := i.Places(f.Name, PlaceOptions{NoInlines: true})
		if err != nil {
			continue
		}
		for k := range places {
			a, b := compareABI(t, i, &places[k])
			same, other = same+a, other+b
		}
	}
	t.Logf("%d parameters are where the compiler says, %d are not", same, other)
	// Wrappers for assembly have their parameters on the stack, and Go 1.26.8 has a wrong register for one of 4,900.
	if other > same/50 {
		t.Errorf("%d of %d parameters are not where the compiler says", other, same+other)
	}
	if same < 4000/sampled {
		t.Errorf("only %d parameters were compared", same)
	}
}

func compareABI(t *testing.T, i *Info, p *Place) (same, other int) {
	_, real, err := i.functionOf(p)
	if err != nil {
		t.Fatal(err)
	}
	err = real.EachChild(func(v *dwarfunit.Entry) bool {
		if v.Tag != dwarfunit.TagFormalParameter || i.isGoResult(v) {
			return true
		}
		p.Go = NotGo
		want, err := i.locate(p, real, v)
		if err != nil || want.holds != asValue && want.holds != asPieces {
			return true
		}
		p.Go = GoEntry
		got, ok, err := i.goLocate(p, real, v)
		if err != nil || !ok {
			t.Errorf("%s %s: %v %v", p.Function, i.name(v), ok, err)
			return true
		}
		if a, b := registersOf(want), registersOf(got); !sameRegisters(a, b) {
			other++
			t.Logf("%s %s: compiler %v, convention %v", p.Function, i.name(v), a, b)
			return true
		}
		same++
		return true
	})
	if err != nil {
		t.Error(err)
	}
	return same, other
}

// registersOf lists the registers of an operand; -1 for what is optimised out.
func registersOf(o operand) []int {
	if o.holds == asValue {
		return []int{o.at.reg}
	}
	var regs []int
	for _, p := range o.pieces {
		switch {
		case p.empty:
			regs = append(regs, -1)
		case p.holds == asValue:
			regs = append(regs, p.at.reg)
		default:
			return nil // it is on the stack
		}
	}
	return regs
}

// sameRegisters compares what both have: the compiler leaves out what nobody reads.
func sameRegisters(compiler, convention []int) bool {
	used := slices.DeleteFunc(slices.Clone(convention), func(r int) bool { return r < 0 })
	if len(compiler) == len(used) { // it tells nothing of padding
		convention = used
	}
	if len(compiler) != len(convention) {
		return false
	}
	for k := range compiler {
		if compiler[k] >= 0 && compiler[k] != convention[k] {
			return false
		}
	}
	return true
}
