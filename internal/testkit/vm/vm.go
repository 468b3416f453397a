// Package vm boots Debian's kernel under QEMU for tests of what the machine's own kernel may not have, kprobes above
// all. The guest sees the whole file system of the host below an overlay of its own, so it runs the host's programs
// and leaves no trace; a directory of the test is mounted read-write at /mnt for a script and its results. An arm64
// guest has the counters that this machine may lack, and a file system of its own.
package vm

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// modules are what the initramfs loads, in this order, to reach the host's files; relative to the kernel's tree.
func modules() []string {
	return []string{
		"drivers/virtio/virtio_ring", "drivers/virtio/virtio", "drivers/virtio/virtio_pci_legacy_dev",
		"drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci", "fs/netfs/netfs", "fs/fscache/fscache",
		"net/9p/9pnet", "net/9p/9pnet_virtio", "fs/9p/9p", "fs/overlayfs/overlay",
	}
}

// timeout bounds one guest: software emulation boots in 10 to 20 seconds, and a busy machine shares its CPUs.
const timeout = 15 * time.Minute

const initScript = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
for m in %[1]s; do insmod /modules/$m.ko || echo "insmod $m failed"; done
p=trans=virtio,version=9p2000.L,msize=512000
mount -t 9p -o $p,cache=loose,ro host /lower && mount -t tmpfs tmpfs /rw || poweroff -f
for f in /sys/class/bdi/9p-*/read_ahead_kb; do echo 4096 >$f; done
mkdir -p /rw/up /rw/work
mount -t overlay -o lowerdir=/lower,upperdir=/rw/up,workdir=/rw/work overlay /new || poweroff -f
mount -t 9p -o $p,cache=none out /new/mnt || poweroff -f
mount --move /proc /new/proc; mount --move /sys /new/sys; mount --move /dev /new/dev
mount -t tmpfs tmpfs /new/run
mkdir -p /new/usr/lib/debug/boot /new/usr/lib/debug/lib/modules /new/lib/modules
ln -sf %[2]q /new/usr/lib/debug/boot/vmlinux-$(uname -r)
ln -sf %[3]q /new/lib/modules/$(uname -r)
ln -sf %[4]q /new/usr/lib/debug/lib/modules/$(uname -r)
cd /mnt; PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C chroot /new /bin/sh -c 'cd /mnt; sh ./script >log 2>&1; echo $? >status; sync'
poweroff -f
`

// Run boots the kernel, runs the shell script in a directory that is /mnt in the guest, and returns the directory, into
// which the given files were copied before.
// What the script prints is in its file "log"; the script's failure fails the test with that log.
// The debug vmlinux is where Debian puts it: /usr/lib/debug/boot/vmlinux-VERSION; so are the kernel's modules, and what lab.sh
// unpacked of their debug information.
func Run(t testing.TB, script string, files ...string) string {
	t.Helper()
	testkit.Need(t, testkit.QEMU, testkit.KernelLab)
	image, err := testkit.KernelImage()
	if err != nil {
		t.Fatal(err)
	}
	return run(t, machine{
		program: "qemu-system-x86_64",
		args: []string{
			"-accel", "tcg,thread=multi", "-cpu", "max", "-m", "3G", "-smp", "2",
			"-virtfs", "local,path=/,mount_tag=host,readonly=on" + shareOptions,
		},
		share:   "-virtfs",
		shareID: ",mount_tag=out",
		// A busy host may not let the emulated timer tick in the few loops that the kernel grants it: it would panic.
		cmdline: "console=ttyS0 no_timer_check",
		image:   image,
		initrd:  initramfs(t, image),
	}, script, files)
}

// machine is what QEMU emulates, and what it boots.
type machine struct {
	program string
	args    []string
	share   string // the option that gives the guest a directory
	shareID string // how it names it
	cmdline string // of the kernel
	image   string
	initrd  []byte
}

// run boots the machine with the script and the files in the directory that it shares, and returns the directory.
func run(t testing.TB, m machine, script string, files []string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "script"), []byte(script))
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, filepath.Base(f)), data)
	}
	console := m.boot(t, dir)
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		t.Fatalf("the guest did not come to the end of its script:\n%s", tail(console))
	}
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	if s := strings.TrimSpace(string(status)); s != "0" {
		t.Fatalf("the guest's script ended with %s:\n%s", s, log)
	}
	return dir
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
}

func initramfs(t testing.TB, image string) []byte {
	t.Helper()
	vmlinux, err := testkit.Vmlinux()
	if err != nil {
		t.Fatal(err)
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Fatal(err)
	}
	version := strings.TrimPrefix(filepath.Base(image), "vmlinuz-")
	tree := filepath.Join(filepath.Dir(image), "modules", version, "kernel")
	var a archive
	for _, d := range []string{"bin", "proc", "sys", "dev", "lower", "rw", "new", "modules"} {
		a.dir(d)
	}
	if err := a.copy("bin/busybox", busybox); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range modules() {
		name := filepath.Base(m)
		names = append(names, name)
		if err := a.copy("modules/"+name+".ko", filepath.Join(tree, m+".ko")); err != nil {
			t.Fatal(err)
		}
	}
	lab := filepath.Dir(image)
	a.file("init", fmt.Appendf(nil, initScript, strings.Join(names, " "), vmlinux,
		filepath.Join(lab, "modules", version), filepath.Join(lab, "debug", "lib", "modules", version)))
	return a.bytes()
}

// shareOptions are those of a directory that the guest sees.
const shareOptions = ",security_model=none,multidevs=remap"

// boot runs QEMU to its end and returns what the kernel wrote on its console.
func (m machine) boot(t testing.TB, dir string) []byte {
	t.Helper()
	initrd := filepath.Join(t.TempDir(), "initrd")
	write(t, initrd, m.initrd)
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	args := append(m.args[:len(m.args):len(m.args)],
		"-kernel", m.image, "-initrd", initrd, "-append", m.cmdline+" panic=-1 quiet",
		m.share, "local,path="+dir+m.shareID+shareOptions,
		"-nographic", "-no-reboot", "-nic", "none")
	cmd := exec.CommandContext(ctx, m.program, args...)
	var console bytes.Buffer
	cmd.Stdout, cmd.Stderr = &console, &console
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", m.program, err, tail(console.Bytes()))
	}
	return console.Bytes()
}

func tail(b []byte) []byte {
	const most = 4000
	return b[max(0, len(b)-most):]
}
