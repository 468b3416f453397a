// Package debuginfod gets debug files by build-id from debuginfod servers. It shares its configuration and its cache with elfutils, so what
// gdb or perf has fetched is not fetched again, and the other way round. See debuginfod-client-config(7).
//
// It is a package of its own because it alone links net/http.
package debuginfod

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// Client asks the servers of DEBUGINFOD_URLS. It is safe for concurrent use.
type Client struct {
	URLs    []string
	Cache   string        // directory; as elfutils has it: BUILDID/debuginfo
	Timeout time.Duration // in which at least 100 KiB must come, DEBUGINFOD_TIMEOUT
	MaxTime time.Duration // for one file, 0 for no bound, DEBUGINFOD_MAXTIME
	MaxSize int64         // of one file, 0 for no bound, DEBUGINFOD_MAXSIZE
	// Progress is told of what is fetched, on one line that is written again and again: a terminal. nil for none.
	Progress io.Writer
}

// Defaults of elfutils.
const (
	defaultTimeout = 90 * time.Second
	missTime       = 10 * time.Minute // how long that a server did not know a build-id is believed; file cache_miss_s says otherwise
	leastBytes     = 100 << 10        // that must come within Timeout
)

// FromEnv makes a client of what the environment says; nil if DEBUGINFOD_URLS is unset or empty: then nothing is to be fetched.
func FromEnv(getenv func(string) string) (*Client, error) {
	c := &Client{Timeout: defaultTimeout}
	for _, u := range strings.Fields(getenv("DEBUGINFOD_URLS")) {
		if strings.HasPrefix(u, "ima:") {
			continue // how signatures are checked, of newer elfutils; none are
		}
		if p, err := url.Parse(u); err != nil || p.Scheme != "http" && p.Scheme != "https" {
			return nil, &ConfigError{Variable: "DEBUGINFOD_URLS", Value: u, Want: "addresses of servers that begin with http:// or https://"}
		}
		c.URLs = append(c.URLs, u)
	}
	if len(c.URLs) == 0 {
		return nil, nil
	}
	timeout, err := number(getenv, "DEBUGINFOD_TIMEOUT", int64(defaultTimeout/time.Second))
	if err != nil {
		return nil, err
	}
	maxTime, err := number(getenv, "DEBUGINFOD_MAXTIME", 0)
	if err != nil {
		return nil, err
	}
	if c.MaxSize, err = number(getenv, "DEBUGINFOD_MAXSIZE", 0); err != nil {
		return nil, err
	}
	const most = int64(1<<63-1) / int64(time.Second)
	c.Timeout, c.MaxTime = time.Duration(min(timeout, most))*time.Second, time.Duration(min(maxTime, most))*time.Second
	c.Cache = cacheDir(getenv)
	return c, nil
}

// ConfigError is a variable of the environment that says nothing of use.
type ConfigError struct{ Variable, Value, Want string }

func (e *ConfigError) Error() string {
	return fmt.Sprintf("%s has %q, where %s are expected", e.Variable, e.Value, e.Want)
}

// Hint says what to do.
func (e *ConfigError) Hint() string { return "correct it, or unset DEBUGINFOD_URLS" }

func number(getenv func(string) string, name string, otherwise int64) (int64, error) {
	text := getenv(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, &ConfigError{Variable: name, Value: text, Want: "digits only"}
	}
	return n, nil
}

// cacheDir is elfutils' choice: the variable, the directory of old versions if it is there, XDG's.
func cacheDir(getenv func(string) string) string {
	if dir := getenv("DEBUGINFOD_CACHE_PATH"); dir != "" {
		return dir
	}
	home := getenv("HOME")
	if home != "" {
		old := filepath.Join(home, ".debuginfod_client_cache")
		if st, err := os.Stat(old); err == nil && st.IsDir() {
			return old
		}
	}
	if dir := getenv("XDG_CACHE_HOME"); dir != "" {
		return filepath.Join(dir, "debuginfod_client")
	}
	if home == "" {
		home = "/"
	}
	return filepath.Join(home, ".cache", "debuginfod_client")
}

