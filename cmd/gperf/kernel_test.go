package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/internal/testkit/vm"
)

// kernelScript is the kernel case of the README, typed in a guest whose kernel has kprobes and its debug package.
// Results are written to memory first: perf maps its file, which the share at /mnt does not allow. perf's -N keeps it
// from copying the kernel's debug image into its cache, which takes a minute here.
const kernelScript = `set -eu
ln -s /mnt/gperf /usr/local/bin/gperf
mkdir /root/run; cd /root/run
gperf probe -V do_sys_open >vars
gperf probe --add 'do_sys_open filename:string' >added 2>&1
cat /sys/kernel/tracing/kprobe_events >defined
gperf probe --list >list
gperf record -e probe:do_sys_open -aR -o gperf.data ls /etc/hostname >/dev/null 2>recorded
gperf script -i gperf.data >gperf-by-gperf
perf script -i gperf.data >gperf-by-perf
perf record -q -N -e probe:do_sys_open -aR -o perf.data ls /etc/hostname >/dev/null
gperf script -i perf.data >perf-by-gperf
perf script -i perf.data >perf-by-perf
gperf probe --add 'vfs_read%return $retval' 2>>added
gperf record -q -e probe:vfs_read__return -aR -o ret.data cat /etc/hostname >/dev/null
gperf script -i ret.data >ret-by-gperf
perf script -i ret.data >ret-by-perf
gperf record -q -g -e probe:do_sys_open -a -o chain.data ls /etc/hostname >/dev/null
gperf script -i chain.data >chain-by-gperf
perf script -i chain.data >chain-by-perf
gperf probe -L vfs_read >lines 2>lines-hint
gperf probe -V vfs_read:6 >line-vars
gperf probe --add 'vfs_read:6 file->f_path.dentry->d_name.name:string count' >line-added 2>&1
gperf probe --list 'probe:vfs_read_L6' >line-list
gperf record -q -e probe:vfs_read_L6 -aR -o line.data cat /etc/hostname >/dev/null
gperf script -i line.data >line-by-gperf
perf script -i line.data >line-by-perf
gperf probe --add 'vfs_open path->dentry->d_name.name:string' >/dev/null 2>&1
gperf record -q -e probe:vfs_open -aR -o path.data cat /etc/hostname >/dev/null
gperf script -i path.data >path-by-gperf
perf script -i path.data >path-by-perf
gperf probe -m 9pnet -V p9_client_walk >module-vars
gperf probe -m 9pnet -L p9_client_walk:0-1 >module-lines 2>/dev/null
gperf probe -m 9pnet --add 'p9_client_walk oldfid->fid nwname wnames[0]:string clone' >module-added 2>&1
gperf probe -m 9pnet --add 'p9_client_walk%return $retval' >/dev/null 2>&1
gperf probe --list 'p9_*' >module-list
gperf record -q -e 'probe:p9_client_walk*' -aR -o module.data sh -c 'stat /mnt/not-there; true' 2>/dev/null
gperf script -i module.data >module-by-gperf
perf script -i module.data >module-by-perf
cp /lib/modules/$(uname -r)/kernel/lib/crc-itu-t.ko . && xz crc-itu-t.ko
gperf probe -m ./crc-itu-t.ko.xz --add 'crc_itu_t %di' >module-waits 2>&1
busybox insmod /lib/modules/$(uname -r)/kernel/lib/crc-itu-t.ko
gperf probe --list 'crc_*' >module-waits-list
gperf probe --del 'crc_*' 2>/dev/null
gperf probe --del 'p9_*' 2>/dev/null
gperf probe --del probe:vfs_open 2>/dev/null
gperf probe --del probe:do_sys_open 2>removed
gperf probe --del 'vfs_*' 2>>removed
cat /sys/kernel/tracing/kprobe_events >left
cp * /mnt
`

