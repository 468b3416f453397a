package ordered

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"syscall"
	"testing"
)

type numbers struct{ n []int }

func (b *numbers) Release() { b.n = b.n[:0] }

// count gives batches of ten numbers up to n, then err.
func count(n int, err error) func(*numbers) error {
	at := 0
	return func(b *numbers) error {
		if len(b.n) != 0 {
			return errors.New("batch was not released")
		}
		if at >= n {
			return err
		}
		for range 10 {
			b.n = append(b.n, at)
			at++
		}
		return nil
	}
}

func decimal() Formatter[numbers] {
	return func(dst []byte, b *numbers) ([]byte, error) {
		for _, n := range b.n {
			dst = append(strconv.AppendInt(dst, int64(n), 10), '\n')
		}
		return dst, nil
	}
}

func TestFormatKeepsOrder(t *testing.T) {
	var got, want bytes.Buffer
	for i := range 10000 {
		want.WriteString(strconv.Itoa(i) + "\n")
	}
	if err := Format(context.Background(), &got, count(10000, io.EOF), decimal); err != nil {
		t.Fatal(err)
	}
	if got.String() != want.String() {
		t.Errorf("%d bytes, want the %d of the numbers in order", got.Len(), want.Len())
	}
}

func TestFormatEnds(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name string
		w    io.Writer
		next func(*numbers) error
		f    func() Formatter[numbers]
		want error
	}{
		{"end", io.Discard, count(1000, io.EOF), decimal, nil},
		{"source fails", io.Discard, count(1000, broken), decimal, broken},
		{"nobody reads", writer(func([]byte) (int, error) { return 0, syscall.EPIPE }), count(1e6, io.EOF), decimal, nil},
		{"disk full", writer(func([]byte) (int, error) { return 0, syscall.ENOSPC }), count(1e6, io.EOF), decimal, syscall.ENOSPC},
		{"formatter fails", io.Discard, count(1e6, io.EOF), func() Formatter[numbers] {
			return func(dst []byte, b *numbers) ([]byte, error) { return dst, broken }
		}, broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := Format(context.Background(), tt.w, tt.next, tt.f); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

// What was read before the source failed is written.
func TestFormatWritesBeforeError(t *testing.T) {
	var got bytes.Buffer
	if err := Format(context.Background(), &got, count(20, io.ErrUnexpectedEOF), decimal); err != io.ErrUnexpectedEOF {
		t.Fatal(err)
	}
	if lines := bytes.Count(got.Bytes(), []byte("\n")); lines != 20 {
		t.Errorf("%d lines, want 20", lines)
	}
}

func TestFormatCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	endless := func(b *numbers) error {
		if n++; n == 100 {
			cancel()
		}
		b.n = append(b.n, n)
		return nil
	}
	if err := Format(ctx, io.Discard, endless, decimal); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

type writer func([]byte) (int, error)

func (f writer) Write(b []byte) (int, error) { return f(b) }
