package probe

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/glob"
	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/argtype"
)

// buildGo builds testdata/golang with what is given and returns a Resolver of it.
func buildGo(t *testing.T, env []string, flags ...string) *Resolver {
	t.Helper()
	testkit.Need(t, testkit.Go)
	out := filepath.Join(t.TempDir(), "prog")
	c := exec.Command("go", append(append([]string{"build", "-o", out}, flags...), ".")...)
	c.Dir = "testdata/golang"
	c.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if msg, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", c.Args, err, msg)
	}
	r, err := NewResolver(t.Context(), Target{Exec: out}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// goLines resolves a definition and gives each line with where in the function it is instead of the path and offset.
func goLines(t *testing.T, r *Resolver, text string) ([]string, error) {
	t.Helper()
	d, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	events, err := r.ResolveAll(d)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, e := range events {
		for i, line := range e.KernelLines() {
			p := &e.Places[i]
			where := "entry"
			if p.Offset > 0 {
				where = "+" + strconv.FormatUint(p.Offset, 10)
				if _, atReturn, atEntry := r.goPoint(p.Address); atReturn {
					where = "RET"
				} else if atEntry {
					where = "behind the check"
				}
			}
			_, rest, _ := strings.Cut(line, ":")
			name, rest, _ := strings.Cut(rest, " ")
			_, args, _ := strings.Cut(rest, " ")
			_, name, _ = strings.Cut(name, "/")
			lines = append(lines, strings.TrimSpace(name+" at "+where+" "+args))
		}
	}
	return slices.Compact(lines), nil
}

// TestGoDefinitions resolves definitions in programs of both machines, as they are built and stripped.
func TestGoDefinitions(t *testing.T) {
	amd64, arm64 := buildGo(t, []string{"GOARCH=amd64"}), buildGo(t, []string{"GOARCH=arm64"})
	plain := buildGo(t, []string{"GOARCH=amd64"}, "-gcflags=-N -l")
	stripped := buildGo(t, []string{"GOARCH=amd64"}, "-ldflags=-s -w")
	symbols := buildGo(t, []string{"GOARCH=amd64"}, "-ldflags=-w") // as Go's own tools are distributed
	pie := buildGo(t, []string{"GOARCH=amd64"}, "-ldflags=-s -w", "-buildmode=pie")
	const dotted = "x=github.com/gperf-dev/gperf/probe/testdata/golang/store.v1"
	for _, tt := range []struct {
		text string
		in   []*Resolver
		want []string
	}{
		{"main.descend", []*Resolver{amd64, arm64, plain, stripped, pie}, []string{"main_descend at behind the check"}},
		{"main.descend%return", []*Resolver{amd64, arm64, plain, stripped, pie}, []string{"main_descend__return at RET"}},
		{"main.descend n note $goid", []*Resolver{amd64, plain},
			[]string{"main_descend at behind the check n=%ax:s64 note=+0(%bx):x64[8] note_len=%cx:u64 note_ptr=%bx:x64 goid=+152(%r14):s64"}},
		{"main.descend n note $goid", []*Resolver{arm64},
			[]string{"main_descend at behind the check n=%x0:s64 note=+0(%x1):x64[8] note_len=%x2:u64 note_ptr=%x1:x64 goid=+152(%x28):s64"}},
		{"main.descend $arg1:int $arg2:gostring[16]", []*Resolver{amd64, stripped, pie},
			[]string{"main_descend at behind the check arg1=%ax:s64 arg2=+0(%bx):x64[2] arg2_len=%cx:u64 arg2_ptr=%bx:x64"}},
		{"main.descend%return $retval", []*Resolver{amd64, plain}, []string{
			"main_descend__return at RET sum=%ax:s64 err=+8(%bx):x64 err_ptr=%cx:x64 err_at=+0(%cx):x64 err_len=+8(%cx):x64 err_text=+0(+0(%cx)):x64[8]"}},
		{"main.descend%return sum", []*Resolver{arm64}, []string{"main_descend__return at RET sum=%x0:s64"}},
		{"main.descend%return all=$retval:int kind=$retval2 $goid", []*Resolver{stripped, pie},
			[]string{"main_descend__return at RET all=%ax:s64 kind=%bx:x64 goid=+152(%r14):s64"}},
		{"main.descend%return $retval2:goerror", []*Resolver{stripped, symbols, pie}, []string{"main_descend__return at RET retval2=+8(%bx):x64 " +
			"retval2_ptr=%cx:x64 retval2_at=+0(%cx):x64 retval2_len=+8(%cx):x64 retval2_text=+0(+0(%cx)):x64[8]"}},
		{"main.(*store).put s.size key", []*Resolver{amd64, plain},
			[]string{"main_store_put at behind the check size=+24(%ax):s64 size_p1=%ax:x64 key=+0(%bx):x64[8] key_len=%cx:u64 key_ptr=%bx:x64"}},
		{"main.(*store).put%return", []*Resolver{amd64, stripped}, []string{"main_store_put__return at RET"}},
		{"main.(*pair[...]).get", []*Resolver{amd64, arm64, stripped}, []string{"main_pair_get at entry", "main_pair_get at behind the check", "main_pair_get at entry"}},
		{"main.(*pair[main.name,int]).get key", []*Resolver{amd64},
			[]string{"main_pair_string_int_get at behind the check key=+0(%cx):x64[8] key_len=%di:u64 key_ptr=%cx:x64"}},
		{"main.(*pair[main.point,int]).get", []*Resolver{amd64, arm64}, []string{"main_pair_struct_main_x_int_main_y_int_int_get at entry"}},
		{"main.largest[main.name]%return", []*Resolver{amd64}, []string{"main_largest_string__return at RET"}},
		{"main.(*pair[go.shape.string,go.shape.int]).get key", []*Resolver{amd64},
			[]string{"main_pair_string_int_get at behind the check key=+0(%cx):x64[8] key_len=%di:u64 key_ptr=%cx:x64"}},
		{"main.(*pair[string, int]).get key", []*Resolver{amd64},
			[]string{"main_pair_string_int_get at behind the check key=+0(%cx):x64[8] key_len=%di:u64 key_ptr=%cx:x64"}},
		{"main.(*pair[string,int]).get%return", []*Resolver{stripped}, []string{"main_pair_string_int_get__return at RET"}},
		{"main.main.func1", []*Resolver{amd64, stripped}, []string{"main_main_func1 at behind the check"}},
		{"main.many%return text=$retval:gostring", []*Resolver{stripped},
			[]string{"main_many__return at RET text=+0(%ax):x64[8] text_len=%bx:u64 text_ptr=%ax:x64"}},
		{"main.many a h note last", []*Resolver{amd64, plain}, []string{
			"main_many at behind the check a=%ax:s64 h=%r10:s64 note=+0(+8(%sp)):x64[8] note_len=+16(%sp):u64 note_ptr=+8(%sp):x64 last=%r11:s64"}},
		{"main.padded%return v.flag v.n", []*Resolver{amd64}, []string{"main_padded__return at RET flag=%ax:u8 n=%bx:s64"}},
		{"main.(*store).*", []*Resolver{amd64, stripped}, []string{"main_store_put at behind the check", "main_store_take at behind the check"}},
		{"main.leaf", []*Resolver{amd64, stripped, arm64}, []string{"main_leaf at entry"}},
		{"indexbytebody%return", []*Resolver{amd64, stripped}, []string{"indexbytebody__return at RET"}}, // behind vzeroupper
		{"main.leaf $goid", []*Resolver{pie}, []string{"main_leaf at entry goid=+152(%r14):s64"}},
		{"runtime.memmove $goid", []*Resolver{amd64, stripped}, []string{`runtime_memmove at entry goid=\-1:s64`}},
		{"main.leaf +8($arg2)", []*Resolver{amd64, stripped}, []string{"main_leaf at entry +8(%bx)"}},
		{dotted + ".(*Box).Fill n", []*Resolver{amd64, plain}, []string{"x at entry n=%bx:s64"}},
		{dotted + ".(*Box).Fill%return", []*Resolver{amd64, stripped}, []string{"x__return at RET"}},
		{dotted + ".(*Box).*", []*Resolver{amd64, stripped}, []string{"x at entry"}},
		{dotted + ".Empty", []*Resolver{amd64, stripped}, []string{"x at behind the check"}},
		{strings.Replace(dotted, ".v1", "%2ev1", 1) + ".Empty", []*Resolver{amd64, stripped}, []string{"x at behind the check"}},
		{"main.descend:3", []*Resolver{amd64}, nil},
		{"internal/bytealg.countGeneric $goid", []*Resolver{amd64, stripped}, nil}, // its wrapper for assembly is left out
	} {
		for _, r := range tt.in {
			got, err := goLines(t, r, tt.text)
			if tt.want == nil && err == nil && len(got) == 1 {
				continue
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("%s in %s: %v\n got %q\nwant %q", tt.text, r.target.Exec, err, got, tt.want)
			}
		}
	}
}

// TestGoShared: who names a generic function's types is told that others share the code.
func TestGoShared(t *testing.T) {
	r := buildGo(t, nil)
	for text, noted := range map[string]bool{
		"main.(*pair[string,int]).get": true, "main.(*pair[go.shape.string,go.shape.int]).get": false, "main.(*pair[...]).get": false,
	} {
		d, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		events, err := r.ResolveAll(d)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := strings.Contains(strings.Join(events[0].Notes, "\n"), "shares its code"); got != noted {
			t.Errorf("%s: notes %q", text, events[0].Notes)
		}
	}
}

// TestGoWrapped: what an interface calls of a generic function is not the function, which it calls in turn.
func TestGoWrapped(t *testing.T) {
	for _, r := range []*Resolver{buildGo(t, nil), buildGo(t, nil, "-ldflags=-s -w")} {
		wrapped := false
		for fn := range r.golang().Functions.All() {
			wrapped = wrapped || fn.Name == "main.(*pair[main.name,int]).get"
		}
		if !wrapped {
			t.Fatal("the program has no function for the interface")
		}
		d, err := Parse("main.(*pair[...]).get")
		if err != nil {
			t.Fatal(err)
		}
		e, err := r.Resolve(d)
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Places) != 3 {
			t.Errorf("%d places, want one for each way in which pairs are stored: %+v", len(e.Places), e.Places)
		}
	}
}

