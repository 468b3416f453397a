package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/headertext"
	"github.com/gperf-dev/gperf/internal/script"
	"github.com/gperf-dev/gperf/perfevent/session"
)

// convertFlags is what gperf data convert is asked for.
type convertFlags struct {
	recordingFlags
	script.Options
	json, ctf string
	replace   bool
}

func newDataConvertCommand(a *app) *cobra.Command {
	f := &convertFlags{}
	c := &cobra.Command{
		Use:   "convert --to-json FILE [OPTIONS]",
		Short: "turn a recording into JSON",
		Long:  "Turn a recording into JSON, an object a line: the recording, each sample, the end. docs/schema/recording.json describes them.",
		Args:  cobra.NoArgs,
	}
	l := c.Flags()
	l.StringVarP(&f.input, "input", "i", "", "recording to read, - for standard input (default perf.data)")
	l.BoolVarP(&f.replace, "force", "f", false, "replace a file that is there, and read a recording that belongs to another user")
	l.StringVar(&f.json, "to-json", "", "`file` to write, - for standard output")
	l.StringVar(&f.ctf, "to-ctf", "", "`directory` in CTF: not there yet")
	l.StringVar(&f.Names.Kallsyms, "kallsyms", "", "file with the kernel's symbols, instead of /proc/kallsyms")
	l.StringVarP(&f.Names.Vmlinux, "vmlinux", "k", "", "kernel image with the kernel's symbols")
	l.StringVar(&f.Names.Root, "symfs", "", "directory below which the recorded files are looked for")
	l.StringVar(&f.Times, "time", "", "only samples of this time: START,STOP in seconds, or 10%/2")
	c.RunE = func(c *cobra.Command, _ []string) error {
		switch {
		case f.ctf != "":
			return &exitError{255, "--to-ctf: CTF is not there yet", "'perf data convert --to-ctf' reads gperf's recordings; --to-json writes JSON"}
		case f.json == "":
			return usageErrorOf(c, errors.New("say what to convert to: --to-json FILE"))
		}
		f.force, f.JSON, f.Names.Demangle = f.replace, true, true
		return f.run(c.Context(), a)
	}
	return c
}

func (f *convertFlags) run(ctx context.Context, a *app) error {
	r, err := openRecording(f.input, f.force)
	if err != nil {
		return err
	}
	defer r.Close()
	out, err := f.create(a)
	if err != nil {
		return err
	}
	in := script.Input{Source: session.File(r), About: func() *headertext.Recording {
		return &headertext.Recording{Info: r.Info(), Features: r.Features(), Events: r.Events(), Zone: time.Local}
	}}
	w := &countingWriter{w: bufio.NewWriterSize(out, 1<<16)}
	st, err := script.Run(ctx, w, in, f.Options)
	if left := w.w.Flush(); !errors.Is(err, left) { // it is the error of the first write that failed
		err = errors.Join(err, left)
	}
	if f.json != "-" {
		err = errors.Join(err, out.Close())
	}
	for _, line := range script.Losses(st) {
		a.note("%s", line)
	}
	if err == nil && f.json != "-" {
		name := f.input
		if name == "" {
			name = defaultInput
		}
		fmt.Fprintf(a.err, "[ gperf data convert: Converted '%s' into JSON data '%s' ]\n", shown(name), shown(f.json))
		fmt.Fprintf(a.err, "[ gperf data convert: Converted and wrote %.3f MB (%d samples) ]\n", float64(w.n)/1024/1024, st.Samples)
	}
	return err
}

// create makes the file to write. One that is there stays, unless it is to be replaced.
func (f *convertFlags) create(a *app) (io.WriteCloser, error) {
	if f.json == "-" {
		return nopCloser{a.out}, nil
	}
	how := os.O_CREATE | os.O_WRONLY | os.O_EXCL
	if f.replace {
		how = os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	}
	out, err := os.OpenFile(f.json, how, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, &exitError{255, "Output file exists. Use --force to overwrite it.", ""}
	}
	return out, err
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

type countingWriter struct {
	w *bufio.Writer
	n int64
}

func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
