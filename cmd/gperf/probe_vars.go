package main

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/gperf-dev/gperf/probe"
)

// variables is --vars.
func (p *prober) variables(ctx context.Context) error {
	const last = "Failed to show vars."
	text := probe.DefaultVarsFilter
	if p.o.filter != "" {
		text = p.o.filter
	}
	filter, err := probe.ParseFilter(text)
	if err != nil {
		return p.failed(&statusError{err, 129}, "")
	}
	rs := p.resolvers()
	defer rs.close()
	out := bufio.NewWriter(p.app.out)
	for i, w := range p.o.words.words {
		if p.o.words.unusedTarget() {
			w.target = p.o.words.target
		}
		d, err := p.parse(i, w)
		if err != nil {
			return p.failed(err, "")
		}
		if len(d.Args) > 0 || d.Event != "" {
			return p.failed(&exitError{status: 129, text: "'--vars' doesn't accept arguments.", hint: "give a probe point only"}, "")
		}
		if d.Point.Kind == probe.AddressPoint {
			return p.failed(&exitError{status: 254, text: "Failed to find the address of " + d.Point.String(),
				hint: "variables are those of a function: FUNC or FUNC+OFFSET"}, last)
		}
		r, err := rs.get(ctx, w.target)
		if err != nil {
			return p.failed(err, last)
		}
		places, err := r.Variables(d, probe.VarsOptions{Externs: p.o.externs, Ranges: p.o.ranges, Filter: filter})
		if err != nil {
			return p.failed(err, last)
		}
		p.showVars(out, d, places)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	rs.saveIndexes()
	return nil
}

func (p *prober) showVars(out io.Writer, d *probe.Definition, places []probe.PlaceVars) {
	fmt.Fprintf(out, "Available variables at %s\n", d.Point.String())
	for _, place := range places {
		if place.Function == "" {
			fmt.Fprintf(out, "\t@<%#x>\n", place.Address)
		} else {
			fmt.Fprintf(out, "\t@<%s+%d>\n", place.Function, place.Offset)
		}
		if len(place.Vars) == 0 {
			fmt.Fprintln(out, "\t\t(No matched variables)")
		}
		for _, v := range place.Vars {
			if p.o.ranges {
				fmt.Fprintln(out, shown("\t\t"+v.WithRanges(place.Function)))
			} else {
				fmt.Fprintln(out, shown("\t\t"+v.Type+"\t"+v.Name))
			}
		}
	}
}
