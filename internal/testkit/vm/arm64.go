package vm

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// arm64Init is like initScript without the host's file system, whose programs this processor cannot run.
const arm64Init = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
mount -t tracefs tracefs /sys/kernel/tracing; mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /tmp
for m in virtio_mmio netfs fscache 9pnet 9pnet_virtio 9p; do insmod /modules/$m.ko || echo "insmod $m failed"; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none out /mnt || poweroff -f
cd /mnt; export PATH=/bin HOME=/root LC_ALL=C
sh ./script >log 2>&1; echo $? >status; sync
poweroff -f
`

// RunARM64 is Run on an arm64 machine with a file system of its own, where perf and busybox are: the emulated processor has a performance
// monitoring unit (PMUv3) of one counter for cycles and six for other events, of which it counts INST_RETIRED (0x08) and CPU_CYCLES (0x11).
// Instructions are counted one by one (-icount): each takes 2 ns, that is two cycles of the unit's clock of 1 GHz, whatever the host does, and
// a guest that waits takes no time. There is one CPU: of several, QEMU would add the instructions of all to what each counts.
func RunARM64(t testing.TB, script string, files ...string) string {
	t.Helper()
	testkit.Need(t, testkit.QEMUARM64, testkit.KernelLabARM64)
	image, err := testkit.KernelImageARM64()
	if err != nil {
		t.Fatal(err)
	}
	return run(t, machine{
		program: "qemu-system-aarch64",
		args: []string{
			"-M", "virt", "-cpu", "max", "-accel", "tcg,thread=single", "-icount", "shift=1,sleep=off", "-m", "1G",
			"-device", "virtio-9p-device,fsdev=out,mount_tag=out",
		},
		share:   "-fsdev",
		shareID: ",id=out",
		cmdline: "console=ttyAMA0",
		image:   image,
		initrd:  initramfsARM64(t, filepath.Dir(image)),
	}, script, files)
}

// initramfsARM64 is the lab's root directory, the modules that reach the shared directory and the init script.
func initramfsARM64(t testing.TB, lab string) []byte {
	t.Helper()
	var a archive
	for _, d := range []string{"bin", "lib", "modules", "proc", "sys", "dev", "run", "tmp", "root", "mnt", "etc"} {
		a.dir(d)
	}
	add := func(dir string, name func(path string) string) {
		root := os.DirFS(dir)
		err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return a.copy(name(path), filepath.Join(dir, path))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	add(filepath.Join(lab, "root"), func(path string) string { return path })
	add(filepath.Join(lab, "modules"), func(path string) string { return "modules/" + filepath.Base(path) })
	a.file("init", []byte(strings.TrimSpace(arm64Init)+"\n"))
	return a.bytes()
}