// NotFoundError is a build-id that no server gave a file for.
type NotFoundError struct {
	BuildID string
	Answers []string // of the servers, in their order
	Cached  bool     // an earlier answer, which is still believed
}

func (e *NotFoundError) Error() string {
	s := "debuginfod: " + strings.Join(e.Answers, "; ")
	if e.Cached {
		s += " (asked some minutes ago)"
	}
	return s
}

// CacheError is a file in the cache that is not to be trusted.
type CacheError struct{ Path, Reason string }

func (e *CacheError) Error() string { return fmt.Sprintf("debuginfod: %s: %s", e.Path, e.Reason) }

// Hint says what to do.
func (e *CacheError) Hint() string {
	return "remove it, or set DEBUGINFOD_CACHE_PATH to a directory of your own"
}

// maxID is more bytes than a build-id has.
const maxID = 64

// DebugInfo returns the path of a file with the debug information of a build-id: in the cache, else fetched into it. Errors are
// *NotFoundError, *CacheError or the cache's file system's.
func (c *Client) DebugInfo(ctx context.Context, id []byte) (string, error) {
	if len(id) < 2 || len(id) > maxID {
		return "", fmt.Errorf("debuginfod: a build-id of %d bytes", len(id))
	}
	name := hex.EncodeToString(id)
	path := filepath.Join(c.Cache, name, "debuginfo")
	known, err := c.cached(path, name, id)
	if known || err != nil {
		return path, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("debuginfod's cache: %w", err)
	}
	missed, err := c.fetch(ctx, name, path, id)
	if missed {
		c.remember(path)
	}
	if err != nil {
		return "", err
	}
	return path, nil
}

// cached looks whether the cache has the file, or an empty one that says that there is none.
func (c *Client) cached(path, name string, id []byte) (known bool, err error) {
	st, err := os.Lstat(path)
	if err != nil {
		return false, nil
	}
	if reason := untrusted(st); reason != "" {
		return false, &CacheError{path, reason}
	}
	if st.Size() == 0 {
		if time.Since(st.ModTime()) < c.missTime() {
			return false, &NotFoundError{BuildID: name, Answers: []string{"no server has a file for " + name}, Cached: true}
		}
		return false, os.Remove(path)
	}
	if err := check(path, id); err != nil {
		return false, &CacheError{path, err.Error()}
	}
	return true, nil
}

// missTime is how long an empty file is believed: elfutils keeps the seconds in a file of the cache.
func (c *Client) missTime() time.Duration {
	b, err := os.ReadFile(filepath.Join(c.Cache, "cache_miss_s"))
	if err != nil {
		return missTime
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(b)), 10, 32)
	if err != nil || n < 0 {
		return missTime
	}
	return time.Duration(n) * time.Second
}

// remember leaves an empty file, as elfutils does, that stands for "not found". Without it the servers are asked again.
func (c *Client) remember(path string) {
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o400); err == nil {
		_ = f.Close()
	}
}

// check tells whether a file is of the build.
func check(path string, id []byte) error {
	f, err := objfile.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if own := f.BuildID(); !bytes.Equal(own, id) {
		return fmt.Errorf("its build-id is %x, not %x", own, id)
	}
	return nil
}

// untrusted says why a file of the cache is not to be used, "" if it is: gperf often runs as root, and somebody else's file
// could say anything.
func untrusted(st os.FileInfo) string {
	if !st.Mode().IsRegular() {
		return "it is no regular file"
	}
	if st.Mode().Perm()&0o022 != 0 {
		return "others can write to it"
	}
	if sys, ok := st.Sys().(*syscall.Stat_t); ok && sys.Uid != 0 && int(sys.Uid) != os.Geteuid() {
		return "it belongs to somebody else"
	}
	return ""
}
