package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestProgramOfAnotherNamespace probes a program that only a process with mounts of its own has, with its separate debug file.
func TestProgramOfAnotherNamespace(t *testing.T) {
	testkit.Need(t, testkit.GCC, testkit.Objcopy, testkit.Root, testkit.Uprobes)
	gperf, dir := gperfBinary(t), t.TempDir()
	buildFaults(t, dir)
	at := filepath.Join(dir, "mounted")
	if err := os.Mkdir(at, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "-m", "sh", "-c", "mount -t tmpfs none "+at+" && cp "+dir+"/stripped/* "+at+" && echo ready && exec sleep 300")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // it was killed
	})
	if line, err := bufio.NewReader(pipe).ReadString('\n'); line != "ready\n" {
		t.Fatalf("%q, %v", line, err)
	}
	pid, program := strconv.Itoa(cmd.Process.Pid), at+"/faults"
	theirs := "/proc/" + pid + "/root" + program
	group := "probe_tn" + strconv.Itoa(os.Getpid())
	def := group + ":split=split text:string n"
	want := "p:" + group + "/split " + theirs + ":0x"
	for _, args := range [][]string{{"--target-ns", pid, "-x", program}, {"-x", theirs}} {
		got := output(t, gperf, append(append([]string{"probe"}, args...), "-D", def)...)
		if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, " text_string=+0(%di):string n=%si:s32\n") {
			t.Errorf("%v: %s", args, got)
		}
	}
	output(t, gperf, "probe", "-q", "--target-ns", pid, "-x", program, "-a", def)
	listed := output(t, gperf, "probe", "-l", group+":*")
	data := filepath.Join(dir, "data")
	output(t, gperf, "record", "-q", "-o", data, "-e", group+":split", "nsenter", "-m", "-t", pid, program)
	output(t, gperf, "probe", "-q", "-d", group+":*")
	if !strings.Contains(listed, "(on split@testdata/faults/faults.c in "+theirs+" with text_string n)") {
		t.Errorf("listed %s", listed)
	}
	if got := output(t, gperf, "script", "-i", data, "-F", "event,trace"); !strings.Contains(got, ` text_string="hello" n=12`) {
		t.Errorf("recorded %s", got)
	}
}
