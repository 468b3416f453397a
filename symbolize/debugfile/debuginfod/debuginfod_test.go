package debuginfod

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// program makes a stripped program and, in a directory of its own, its debug file.
func program(t *testing.T) (prog, debugDir string, id []byte) {
	t.Helper()
	testkit.Need(t, testkit.GCC, testkit.Objcopy)
	dir := t.TempDir()
	src := filepath.Join(dir, "a.c")
	prog, debugDir = filepath.Join(dir, "prog"), filepath.Join(dir, "served")
	if err := os.WriteFile(src, []byte("int f(int x) { return x + 1; }\nint main(void) { return f(-1); }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(debugDir, 0o700); err != nil {
		t.Fatal(err)
	}
	run(t, nil, "gcc", "-g", "-Wl,--build-id=sha1", "-o", prog, src)
	run(t, nil, "objcopy", "--only-keep-debug", prog, debugDir+"/any.debug")
	run(t, nil, "objcopy", "--strip-all", prog)
	f, err := objfile.Open(prog)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return prog, debugDir, f.BuildID()
}

// serve starts Debian's server on loopback; it ends with the test, or by the function returned.
func serve(t *testing.T, dir string, id []byte) (url string, stop func()) {
	t.Helper()
	testkit.Need(t, testkit.Debuginfod)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("debuginfod", "-p", fmt.Sprint(port), "-d", filepath.Join(t.TempDir(), "db.sqlite"), "-F", dir)
	cmd.Env = append(os.Environ(), "DEBUGINFOD_URLS=")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	t.Cleanup(stop)
	url = fmt.Sprintf("http://127.0.0.1:%d", port)
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) { // until it has looked at the directory
		resp, err := http.Get(url + "/buildid/" + hex.EncodeToString(id) + "/debuginfo")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return url, stop
			}
		}
		if time.Now().After(end) {
			t.Fatalf("debuginfod does not serve: %v", err)
		}
	}
}

func client(t *testing.T, cache string, env ...string) *Client {
	t.Helper()
	c, err := FromEnv(func(name string) string {
		for _, kv := range append(env, "DEBUGINFOD_CACHE_PATH="+cache) {
			if k, v, _ := strings.Cut(kv, "="); k == name {
				return v
			}
		}
		return ""
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRealServer fetches from Debian's server, and shares the cache with elfutils' client in both directions.
func TestRealServer(t *testing.T) {
	prog, dir, id := program(t)
	url, stop := serve(t, dir, id)
	name := hex.EncodeToString(id)
	ours, theirs := filepath.Join(t.TempDir(), "ours"), filepath.Join(t.TempDir(), "theirs")
	c := client(t, ours, "DEBUGINFOD_URLS= http://127.0.0.1:1 "+url+"/ ", "DEBUGINFOD_MAXTIME=60", "DEBUGINFOD_MAXSIZE=100000000")
	var progress bytes.Buffer
	c.Progress = &progress
	found, tried, err := debugfile.Find(prog, debugfile.Options{Cache: "-", Fetch: func(id []byte) (string, error) {
		return c.DebugInfo(context.Background(), id)
	}})
	want := filepath.Join(ours, name, "debuginfo")
	if err != nil || found != want {
		t.Fatalf("Find = %q, %v; tried %q", found, err, tried)
	}
	if !strings.Contains(progress.String(), name) || !strings.HasSuffix(progress.String(), "\r") {
		t.Errorf("progress: %q", progress.String())
	}
	left, err := filepath.Glob(filepath.Join(ours, name, "*"))
	if err != nil || len(left) != 1 {
		t.Errorf("in the cache: %v, %v", left, err)
	}
	run(t, []string{"DEBUGINFOD_URLS=" + url, "DEBUGINFOD_CACHE_PATH=" + theirs}, "debuginfod-find", "debuginfo", name)
	// One that no server knows, asked by both.
	none := bytes.Repeat([]byte{0xab}, 20)
	c.URLs = []string{url}
	var missing *NotFoundError
	if _, err := c.DebugInfo(context.Background(), none); !errors.As(err, &missing) || missing.Cached || !strings.Contains(err.Error(), url) {
		t.Errorf("what the server does not know: %v", err)
	}
	_ = exec.Command("env", "DEBUGINFOD_URLS="+url, "DEBUGINFOD_CACHE_PATH="+theirs, "debuginfod-find", "debuginfo", hex.EncodeToString(none)).Run()
	stop()
	if out := run(t, []string{"DEBUGINFOD_URLS=" + url, "DEBUGINFOD_CACHE_PATH=" + ours}, "debuginfod-find", "debuginfo", name); strings.TrimSpace(out) != want {
		t.Errorf("elfutils does not take what is in the cache: %q", out)
	}
	c.Cache = theirs
	if p, err := c.DebugInfo(context.Background(), id); err != nil || p != filepath.Join(theirs, name, "debuginfo") {
		t.Errorf("what elfutils left is not taken: %q, %v", p, err)
	}
	for _, cache := range []string{ours, theirs} {
		c.Cache = cache
		if _, err := c.DebugInfo(context.Background(), none); !errors.As(err, &missing) || !missing.Cached {
			t.Errorf("%s does not remember what no server has: %v", cache, err)
		}
		if err := os.WriteFile(filepath.Join(cache, "cache_miss_s"), []byte("0\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.DebugInfo(context.Background(), none); !errors.As(err, &missing) || missing.Cached {
			t.Errorf("%s remembers too long: %v", cache, err)
		}
	}
}

// TestBadServers: what a server does wrong is told with its address, and nothing stays in the cache.
func TestBadServers(t *testing.T) {
	_, dir, id := program(t)
	good, err := os.ReadFile(dir + "/any.debug")
	if err != nil {
		t.Fatal(err)
	}
	forever := make(chan struct{})
	tests := []struct {
		name, env, want string
		handle          http.HandlerFunc
	}{
		{"status", "", "answers 500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }},
		{"not ELF", "", "not an ELF file", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>something else entirely</html>") }},
		{"other build", "", "its build-id is", func(w http.ResponseWriter, _ *http.Request) {
			b := bytes.Clone(good)
			i := bytes.Index(b, id)
			b[i] ^= 1
			_, _ = w.Write(b)
		}},
		{"cut short", "", "EOF", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(good)))
			_, _ = w.Write(good[:len(good)/2])
		}},
		{"too large", "DEBUGINFOD_MAXSIZE=1000", "DEBUGINFOD_MAXSIZE", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(good) }},
		{"too large, not told", "DEBUGINFOD_MAXSIZE=1000", "DEBUGINFOD_MAXSIZE", func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			_, _ = w.Write(good)
		}},
		{"silent", "DEBUGINFOD_TIMEOUT=1", "DEBUGINFOD_TIMEOUT", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-forever:
			case <-r.Context().Done():
			}
		}},
		{"stuck", "DEBUGINFOD_TIMEOUT=1", "DEBUGINFOD_TIMEOUT", func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(good[:100])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}},
		{"slow", "DEBUGINFOD_MAXTIME=1", "DEBUGINFOD_MAXTIME", func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(good[:100])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(tt.handle)
			defer s.Close()
			cache := filepath.Join(t.TempDir(), "cache")
			_, err := client(t, cache, "DEBUGINFOD_URLS="+s.URL, tt.env).DebugInfo(context.Background(), id)
			var missing *NotFoundError
			if !errors.As(err, &missing) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), s.URL) {
				t.Errorf("%v", err)
			}
			if left, _ := filepath.Glob(filepath.Join(cache, "*", "*")); len(left) != 0 {
				t.Errorf("in the cache: %v", left)
			}
		})
	}
}