// TestGoRefused asks for what cannot be done, which is said in words.
func TestGoRefused(t *testing.T) {
	r, stripped := buildGo(t, nil), buildGo(t, nil, "-ldflags=-s -w")
	for _, tt := range []struct {
		r          *Resolver
		text, want string
		as         any
	}{
		{r, "runtime.gogo%return", "has no RET", new(*GoReturnError)},
		{r, "main.odd%return", "length is not known", new(*GoReturnError)},
		{r, "main.(*pair[main.nosuch,int]).get", "for these types that cannot be told", new(*GoInstanceError)},
		{stripped, "main.(*pair[main.name,int]).get", "how a type is stored", new(*GoInstanceError)}, // only the debug information knows
		{r, "main.inlined%return", "is an inlined function", new(*InlinedReturnError)},
		{r, "main.descend+1", "inside an instruction", new(*BoundaryError)},
		{r, "main.descend $retval", "no result yet", new(*ArgumentError)},
		{r, "main.descend%return $arg1", "gone when it returns", new(*ArgumentError)},
		{r, "main.nothing%return $retval", "has no result", new(*ArgumentError)},
		{r, "main.descend $arg9:gostring", "register 10 of 9", new(*ArgumentError)},
		{r, "main.descend $arg1:float64", "floating point", new(*ArgumentError)},
		{r, "main.descend $arg1:int[4]", "no row in a register", new(*ArgumentError)},
		{r, "main.descend $arg1:uint8[4]", "no row in a register", new(*ArgumentError)},
		{stripped, "main.descend%return $retval2:goerror[4]", "no row in a register", new(*ArgumentError)},
		{r, "main.descend $goid:u32", "type of its own", new(*ArgumentError)},
		{r, "main.(*store).take s.names:s64[4]", "which is no s64[4]", new(*ArgumentError)},
		{r, "main.(*store).take s.marks", "no type for [2]string", new(*ArgumentError)},
		{r, "main.(*store).take s.marks[0-1]", "no type for a row of string", new(*ArgumentError)},
		{r, "main.(*store).take s.raw:string", "no end mark", new(*ArgumentError)},
		{r, "runtime.memmove $arg1", "on the stack (ABI0)", new(*ArgumentError)},
		{r, "main.nosuch", "not found", new(*NoFunctionError)},
		{stripped, "main.descend n", "no debug information", new(*GoDebugError)},
		{stripped, "main.descen", "Failed to find symbol", new(*NoFunctionError)},
		{stripped, "main.inlined", "Failed to find symbol", new(*NoFunctionError)},
	} {
		got, err := goLines(t, tt.r, tt.text)
		var hint interface{ Hint() string }
		if err == nil || !strings.Contains(err.Error(), tt.want) || !errors.As(err, tt.as) || !errors.As(err, &hint) {
			t.Errorf("%s: %q, error %v; want %q with a hint", tt.text, got, err, tt.want)
		}
	}
	var none *dwarfvars.NoDebugInfoError
	if _, err := goLines(t, stripped, "main.descend n"); !errors.As(err, &none) {
		t.Errorf("%v is no lack of debug information", err)
	}
}

