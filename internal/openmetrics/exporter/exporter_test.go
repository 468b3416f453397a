package exporter

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/openmetrics"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// serve starts a server and ends it, gracefully, with the test.
func serve(t *testing.T, source Source) *Server {
	t.Helper()
	s, err := Listen("127.0.0.1:0", source)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s
}

func fixedCounts(dst []openmetrics.Count) ([]openmetrics.Count, error) {
	return append(dst,
		openmetrics.Count{Event: "page-faults", CPU: 1, Cgroup: "/a \"b\"\n\\c", Value: 42, Enabled: 2 * time.Second, Running: time.Second},
		openmetrics.Count{Event: "task-clock", CPU: -1, Value: 3e9, Clock: true},
	), nil
}

func get(t *testing.T, method, target, accept string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestAnswers(t *testing.T) {
	s := serve(t, fixedCounts)
	base := "http://" + s.Addr()
	for _, test := range []struct {
		method, path, accept string
		status               int
		kind, end            string
	}{
		{"GET", "/metrics", "", 200, openmetrics.PlainText.ContentType(), "gperf_counts_left_out 0\n"},
		{"GET", "/metrics", "application/openmetrics-text", 200, openmetrics.Text.ContentType(), "# EOF\n"},
		{"HEAD", "/metrics", "", 200, openmetrics.PlainText.ContentType(), ""},
		{"GET", "/", "", 200, "text/plain; charset=utf-8", "/metrics\n"},
		{"POST", "/metrics", "", 405, "", ""},
		{"GET", "/metrics/x", "", 404, "", ""},
		{"GET", "/../etc/passwd", "", 404, "", ""},
	} {
		resp, body := get(t, test.method, base+test.path, test.accept)
		if resp.StatusCode != test.status || test.kind != "" && resp.Header.Get("Content-Type") != test.kind || !strings.HasSuffix(body, test.end) {
			t.Errorf("%s %s: status %d, type %q, body\n%s", test.method, test.path, resp.StatusCode, resp.Header.Get("Content-Type"), body)
		}
	}
}

func TestSourceFails(t *testing.T) {
	s := serve(t, func([]openmetrics.Count) ([]openmetrics.Count, error) { return nil, errors.New("all is gone") })
	if resp, body := get(t, "GET", "http://"+s.Addr()+"/metrics", ""); resp.StatusCode != 500 || !strings.Contains(body, "all is gone") {
		t.Errorf("status %d, %q", resp.StatusCode, body)
	}
}

func TestAddress(t *testing.T) {
	for text, want := range map[string]string{
		"9100": "127.0.0.1:9100", ":9100": "127.0.0.1:9100", "127.0.0.1:9100": "127.0.0.1:9100", "0.0.0.0:9100": "0.0.0.0:9100",
		"[::1]:9100": "[::1]:9100", "[::]:0": "[::]:0", "localhost:1": "localhost:1",
		"": "", "localhost": "", "127.0.0.1:": "", "::1": "", "a:b:c": "",
	} {
		got, err := complete(text)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestListenErrors(t *testing.T) {
	s := serve(t, fixedCounts)
	for _, address := range []string{s.Addr(), "127.0.0.1:99999", "256.0.0.1:80", "nonsense"} {
		var want *AddressError
		if _, err := Listen(address, fixedCounts); !errors.As(err, &want) || want.Hint() == "" || strings.Contains(err.Error(), "listen tcp") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestSlowClients: those that say nothing neither keep others out for ever nor the server from its end.
func TestSlowClients(t *testing.T) {
	s, err := Listen("127.0.0.1:0", fixedCounts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx) }()
	for range maxConnections + 5 {
		c, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "GET /metrics HTTP/1.1\r\nHost: ")
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(endTimeout + 5*time.Second):
		t.Fatal("Serve does not end")
	}
}

// TestPrometheus lets a real Prometheus scrape, and asks it for what it got.
func TestPrometheus(t *testing.T) {
	testkit.Need(t, testkit.Prometheus)
	s := serve(t, fixedCounts)
	dir := t.TempDir()
	config := "scrape_configs:\n- job_name: gperf\n  scrape_interval: 1s\n  static_configs:\n  - targets: ['" + s.Addr() + "']\n"
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o666); err != nil {
		t.Fatal(err)
	}
	api := "http://" + startPrometheus(t, dir)
	for query, want := range map[string]string{
		`gperf_events_total`:                                                 `{"__name__":"gperf_events_total","cgroup":"/a \"b\"\n\\c","cpu":"1","event":"page-faults","instance":"` + s.Addr() + `","job":"gperf"} 42`,
		`gperf_clock_seconds_total{event="task-clock"}`:                      `{"__name__":"gperf_clock_seconds_total","event":"task-clock","instance":"` + s.Addr() + `","job":"gperf"} 3`,
		`gperf_running_seconds_total{cpu="1"} / gperf_enabled_seconds_total`: `{"cgroup":"/a \"b\"\n\\c","cpu":"1","event":"page-faults","instance":"` + s.Addr() + `","job":"gperf"} 0.5`,
		`up`: `{"__name__":"up","instance":"` + s.Addr() + `","job":"gperf"} 1`,
	} {
		deadline := time.Now().Add(20 * time.Second)
		got := ask(t, api, query)
		for got == "" && time.Now().Before(deadline) {
			time.Sleep(100 * time.Millisecond)
			got = ask(t, api, query)
		}
		if got != want {
			t.Errorf("%s:\n%s, want\n%s", query, got, want)
		}
	}
	// It knows the units by the OpenMetrics text only.
	_, body := get(t, "GET", api+"/api/v1/metadata?metric=gperf_clock_seconds_total", "")
	_, plain := get(t, "GET", api+"/api/v1/metadata?metric=gperf_clock_seconds", "")
	if !strings.Contains(body+plain, `"unit":"seconds"`) {
		t.Errorf("metadata %s %s", body, plain)
	}
}

// startPrometheus starts a server on a port of its own and returns its address.
func startPrometheus(t *testing.T, dir string) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	cmd := exec.Command("prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+address)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	ready := make(chan bool)
	go func() {
		lines := bufio.NewScanner(stderr)
		for told := false; lines.Scan(); {
			if !told && strings.Contains(lines.Text(), "Server is ready") {
				told = true
				ready <- true
			}
		}
		close(ready)
	}()
	if ok := <-ready; !ok {
		t.Fatal("prometheus did not start")
	}
	return address
}

// ask sends a query and gives the one answer as labels and value, "" for none yet.
func ask(t *testing.T, api, query string) string {
	t.Helper()
	_, body := get(t, "GET", api+"/api/v1/query?query="+url.QueryEscape(query), "")
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if len(answer.Data.Result) != 1 {
		return ""
	}
	labels, err := json.Marshal(answer.Data.Result[0].Metric)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s %v", labels, answer.Data.Result[0].Value[1])
}
