package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gperf-dev/gperf/probe"
)

// add is --add, and a definition without an option.
func (p *prober) add(ctx context.Context) error {
	rs := p.resolvers()
	defer rs.close()
	if len(p.o.words.words) == 0 {
		return &exitError{status: 129, text: "there is no definition", hint: "gperf probe -x PATH 'FUNC [ARGUMENT]...'"}
	}
	events, err := p.events(ctx, rs)
	if err != nil {
		return p.notAdded(err)
	}
	m, err := p.manager()
	if err == nil {
		err = p.define(m, events)
	}
	if err != nil {
		return p.notAdded(err)
	}
	p.added(events)
	if p.o.keep && !p.o.dryRun {
		p.keep(events)
	}
	rs.saveIndexes()
	return nil
}

// define adds all events or none, also when the user stops it.
func (p *prober) define(m *probe.Manager, events []*probe.Event) error {
	signals := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) { // as under nohup, and in the background of a script
			signal.Notify(signals, s)
		}
	}
	defer signal.Stop(signals)
	return p.defineUnless(signals, m, events)
}

// defineUnless adds the events. A signal waits until they are all there, and then takes them away again.
func (p *prober) defineUnless(signals <-chan os.Signal, m *probe.Manager, events []*probe.Event) error {
	err := m.Add(probe.AddOptions{Force: p.o.force, DryRun: p.o.dryRun}, events...)
	select {
	case s := <-signals:
		if err == nil && !p.o.dryRun {
			err = m.Undo(events...)
		}
		stopped := &exitError{status: 128 + int(s.(syscall.Signal)), text: "stopped by a signal (" + s.String() + "): nothing was added"}
		if err != nil {
			return errors.Join(stopped, err)
		}
		return stopped
	default:
		return err
	}
}

// added says what was added, as perf does: tools read this.
func (p *prober) added(events []*probe.Event) {
	var lines []string
	for _, e := range events {
		for _, line := range e.KernelLines() {
			if p.o.verbose > 0 {
				p.say("Writing event: %s", line)
			}
			lines = append(lines, e.Summary())
		}
		if e.OnePoint() {
			lines = lines[:len(lines)-len(e.Places)+1]
		}
	}
	plural := ""
	if len(lines) > 1 {
		plural = "s"
	}
	last := events[len(events)-1]
	p.say("Added new event%s:\n%s\n\nYou can now use it in all perf tools, such as:\n\n\tgperf record -e %s:%s -aR sleep 1\n",
		plural, strings.Join(lines, "\n"), last.Group, last.Name)
}

// definitions is --definition.
func (p *prober) definitions(ctx context.Context) error {
	rs := p.resolvers()
	defer rs.close()
	events, err := p.events(ctx, rs)
	if err != nil {
		return p.notAdded(err)
	}
	out := bufio.NewWriter(p.app.out)
	for _, e := range events {
		if !p.o.bootcfg {
			fmt.Fprintln(out, strings.Join(e.KernelLines(), "\n"))
			continue
		}
		line, err := e.BootConfig()
		if err != nil {
			return p.notAdded(err)
		}
		fmt.Fprintln(out, line)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	rs.saveIndexes()
	return nil
}
