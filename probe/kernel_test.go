package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// machine is a small kernel without an image.
func machine() fstest.MapFS {
	return fstest.MapFS{
		"proc/sys/kernel/osrelease": {Data: []byte("6.1.0-test\n")},
		"proc/modules":              {Data: []byte("ext4 12345 1 - Live 0x0\n")},
		"proc/kallsyms": {Data: []byte("ffffffff81000000 T _text\nffffffff81000000 T _stext\nffffffff81000100 T vfs_read\n" +
			"ffffffff81000200 t twice\nffffffff81000300 t twice\nffffffff81000400 T blacklisted\nffffffff81001000 T _etext\n" +
			"ffffffff82000000 t init_only\nffffffff82000100 D a_table\nffffffffc0000010 t ext4_iget\t[ext4]\n")},
		"sys/kernel/debug/kprobes/blacklist": {Data: []byte("0xffffffff81000400-0xffffffff81000500\tblacklisted\n0x0000000000000000-0x0000000000000000\tx\nnonsense\n")},
	}
}

func openMachine(t *testing.T, target Target) *Resolver {
	t.Helper()
	r, err := NewResolver(context.Background(), target, Options{System: machine(), Root: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestKernelByKallsyms(t *testing.T) {
	r := openMachine(t, Target{})
	for text, want := range map[string]string{
		"vfs_read":                "p:probe/vfs_read _text+256\n",
		"vfs_read+4 %di":          "p:probe/vfs_read _text+260 %di\n",
		"vfs_read%return $retval": "r:probe/vfs_read__return _text+256 $retval\n",
		"g:e=vfs_read @jiffies":   "p:g/e _text+256 @jiffies\n",
		"twice":                   "p:probe/twice _text+512\np:probe/twice _text+768\n",
		"vfs_*":                   "p:probe/vfs_read _text+256\n",
	} {
		events, err := resolve(t, r, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, kernelLines(events)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", text, diff)
		}
	}
}

func TestKernelRefusals(t *testing.T) {
	r := openMachine(t, Target{})
	for text, want := range map[string]string{
		"vfs_rea":       "Failed to find symbol vfs_rea in the kernel",
		"ext4_iget":     "Failed to find symbol ext4_iget in the kernel",
		"a_table":       "Failed to find symbol a_table in the kernel",
		"vfs_read file": "found no debug information of the running kernel 6.1.0-test",
		"init_only":     "init_only is out of .text, skip it.",
		"blacklisted":   "blacklisted is blacklisted function, skip it.",
	} {
		_, err := resolve(t, r, text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
	_, err := resolve(t, r, "ext4_iget")
	var none *NoFunctionError
	if !errors.As(err, &none) || !strings.Contains(none.Hint(), "-m ext4") {
		t.Errorf("ext4_iget: %v", err)
	}
	_, err = resolve(t, r, "vfs_read file")
	if !errors.Is(err, dwarfvars.ErrNoDebugInfo) {
		t.Errorf("vfs_read file: %v", err)
	}
}

func TestModule(t *testing.T) {
	events, err := resolve(t, openMachine(t, Target{Module: "ext4"}), "ext4_iget+8 %di")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := kernelLines(events), "p:probe/ext4_iget ext4:ext4_iget+8 %di\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	_, err = NewResolver(context.Background(), Target{Module: "none"}, Options{System: machine()})
	var m *ModuleError
	if !errors.As(err, &m) {
		t.Errorf("module that is not loaded: %v", err)
	}
}

// The kernel of the laboratory, offline: the same lines as perf's.
func TestVmlinuxIsLikePerfs(t *testing.T) {
	testkit.Need(t, testkit.KernelLab, testkit.Perf)
	vmlinux, err := testkit.Vmlinux()
	if err != nil {
		t.Fatal(err)
	}
	r := open(t, Target{Vmlinux: vmlinux, Offline: true})
	for _, text := range []string{"do_sys_open filename:string", "vfs_read", "vfs_read%return $retval", "vfs_open path->dentry->d_name.name:string",
		"vfs_read file->f_inode->i_ino", "try_to_wake_up p->comm:string", "tcp_v4_connect sk->__sk_common.skc_dport"} {
		events, err := resolve(t, r, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		want := perfSays(t, "probe", "-k", vmlinux, "-D", text)
		if got := kernelLines(events); got != want {
			t.Errorf("%s: -perf +gperf:\n%s", text, cmp.Diff(want, got))
		}
		if n := strings.Count(want, "\n"); strings.HasPrefix(text, "do_sys_open") && n != 11 {
			t.Errorf("do_sys_open has %d places, want 11", n)
		}
	}
	for _, text := range []string{"do_sys_open", "vfs_open"} {
		if got, want := showVars(t, r, text), perfSays(t, "probe", "-k", vmlinux, "-V", text); got != want {
			t.Errorf("%s: -perf +gperf:\n%s", text, cmp.Diff(want, got))
		}
	}
}

// The same kernel as the running one, moved by KASLR: places count from _text.
func TestVmlinuxOfTheRunningKernel(t *testing.T) {
	testkit.Need(t, testkit.KernelLab)
	vmlinux, err := testkit.Vmlinux()
	if err != nil {
		t.Fatal(err)
	}
	linked, err := open(t, Target{Vmlinux: vmlinux, Offline: true}).image.symbols()
	if err != nil {
		t.Fatal(err)
	}
	system := fstest.MapFS{"proc/kallsyms": {Data: moved(linked, 0x12000000)}}
	r, err := NewResolver(context.Background(), Target{Vmlinux: vmlinux}, Options{System: system})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	events, err := resolve(t, r, "do_sys_open filename:string")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range events[0].Places {
		if want := fmt.Sprintf("_text+%d", p.Address-0xffffffff81000000); p.At != want {
			t.Errorf("%s+%d is %s, want %s", p.Function, p.Offset, p.At, want)
		}
	}
}

// moved makes a kallsyms of a kernel that runs at another place than it is linked for.
func moved(linked *symtab.Table, by uint64) []byte {
	var out []byte
	for s := range linked.All() {
		if s.Addr >= 0xffffffff81000000 {
			out = fmt.Appendf(out, "%016x T %s\n", s.Addr+by, s.Name)
		}
	}
	return out
}
