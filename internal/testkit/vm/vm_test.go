package vm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGuestHasKprobesAndTheHostsFiles(t *testing.T) {
	dir := Run(t, "uname -r\ncat /proc/mounts | grep overlay\nls -lL /usr/lib/debug/boot/\nmount -t tracefs none /sys/kernel/tracing\nls /sys/kernel/tracing/kprobe_events && id -u")
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"-amd64", "vmlinux-", "/sys/kernel/tracing/kprobe_events", "overlay"} {
		if !strings.Contains(string(log), want) {
			t.Errorf("the guest's log has no %q:\n%s", want, log)
		}
	}
}
