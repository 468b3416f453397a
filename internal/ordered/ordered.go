// Package ordered formats batches on several goroutines and writes the results in the order in which the batches came.
package ordered

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"syscall"
)

// Batch is a pointer to a type of batches that is used again and again.
type Batch[B any] interface {
	*B
	Release()
}

// Formatter appends a batch's text to dst. Each goroutine has its own.
type Formatter[B any] func(dst []byte, b *B) ([]byte, error)

// Format takes batches from next until it fails, formats each with a formatter made by newFormatter, and writes the
// texts to w in order. It ends without an error when next returned io.EOF, or when nobody reads w any more (EPIPE).
// Otherwise the error is that of next, a formatter, w or ctx, after all text before it has been written. next is called
// from one goroutine; neither it nor a formatter runs any more when Format has returned, so a next that waits must end
// with ctx too.
func Format[B any, P Batch[B]](ctx context.Context, w io.Writer, next func(P) error, newFormatter func() Formatter[B]) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	p := &pipe[B, P]{
		free:  make(chan *job[B], 2*workers+2),
		work:  make(chan *job[B], 2*workers+2),
		order: make(chan *job[B], 2*workers+2),
	}
	for range cap(p.free) {
		p.free <- &job[B]{batch: new(B), done: make(chan struct{}, 1)}
	}
	var group sync.WaitGroup
	group.Go(func() { p.read(ctx, next) })
	for range workers {
		f := newFormatter()
		group.Go(func() { p.format(f) })
	}
	err := p.write(ctx, w)
	cancel()
	for range p.order { // what was read and will not be written
	}
	group.Wait()
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		return nil
	}
	return err
}

// job is a batch on its way and the text that it became.
type job[B any] struct {
	batch *B
	text  []byte
	err   error // of next, instead of a batch; or of the formatter
	last  bool
	done  chan struct{}
}

// pipe is where the jobs go round: free, to a worker by work, at the same time in order to the writer, free.
type pipe[B any, P Batch[B]] struct {
	free, work, order chan *job[B]
}

func (p *pipe[B, P]) read(ctx context.Context, next func(P) error) {
	defer close(p.order)
	defer close(p.work)
	for {
		var j *job[B]
		select {
		case j = <-p.free:
		case <-ctx.Done():
			return
		}
		j.err = next(P(j.batch))
		if j.err != nil {
			j.last = true
			j.done <- struct{}{}
			p.order <- j
			return
		}
		p.order <- j
		p.work <- j
	}
}

func (p *pipe[B, P]) format(f Formatter[B]) {
	for j := range p.work {
		j.text, j.err = f(j.text[:0], j.batch)
		P(j.batch).Release()
		j.done <- struct{}{}
	}
}

func (p *pipe[B, P]) write(ctx context.Context, w io.Writer) error {
	for j := range p.order {
		select {
		case <-j.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if j.last {
			if j.err == io.EOF {
				return nil
			}
			return j.err
		}
		if len(j.text) > 0 {
			if _, err := w.Write(j.text); err != nil {
				return err
			}
		}
		if j.err != nil {
			return j.err
		}
		p.free <- j
	}
	return ctx.Err()
}