// TestKernelProbeInGuest defines do_sys_open with its file name on Debian's kernel, where the function is inlined ten
// times and stands once by itself, records a command, and compares every text with perf's.
func TestKernelProbeInGuest(t *testing.T) {
	testkit.Need(t, testkit.QEMU, testkit.KernelLab, testkit.Perf)
	t.Parallel() // guests share nothing with the host's tests, or with each other
	dir := vm.Run(t, kernelScript, gperfBinary(t))
	read := func(name string) string {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if vars := read("vars"); !regexp.MustCompile(`(?m)^Available variables at do_sys_open\n\t@<[a-z0-9_]+\+\d+>\n(\t\t.*\n)*\t\t(const )?char\*\tfilename\n`).MatchString(vars) {
		t.Errorf("probe -V:\n%s", vars)
	}
	if n := strings.Count(read("defined"), "p:probe/do_sys_open "); n != 11 {
		t.Errorf("%d places defined, want 11:\n%s", n, read("defined"))
	}
	const mounted = "gperf: mounted tracefs at /sys/kernel/tracing\n"
	if got := read("added"); !strings.HasPrefix(got, mounted+"Added new events:\n  probe:do_sys_open    (on do_sys_open with filename:string)\n") {
		t.Errorf("probe --add:\n%s", got)
	}
	if n := strings.Count(read("list"), "probe:do_sys_open "); n != 11 {
		t.Errorf("probe --list:\n%s", read("list"))
	}
	if got := read("recorded"); !regexp.MustCompile(`(?m)^\[ gperf record: Captured and wrote [0-9.]+ MB gperf\.data \(\d+ samples\) \]$`).MatchString(got) {
		t.Errorf("record:\n%s", got)
	}
	for _, name := range []string{"gperf", "perf", "ret", "chain", "line", "path", "module"} {
		perfs := strings.ReplaceAll(read(name+"-by-perf"), `wnames=""`, "wnames=(fault)") // text that cannot be read
		if diff := cmp.Diff(perfs, read(name+"-by-gperf")); diff != "" {
			t.Errorf("%s.data, perf script against gperf script (-perf +gperf):\n%s", name, diff)
		}
	}
	line := regexp.MustCompile(`(?m)^ +ls +\d+ \[\d{3}\] +\d+\.\d{6}: probe:do_sys_open: \([0-9a-f]{16}\) filename_string="/etc/ld\.so\.cache"$`)
	if got := read("gperf-by-gperf"); !line.MatchString(got) {
		t.Errorf("no sample of ls and its file name:\n%s", got)
	}
	if got := read("ret-by-gperf"); !regexp.MustCompile(`probe:vfs_read__return: \([0-9a-f]+ <- [0-9a-f]+\) arg1=0x`).MatchString(got) {
		t.Errorf("no sample of a return:\n%s", got)
	}
	lineProbe(t, read)
	moduleProbe(t, read)
	if got, want := read("removed"), "Removed event: probe:do_sys_open\nRemoved event: probe:vfs_read_L6\nRemoved event: probe:vfs_read__return\n"; got != want {
		t.Errorf("probe --del: %q, want %q", got, want)
	}
	if left := read("left"); left != "" {
		t.Errorf("left in kprobe_events:\n%s", left)
	}
}

// lineProbe looks at what the guest said of a line of the kernel's source, which it does not have.
func lineProbe(t *testing.T, read func(string) string) {
	t.Helper()
	if got := read("lines"); !regexp.MustCompile(`(?m)\A<vfs_read@.*fs/read_write\.c:0>\n      0\n( +\d+\n)*      6\n`).MatchString(got) {
		t.Errorf("probe -L:\n%s", got)
	}
	if got := read("lines-hint"); !strings.Contains(got, "-s DIRECTORY") {
		t.Errorf("probe -L without the source says %q", got)
	}
	if got := read("line-vars"); !strings.HasPrefix(got, "Available variables at vfs_read:6\n\t@<vfs_read+") || !strings.Contains(got, "\t\tsize_t\tcount\n") {
		t.Errorf("probe -V of a line:\n%s", got)
	}
	if got := read("line-list"); !regexp.MustCompile(`(?m)^  probe:vfs_read_L6    \(on vfs_read:6@.*fs/read_write\.c with name count\)$`).MatchString(got) {
		t.Errorf("probe --list of a line probe:\n%s", got)
	}
	if got := read("line-by-gperf"); !regexp.MustCompile(`(?m)^ +cat +\d+ .* probe:vfs_read_L6: \([0-9a-f]+\) name="hostname" count=`).MatchString(got) {
		t.Errorf("no sample of cat reading hostname; defined was\n%s\nrecorded\n%s", read("line-added"), got)
	}
}

// moduleProbe is a function of the module that the guest reaches its files by.
func moduleProbe(t *testing.T, read func(string) string) {
	t.Helper()
	if got := read("path-by-gperf"); !regexp.MustCompile(`(?m)^ +cat +\d+ .* probe:vfs_open: \([0-9a-f]+\) name="hostname"$`).MatchString(got) {
		t.Errorf("no sample of cat opening hostname:\n%s", got)
	}
	if got := read("module-vars"); !strings.HasPrefix(got, "Available variables at p9_client_walk\n\t@<p9_client_walk+0>\n") || !strings.Contains(got, "\t\tstruct p9_fid*\toldfid\n") {
		t.Errorf("probe -V in a module:\n%s", got)
	}
	if got := read("module-lines"); !strings.HasPrefix(got, "<p9_client_walk@net/9p/client.c:0>\n      0\n") {
		t.Errorf("probe -L in a module:\n%s", got)
	}
	if got := read("module-added"); !strings.Contains(got, "  probe:p9_client_walk (on p9_client_walk in 9pnet with oldfid->fid nwname wnames[0]:string clone)\n") {
		t.Errorf("probe --add in a module:\n%s", got)
	}
	if got := read("module-list"); !strings.Contains(got, "  probe:p9_client_walk (on p9_client_walk@net/9p/client.c in 9pnet with fid nwname wnames clone)\n") {
		t.Errorf("probe --list of a module's probe:\n%s", got)
	}
	got := read("module-by-gperf")
	if !regexp.MustCompile(`(?m)^ +stat +\d+ .* probe:p9_client_walk: \([0-9a-f]+\) fid=0x[0-9a-f]+ nwname=0x1 wnames="not-there" clone=1$`).MatchString(got) {
		t.Errorf("no sample of stat walking to its file:\n%s", got)
	}
	if !regexp.MustCompile(`(?m)^ +stat +\d+ .* probe:p9_client_walk__return: \([0-9a-f]+ <- [0-9a-f]+\) arg1=0xff[0-9a-f]+$`).MatchString(got) {
		t.Errorf("no sample of a return in a module:\n%s", got)
	}
	if got := read("module-waits"); !strings.Contains(got, "kernel module crc_itu_t is not loaded: the probe begins when it is\n") || !strings.Contains(got, "probe:crc_itu_t") {
		t.Errorf("probe --add in a module that is not loaded:\n%s", got)
	}
	if got := read("module-waits-list"); !strings.Contains(got, "  probe:crc_itu_t      (on crc_itu_t in crc_itu_t with arg1)\n") {
		t.Errorf("probe --list of a module that was loaded after its probe:\n%s", got)
	}
}

// gperfBinary builds the program as make build does.
func gperfBinary(t testing.TB) string {
	t.Helper()
	testkit.Need(t, testkit.Go)
	path := filepath.Join(t.TempDir(), "gperf")
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}
