package probe

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fetches returns the arguments of a definition with one place.
func fetches(t *testing.T, r *Resolver, text string) (string, []string) {
	t.Helper()
	events, err := resolve(t, r, text)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return "", nil
	}
	var args []string
	for _, a := range events[0].Places[0].Args {
		args = append(args, a.String())
	}
	return strings.Join(args, " "), events[0].Notes
}

// TestRows asks for several elements at once, and for texts behind pointers.
func TestRows(t *testing.T) {
	r := open(t, Target{Exec: compile(t, "-O2")})
	for text, want := range map[string]string{
		"handle m->arr[1-3]":            "arr=+76(%di):s32[3]",
		"handle m->arr[2-2] x=m->id":    "arr=+80(%di):s32[1] x=+0(%di):s32",
		"handle m->arr[0x0-3]:x64":      "arr=+72(%di):x64[4]",
		"handle m->arr:s32[4]":          "arr=+72(%di):s32[4]",
		"handle m->name[0-4]":           "name=+4(%di):s8[5]",
		"handle m->flags:b3@1/8 c:char": "flags=+52(%di):b3@1/8 c_char=%r8:char",
		"main argv[0-2]:string":         "argv=+0(%si):string[3]",
		"main argv:string[2]":           "argv_string_2=+0(%si):string[2]",
		"handle m->path:string@user":    "path=+u0(+u24(%di)):string",
		"handle n=\\5":                  "n=\\5",
	} {
		if got, _ := fetches(t, r, text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"f a[3-1]": "The last element is before the first.", "f a[0-64]": "65 elements are too many.", "f a[0-x]": "Array index must be a number.",
		"f a[0-1]:u8[2]": "Argument parse error",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestPositional reads arguments by the calling convention of C.
func TestPositional(t *testing.T) {
	r := open(t, Target{Exec: compile(t, "-O2")})
	got, notes := fetches(t, r, "handle $arg1 $arg2 x=+0($arg2):string $arg6 $arg7 $arg8:s32")
	if want := "%di %si x=+0(%si):string %r9 +8(%sp) +16(%sp):s32"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if len(notes) != 5 || !strings.HasPrefix(notes[0], "$arg1 is read from %di: ") {
		t.Errorf("notes %q", notes)
	}
	for text, want := range map[string]string{"handle $arg0": "no such argument", "handle $arg*": "no such argument", "handle%return $arg1": "are gone when it returns"} {
		if _, err := resolve(t, r, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	k := openMachine(t, Target{}) // the kernel knows them by itself
	if got, notes := fetches(t, k, "vfs_read $arg1 $arg2:u8"); got != "$arg1 $arg2:u8" || len(notes) != 0 {
		t.Errorf("%s, %q", got, notes)
	}
	if _, err := resolve(t, k, "vfs_read+4 $arg1"); err == nil || !strings.Contains(err.Error(), "only at the entry") {
		t.Errorf("within a function: %v", err)
	}
}

func TestBootConfig(t *testing.T) {
	k := openMachine(t, Target{})
	var got []string
	for _, text := range []string{"vfs_read %di", "g:e=twice", "vfs_read%return $retval"} {
		events, err := resolve(t, k, text)
		if err != nil {
			t.Fatal(err)
		}
		line, err := events[0].BootConfig()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, line)
	}
	want := []string{
		"ftrace.event.kprobes.vfs_read.probes = 'vfs_read+0 %di'",
		"ftrace.event.kprobes.e.probes = 'twice+0', 'twice+0'",
		"ftrace.event.kprobes.vfs_read__return.probes = 'vfs_read+0%return $retval'",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for text, target := range map[string]Target{"main": {Exec: compile(t)}, "ext4_iget": {Module: "ext4"}} {
		machine := open
		if target.Exec == "" {
			machine = openMachine
		}
		r := machine(t, target)
		events, err := resolve(t, r, text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := events[0].BootConfig(); err == nil {
			t.Errorf("%s can be defined at boot", text)
		}
	}
}
