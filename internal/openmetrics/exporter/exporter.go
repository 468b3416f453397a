// Package exporter serves counts over HTTP to whoever scrapes them. It alone
// links net/http for that.
package exporter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gperf-dev/gperf/internal/openmetrics"
)

// Source gives the counts as they are now, appended to dst. It is called by one
// goroutine at a time.
type Source func(dst []openmetrics.Count) ([]openmetrics.Count, error)

// Bounds on what clients may take. A scrape is one short request.
const (
	maxConnections = 64
	maxHeader      = 16 << 10
	readTimeout    = 5 * time.Second
	writeTimeout   = 10 * time.Second
	idleTimeout    = 2 * time.Minute // scrapers keep the connection for a minute or so
	endTimeout     = 2 * time.Second // for answers under way when Serve ends
)

// Server answers GET /metrics.
type Server struct {
	listener net.Listener
	source   Source

	mu      sync.Mutex
	counts  openmetrics.Counts
	current []openmetrics.Count
}

// AddressError is an address that cannot be listened on.
type AddressError struct {
	Address string
	Err     error
}

func (e *AddressError) Error() string {
	var op *net.OpError
	if errors.As(e.Err, &op) {
		return fmt.Sprintf("cannot listen on %s: %v", e.Address, op.Err)
	}
	return fmt.Sprintf("cannot listen on %s: %v", e.Address, e.Err)
}

// Unwrap gives the cause.
func (e *AddressError) Unwrap() error { return e.Err }

// Hint is the next step in words.
func (e *AddressError) Hint() string {
	return "give an address and a free port, as 127.0.0.1:9100, or a port alone, which is then on 127.0.0.1"
}

// complete adds to what a user gives: a port alone, or :PORT, is one on
// 127.0.0.1. Other interfaces are listened on only when named, as 0.0.0.0:PORT.
func complete(text string) (string, error) {
	if text != "" && strings.Trim(text, "0123456789") == "" {
		text = ":" + text
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", &AddressError{text, err}
	}
	if port == "" {
		return "", &AddressError{text, errors.New("no port")}
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// Listen opens the socket, so that a wrong address is known before anything is
// counted. The error is an [*AddressError]. Serve closes the socket; who does not
// call it calls Close.
func Listen(address string, source Source) (*Server, error) {
	address, err := complete(address)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, &AddressError{address, err}
	}
	return &Server{listener: &limited{l, make(chan struct{}, maxConnections)}, source: source}, nil
}

// Addr is where the server listens, with the port that it got if 0 was asked for.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close closes the socket of a server that does not serve.
func (s *Server) Close() error { return s.listener.Close() }

// Serve answers until ctx is done, and then lets answers that are under way go
// out for a moment. It returns nil unless the socket fails.
func (s *Server) Serve(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", s.metrics)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "gperf stat: the counts are at /metrics\n") // the client may have gone
	})
	server := &http.Server{
		Handler: mux, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(s.listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	if err := server.Shutdown(limit); err != nil {
		_ = server.Close() // who is slow is cut off
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	format := openmetrics.Negotiate(strings.Join(r.Header.Values("Accept"), ","))
	body, err := s.text(format)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", format.ContentType())
	_, _ = w.Write(body) // the client may have gone
}

func (s *Server) text(format openmetrics.Format) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.current, err = s.source(s.current[:0]); err != nil {
		return nil, err
	}
	return openmetrics.Append(nil, format, s.counts.Families(s.current)), nil
}

// limited is a listener with so many connections at a time; others wait.
type limited struct {
	net.Listener
	slots chan struct{}
}

func (l *limited) Accept() (net.Conn, error) {
	l.slots <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &slot{Conn: c, free: sync.OnceFunc(func() { <-l.slots })}, nil
}

// slot is a connection that gives its place back.
type slot struct {
	net.Conn
	free func()
}

func (c *slot) Close() error {
	c.free()
	return c.Conn.Close()
}
