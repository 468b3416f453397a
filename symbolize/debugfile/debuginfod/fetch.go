package debuginfod

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// request is one server's part in the search for a file.
type request struct {
	c      *Client
	server int
	cancel context.CancelCauseFunc
	cause  func() error // why it was cancelled, nil if it was not
	watch  *time.Timer  // ends the request; set again as data comes. nil for no bound
	resp   *http.Response
	err    error
	told   time.Time
}

// errOther is the cause when another server was quicker.
var errOther = errors.New("another server has the file")

// fetch asks all servers at once, takes the file of the first that has one, and puts it at path. missed tells that all servers
// know that they do not have it.
func (c *Client) fetch(ctx context.Context, name, path string, id []byte) (missed bool, err error) {
	if c.MaxTime > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.MaxTime, fmt.Errorf("not done in %v (DEBUGINFOD_MAXTIME)", c.MaxTime))
		defer cancel()
	}
	c.tell("asking debuginfod for %s", name)
	defer c.tell("")
	answers := make(chan *request, len(c.URLs))
	all := make([]*request, len(c.URLs))
	for i := range c.URLs {
		r := &request{c: c, server: i}
		one, cancel := context.WithCancelCause(ctx)
		r.cancel, r.cause = cancel, func() error { return context.Cause(one) }
		defer r.end()
		all[i] = r
		go func() {
			r.ask(one, name)
			answers <- r
		}()
	}
	said := make([]string, len(c.URLs))
	missed, done := true, false
	for range c.URLs {
		r := <-answers
		if done {
			continue
		}
		said[r.server] = r.take(name, path, id)
		missed = missed && r.err == nil && r.resp.StatusCode == http.StatusNotFound
		if done = said[r.server] == ""; done {
			for _, other := range all {
				other.cancel(errOther)
			}
		}
	}
	if done {
		return false, nil
	}
	return missed, &NotFoundError{BuildID: name, Answers: said}
}

// end frees what the request holds, once it has answered.
func (r *request) end() {
	r.cancel(nil)
	if r.watch != nil {
		r.watch.Stop()
	}
	if r.resp != nil {
		_ = r.resp.Body.Close()
	}
}

// ask waits for the header of the server's answer.
func (r *request) ask(ctx context.Context, name string) {
	var u string
	if u, r.err = url.JoinPath(r.c.URLs[r.server], "buildid", name, "debuginfo"); r.err != nil {
		return
	}
	var req *http.Request
	if req, r.err = http.NewRequestWithContext(ctx, http.MethodGet, u, nil); r.err != nil {
		return
	}
	req.Header.Set("User-Agent", "gperf")
	if r.c.MaxSize > 0 {
		req.Header.Set("X-DEBUGINFOD-MAXSIZE", strconv.FormatInt(r.c.MaxSize, 10))
	}
	if t := r.c.Timeout; t > 0 {
		r.watch = time.AfterFunc(t, func() { r.cancel(fmt.Errorf("less than %d KiB came in %v (DEBUGINFOD_TIMEOUT)", leastBytes>>10, t)) })
	}
	r.resp, r.err = (&http.Client{}).Do(req)
}

// take makes a file of the answer. It returns what stands against that in words, "" for nothing.
func (r *request) take(name, path string, id []byte) string {
	server := r.c.URLs[r.server]
	switch {
	case r.err != nil:
		return server + ": " + r.reason(r.err)
	case r.resp.StatusCode == http.StatusNotFound:
		return server + " has no file for " + name
	case r.resp.StatusCode != http.StatusOK:
		return server + " answers " + r.resp.Status
	}
	if err := r.receive(path, id); err != nil {
		return server + ": " + r.reason(err)
	}
	return ""
}

// reason is an error with the cause of a cancelled request, and without the address that the http client puts before it.
func (r *request) reason(err error) string {
	if cause := r.cause(); cause != nil {
		return cause.Error()
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return err.Error()
}

// receive writes the file beside path, checks it, and renames it.
func (r *request) receive(path string, id []byte) (err error) {
	if most := r.c.MaxSize; most > 0 && r.resp.ContentLength > most {
		return fmt.Errorf("the file has %d bytes, more than the %d of DEBUGINFOD_MAXSIZE", r.resp.ContentLength, most)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "debuginfo.*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	if err := errors.Join(r.copy(tmp), tmp.Chmod(0o400), tmp.Close()); err != nil {
		return err
	}
	if err := check(tmp.Name(), id); err != nil {
		return fmt.Errorf("what came is not the file asked for: %w", err)
	}
	return os.Rename(tmp.Name(), path)
}

// copy reads the body. The request ends when fewer than leastBytes come within Timeout.
func (r *request) copy(to io.Writer) error {
	var total, since int64
	buf := make([]byte, 64<<10)
	for {
		n, err := r.resp.Body.Read(buf)
		total += int64(n)
		if since += int64(n); since >= leastBytes && r.watch != nil {
			r.watch.Reset(r.c.Timeout)
			since = 0
		}
		if most := r.c.MaxSize; most > 0 && total > most {
			return fmt.Errorf("the file has more than the %d bytes of DEBUGINFOD_MAXSIZE", most)
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return err
		}
		r.tellSize(total)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// tellSize writes how much has come, ten times a second.
func (r *request) tellSize(n int64) {
	if r.c.Progress == nil || time.Since(r.told) < 100*time.Millisecond {
		return
	}
	r.told = time.Now()
	const mb = 1 << 20
	of := ""
	if all := r.resp.ContentLength; all > 0 {
		of = fmt.Sprintf(" of %.1f", float64(all)/mb)
	}
	r.c.tell("debug information from %s: %.1f%s MB", r.resp.Request.URL.Host, float64(n)/mb, of)
}

// tell writes the line of progress anew; "" clears it.
func (c *Client) tell(format string, args ...any) {
	if c.Progress == nil {
		return
	}
	const width = 79
	text := []rune(fmt.Sprintf(format, args...))
	text = text[:min(len(text), width)]
	line := "\r" + string(text) + strings.Repeat(" ", width-len(text)) + "\r"
	if len(text) > 0 {
		line = strings.TrimSuffix(line, "\r")
	}
	_, _ = io.WriteString(c.Progress, line) // it is only for the eye
}
