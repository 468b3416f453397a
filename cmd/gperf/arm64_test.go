package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/internal/testkit/vm"
)

// armPiece is a part of what the arm64 guest does: a shell script, whose files are looked at afterwards. Each has a directory of its own
// below /tmp in the guest, and the programs are in PATH, in /tmp/bin.
type armPiece struct {
	name   string
	script string
	check  func(t *testing.T, read func(name string) string)
}

// TestARM64Guest runs gperf beside perf on an emulated arm64 processor with a performance monitoring unit, driven by the kernel's own driver:
// counts, metrics, counters read in user space, a benchmark, samples, probes of programs and of the kernel.
func TestARM64Guest(t *testing.T) {
	testkit.Need(t, testkit.QEMUARM64, testkit.KernelLabARM64, testkit.Go)
	t.Parallel() // guests share nothing with the host's tests, or with each other
	bin := t.TempDir()
	for name, args := range map[string][]string{
		"gperf":          {"build", "-trimpath", "-ldflags=-s -w", "."},
		"work":           {"build", "-trimpath", "./testdata/arm64"},
		"govalues":       {"build", "-trimpath", "testdata/govalues/main.go"},
		"gocalls":        {"build", "-trimpath", "./testdata/gocalls"},
		"work.test":      {"test", "-c", "./testdata/arm64"},
		"perfevent.test": {"test", "-c", "../../perfevent"},
	} {
		armGo(t, filepath.Join(bin, name), args)
	}
	if err := os.WriteFile(filepath.Join(bin, "loop"), loopProgram(armRounds), 0o755); err != nil {
		t.Fatal(err)
	}
	pieces := []armPiece{armExact(), armStat(), armShare(), armGroups(), armMetrics(), armUserRead(), armBench(), armSamples(), armGoValues(), armGoCalls(), armKprobes()}
	pieces = append(pieces, armRecorded(t, bin)...)
	files, err := filepath.Glob(filepath.Join(bin, "*"))
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, "testdata/recorded/recorded.c")
	dir := vm.RunARM64(t, armScript(pieces), files...)
	for _, p := range pieces {
		t.Run(p.name, func(t *testing.T) {
			read := func(name string) string {
				t.Helper()
				b, err := os.ReadFile(filepath.Join(dir, "out", p.name, name))
				if err != nil {
					t.Fatalf("%v; the guest says\n%s", err, armSaid(dir, p.name))
				}
				return string(b)
			}
			if status := read("status"); status != "0\n" {
				t.Errorf("the script ended with %s; the guest says\n%s", status, armSaid(dir, p.name))
			}
			p.check(t, read)
		})
	}
}

// armGo builds a program for the guest.
func armGo(t *testing.T, output string, args []string) {
	t.Helper()
	c := exec.Command("go", append([]string{args[0], "-o", output}, args[1:]...)...)
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH=arm64")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", c.Args, err, out)
	}
}

// armScript runs the pieces one after the other, whatever becomes of each. Where the kernel spends more than a quarter of its time on samples,
// as it does when it is emulated, it takes fewer: not here.
func armScript(pieces []armPiece) string {
	var b strings.Builder
	b.WriteString(`echo -1 >/proc/sys/kernel/perf_event_paranoid
echo 1 >/proc/sys/kernel/kptr_restrict
echo 0 >/proc/sys/kernel/perf_cpu_time_max_percent
mkdir /mnt/out /tmp/bin
for f in *; do [ -f $f ] && cp $f /tmp/bin; done
PATH=/tmp/bin:$PATH
`)
	for _, p := range pieces {
		fmt.Fprintf(&b, "mkdir /tmp/%[1]s; (cd /tmp/%[1]s; set -e\n%[2]s\n) >/tmp/%[1]s/said 2>&1; echo $? >/tmp/%[1]s/status; cp -r /tmp/%[1]s /mnt/out\n", p.name, p.script)
	}
	return b.String()
}

func armSaid(dir, piece string) string {
	b, err := os.ReadFile(filepath.Join(dir, "out", piece, "said"))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// armRounds are those of the program loop.
const armRounds = 1 << 20

// loopInstructions are all that the program executes.
const loopInstructions = 2*armRounds + 4

// loopProgram is a static ELF program of six instructions, so that it is known to the last one what it executes.
func loopProgram(rounds uint32) []byte {
	const base, headers = 0x400000, 64 + 56
	code := []uint32{
		0xd2800000 | (rounds&0xffff)<<5, // mov  x0, #low
		0xf2a00000 | (rounds>>16)<<5,    // movk x0, #high, lsl #16
		0xf1000400,                      // subs x0, x0, #1
		0x54ffffe1,                      // b.ne to subs
		0xd2800ba8,                      // mov  x8, #93, exit
		0xd4000001,                      // svc  #0
	}
	size := uint64(headers + 4*len(code))
	return elfOf(base, headers, size, code)
}

// elfOf is a program with one segment, the whole file.
func elfOf(base, headers, size uint64, code []uint32) []byte {
	head := elf.Header64{
		Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_AARCH64), Version: uint32(elf.EV_CURRENT), Entry: base + headers,
		Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1,
	}
	copy(head.Ident[:], elf.ELFMAG+string([]byte{byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)}))
	segment := elf.Prog64{
		Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_X), Vaddr: base, Paddr: base, Filesz: size, Memsz: size, Align: 0x1000,
	}
	var b bytes.Buffer
	for _, part := range []any{head, segment, code} {
		_ = binary.Write(&b, binary.LittleEndian, part) // to memory, of fixed sizes
	}
	return b.Bytes()
}