// TestUntrusted: a file of the cache that others could have written is not used.
func TestUntrusted(t *testing.T) {
	_, dir, id := program(t)
	good, err := os.ReadFile(dir + "/any.debug")
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	path := filepath.Join(cache, hex.EncodeToString(id), "debuginfo")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	c := client(t, cache, "DEBUGINFOD_URLS=http://127.0.0.1:1")
	for _, tt := range []struct {
		make func() error
		want string
	}{
		{func() error { return os.WriteFile(path, good, 0o400) }, ""},
		{func() error { return os.Chmod(path, 0o666) }, "others can write"},
		{func() error { return errors.Join(os.Rename(path, path+"x"), os.Symlink(path+"x", path)) }, "no regular file"},
		{func() error { return errors.Join(os.Remove(path), os.WriteFile(path, []byte("something else"), 0o400)) }, "not an ELF file"},
	} {
		if err := tt.make(); err != nil {
			t.Fatal(err)
		}
		_, err := c.DebugInfo(context.Background(), id)
		var refused *CacheError
		if tt.want == "" && err != nil || tt.want != "" && (!errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want) || refused.Hint() == "") {
			t.Errorf("want %q: %v", tt.want, err)
		}
	}
}

func TestFromEnv(t *testing.T) {
	home := t.TempDir()
	for _, tt := range []struct {
		env        map[string]string
		cache, bad string
		none       bool
	}{
		{env: map[string]string{}, none: true},
		{env: map[string]string{"DEBUGINFOD_URLS": "  "}, none: true},
		{env: map[string]string{"DEBUGINFOD_URLS": "https://a/ http://b ima:enforcing"}, cache: "/.cache/debuginfod_client"},
		{env: map[string]string{"DEBUGINFOD_URLS": "https://a", "XDG_CACHE_HOME": "/x"}, cache: "/x/debuginfod_client"},
		{env: map[string]string{"DEBUGINFOD_URLS": "https://a", "XDG_CACHE_HOME": "/x", "DEBUGINFOD_CACHE_PATH": "/y"}, cache: "/y"},
		{env: map[string]string{"DEBUGINFOD_URLS": "ftp://a"}, bad: "ftp://a"},
		{env: map[string]string{"DEBUGINFOD_URLS": "https://a", "DEBUGINFOD_TIMEOUT": "soon"}, bad: "soon"},
		{env: map[string]string{"DEBUGINFOD_URLS": "https://a", "DEBUGINFOD_MAXSIZE": "-1"}, bad: "-1"},
	} {
		c, err := FromEnv(func(name string) string {
			if name == "HOME" {
				return home
			}
			return tt.env[name]
		})
		var config *ConfigError
		switch {
		case tt.bad != "":
			if !errors.As(err, &config) || config.Value != tt.bad || config.Hint() == "" {
				t.Errorf("%v: %v", tt.env, err)
			}
		case err != nil || (c == nil) != tt.none:
			t.Errorf("%v: %v, %v", tt.env, c, err)
		case c != nil && strings.TrimPrefix(c.Cache, home) != tt.cache:
			t.Errorf("%v: cache %s", tt.env, c.Cache)
		}
	}
	if err := os.Mkdir(home+"/.debuginfod_client_cache", 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := FromEnv(func(name string) string { return map[string]string{"HOME": home, "DEBUGINFOD_URLS": "http://a"}[name] })
	if err != nil || c.Cache != home+"/.debuginfod_client_cache" {
		t.Errorf("the cache of old versions: %v, %v", c, err)
	}
}
