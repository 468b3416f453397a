package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/internal/testkit/vm"
)

// hotplugScript takes the second of two CPUs away while all are recorded, brings it back, and begins a recording while it is away.
const hotplugScript = `set -eu
cpu=/sys/devices/system/cpu/cpu1/online
cd /root
cat /sys/devices/system/cpu/online
/mnt/gperf record -a -e cpu-clock,sched:sched_switch -o both.data sh -c '>started; exec sleep 4' 2>both & recorder=$!
for i in 1 2 3; do while :; do :; done & loops="${loops-} $!"; done
while [ ! -e started ]; do sleep 0.1; done # by then all CPUs are recorded, which takes its time here
sleep 1; echo 0 >$cpu
sleep 1; echo 1 >$cpu
wait $recorder; echo $? >ended
kill $loops
/mnt/gperf script -i both.data -F cpu,event,time >both-by-gperf
perf script -i both.data -F cpu,event,time >both-by-perf
echo 0 >$cpu
/mnt/gperf record -q -a -e cpu-clock -o one.data sleep 0.3; echo $? >>ended
/mnt/gperf record -q -C 1 -e cpu-clock -o off.data sleep 0.3 2>off || true
/mnt/gperf script -i one.data -F cpu >one
echo 1 >$cpu
cp ended both both-by-gperf both-by-perf one off /mnt
`

// TestCPUGoesOffLineInGuest: the recording goes on with the CPUs that are left, and what the lost one told is kept.
func TestCPUGoesOffLineInGuest(t *testing.T) {
	testkit.Need(t, testkit.QEMU, testkit.KernelLab, testkit.Perf)
	t.Parallel() // guests share nothing with the host's tests, or with each other
	dir := vm.Run(t, hotplugScript, gperfBinary(t))
	read := func(name string) string {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if got := read("ended"); got != "0\n0\n" {
		t.Errorf("statuses %q; %s", got, read("both"))
	}
	both := read("both-by-gperf")
	for _, cpu := range []string{"[000]", "[001]"} {
		if !strings.Contains(both, cpu) {
			t.Errorf("nothing of CPU %s in %s; %.2000s", cpu, read("log"), both)
		}
	}
	if both != read("both-by-perf") {
		t.Error("perf prints the recording otherwise")
	}
	if one := read("one"); !strings.Contains(one, "[000]") || strings.Contains(one, "[001]") {
		t.Errorf("a recording without the CPU has samples of\n%s", one)
	}
	if off := read("off"); !strings.Contains(off, "CPU 1 is not online") {
		t.Errorf("-C of a CPU that is off: %q", off)
	}
}
