package main

import (
	"bufio"
	"context"
	"fmt"

	"github.com/gperf-dev/gperf/probe"
)

// lines is --line.
func (p *prober) lines(ctx context.Context) error {
	const last = "Failed to show lines."
	rs := p.resolvers()
	defer rs.close()
	out := bufio.NewWriter(p.app.out)
	for _, w := range p.o.words.words {
		if p.o.words.unusedTarget() {
			w.target = p.o.words.target
		}
		l, err := probe.ParseLineRange(w.text)
		if err != nil {
			return p.failed(err, "")
		}
		r, err := rs.get(ctx, w.target)
		if err != nil {
			return p.failed(err, last)
		}
		listing, err := r.Lines(l)
		if err != nil {
			return p.failed(err, last)
		}
		showLines(out, listing)
		if err := out.Flush(); err != nil {
			return err
		}
		if listing.Missing != nil {
			p.warn(listing.Missing)
		}
	}
	return nil
}

// showLines prints source lines as perf does: the numbers of those that can be probed, and the text.
func showLines(out *bufio.Writer, l *probe.Listing) {
	name := l.Path
	if l.Function != "" {
		name = l.Function + "@" + l.Path
	}
	fmt.Fprintf(out, "<%s:%d>\n", name, l.Start)
	for _, line := range l.Lines {
		switch {
		case l.Missing != nil:
			fmt.Fprintf(out, "%7d\n", line.Number)
		case line.Mark:
			fmt.Fprintf(out, "%7d  %s\n", line.Number, line.Text)
		default:
			fmt.Fprintf(out, "         %s\n", line.Text)
		}
	}
}
