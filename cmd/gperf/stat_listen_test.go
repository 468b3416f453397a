package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestStatListen scrapes a running gperf stat and ends it by a signal.
func TestStatListen(t *testing.T) {
	testkit.Need(t, testkit.Root)
	cmd := exec.Command(gperfBinary(t), "stat", "--listen", "127.0.0.1:0", "-a", "-e", "page-faults,task-clock,page-faults", "sleep", "1000")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }() // it has ended, unless the test failed
	lines := bufio.NewReader(stderr)
	first, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	at := regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+/metrics`).FindString(first)
	if at == "" {
		t.Fatalf("no address in %q", first)
	}
	one := regexp.MustCompile(`(?m)^gperf_events_total\{cpu="0",event="page-faults"\} ([0-9]+)$`)
	var body string
	for !one.MatchString(body) { // the socket is open before the events are
		body = scrape(t, at)
	}
	if n := len(one.FindAllString(body, -1)); n != 1 || !strings.HasSuffix(body, "# EOF\n") ||
		!regexp.MustCompile(`(?m)^gperf_clock_seconds_total\{cpu="0",event="task-clock"\} [0-9.]+(e-[0-9]+)?$`).MatchString(body) {
		t.Errorf("page-faults, selected twice, is there %d times:\n%s", n, body)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it dies of the signal
	if !bytes.Contains(rest, []byte("Performance counter stats")) {
		t.Errorf("no counts at the end:\n%s", rest)
	}
	if _, err := http.Get(at); err == nil {
		t.Error("the socket is still open")
	}
}

func scrape(t *testing.T, at string) string {
	t.Helper()
	req, err := http.NewRequest("GET", at, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/openmetrics-text")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