// TestGoInlined: a count of inlined instances is none of calls, and is not taken for one.
func TestGoInlined(t *testing.T) {
	r := buildGo(t, nil)
	d, err := Parse("main.inlined n")
	if err != nil {
		t.Fatal(err)
	}
	e, err := r.Resolve(d)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Places) == 0 || !e.Places[0].Inlined || !slices.ContainsFunc(e.Notes, func(n string) bool { return strings.Contains(n, "is inlined at") }) {
		t.Errorf("%+v", e)
	}
}

// TestGoDamagedTable: without the table of functions nothing is known of stack checks and returns, which is told.
func TestGoDamagedTable(t *testing.T) {
	whole := buildGo(t, nil)
	b, err := os.ReadFile(whole.target.Exec)
	if err != nil {
		t.Fatal(err)
	}
	h, ok := whole.image.file.SectionHeader(".gopclntab")
	if !ok {
		t.Fatal("no .gopclntab")
	}
	b[h.Offset] ^= 0x55
	path := filepath.Join(t.TempDir(), "damaged")
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
	r, err := NewResolver(t.Context(), Target{Exec: path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	d, err := Parse("main.descend")
	if err != nil {
		t.Fatal(err)
	}
	e, err := r.Resolve(d)
	if err != nil || e.Places[0].Offset != 0 || !slices.ContainsFunc(e.Notes, func(n string) bool { return strings.Contains(n, "count twice") }) {
		t.Errorf("%+v %v", e, err)
	}
	var refused *GoReturnError
	if _, err := goLines(t, r, "main.descend%return"); !errors.As(err, &refused) {
		t.Errorf("returns: %v", err)
	}
}

// TestGoEventNames: package and method stay readable, and no two functions get one name.
func TestGoEventNames(t *testing.T) {
	const far = "github.com/some-organisation/some-repository/internal/storage/engine.(*TransactionCoordinator).Commit"
	seen := make(map[string]string)
	for _, tt := range []struct{ function, want string }{
		{"main.handle", "main_handle"},
		{"main.(*Store).Put", "main_Store_Put"},
		{"net/http.(*Server).Serve", "net_http_Server_Serve"},
		{"main.run.func1", "main_run_func1"},
		{"main.run.func1.2", "main_run_func1_2"},
		{"main.(*Pair[...]).Get", "main_Pair_Get"},
		{"main.(*Pair[go.shape.string,go.shape.int]).Get", "main_Pair_string_int_Get"},
		{"gopkg.in/yaml%2ev3.Unmarshal", "gopkg_in_yaml_2ev3_Unmarshal"},
		{far, "engine_TransactionCoordinator_Commit_*"},
		{strings.Replace(far, "storage", "another", 1), "engine_TransactionCoordinator_Commit_*"},
		{far + ".func1", "engine_TransactionCoordinator_Commit_func1_*"},
		{"main.(*" + strings.Repeat("T", 80) + ").M", "main_TTT*"},
		{"main.(*" + strings.Repeat("T", 80) + ").N", "main_TTT*"},
	} {
		got := eventName(tt.function, true)
		if !isName(got) || len(got) > maxName || !glob.Match(tt.want, got) {
			t.Errorf("%s: %s, want %s", tt.function, got, tt.want)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%s and %s are both %s", tt.function, other, got)
		}
		seen[got] = tt.function
	}
	r := buildGo(t, nil)
	if e := r.newEvent(&Definition{Point: Point{Function: far, Return: true}}, far); len(e.Name) > maxName || !strings.HasSuffix(e.Name, returnSuffix) {
		t.Errorf("%s has %d characters", e.Name, len(e.Name))
	}
}

// TestGoHeldTypes: what an interface may hold is kept in the order in which it is looked for, as much as fits in a record.
func TestGoHeldTypes(t *testing.T) {
	for name, want := range map[string]int{"main.T": 0, "*main.T": 0, "example.com/shop/internal/store%2ev1.Level": 0, "shop/internal/store.T": 0, "[]*shop/store.T": 0,
		"int": 1, "*net/http.response": 1, "errors.errorString": 1, "map[string]int": 1,
		"*runtime.mspan": 2, "[]*runtime.mspan": 2, "internal/abi.Type": 2, "vendor/golang.org/x/net/idna.T": 2, "func(int) int": 2} {
		if got := heldRank(name, "shop"); got != want {
			t.Errorf("%s: rank %d, want %d", name, got, want)
		}
	}
	var all []argtype.Concrete
	for i := range 2000 {
		all = append(all, argtype.Concrete{Addr: uint64(5000 - i/2), Type: argtype.Type{Name: strings.Repeat("n", i%100)}})
	}
	e := &Event{Concrete: all}
	got := e.meaning("").Concrete
	bytes := 0
	for i, c := range got {
		bytes += len(c.Name)
		if i > 0 && got[i-1].Addr >= c.Addr {
			t.Fatalf("%d: address %d behind %d", i, c.Addr, got[i-1].Addr)
		}
	}
	if n := len(got); n < 200 || n > maxConcrete || bytes > maxConcreteBytes || got[n-1].Addr != 5000 || got[0].Addr != uint64(5001-n) {
		t.Errorf("%d types of %d bytes are kept, from %d to %d; want the first", n, bytes, got[0].Addr, got[n-1].Addr)
	}
}
