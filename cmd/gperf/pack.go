package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/buildidcache"
	"github.com/gperf-dev/gperf/internal/buildids"
)

func newPackCommand(a *app) *cobra.Command {
	var output, unpack string
	var force, hits bool
	c := &cobra.Command{
		Use:   "pack [OPTIONS] [RECORDING]\ngperf pack --unpack ARCHIVE",
		Short: "pack programs and symbols of a recording, to read it on another machine",
		Long: "Pack the programs, their debug files and the kernel's symbols that a recording needs into RECORDING.tar.gz.\n" +
			"There, --unpack or tar puts them into the build-id cache, ~/.debug, where gperf and perf find them.",
		Args: cobra.MaximumNArgs(1),
	}
	l := c.Flags()
	l.StringVarP(&output, "output", "o", "", "archive to write (default RECORDING.tar.gz)")
	l.StringVar(&unpack, "unpack", "", "`archive` to put into the build-id cache")
	l.BoolVarP(&hits, "with-hits", "H", false, "only files in which a sample lies")
	l.BoolVarP(&force, "force", "f", false, "read a recording that belongs to another user")
	c.RunE = func(_ *cobra.Command, args []string) error {
		cache, err := buildidcache.Default()
		if err != nil {
			return err
		}
		if unpack != "" {
			return unpackArchive(a, unpack, cache)
		}
		input := defaultInput
		if len(args) > 0 {
			input = args[0]
		}
		switch {
		case output == "" && input == "-":
			output = defaultInput + ".tar.gz"
		case output == "":
			output = input + ".tar.gz"
		}
		return pack(a, recordingFlags{input, force}, output, hits, cache)
	}
	return c
}

func unpackArchive(a *app, path string, cache *buildidcache.Cache) error {
	var in io.Reader = a.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	n, err := buildids.Unpack(in, cache)
	if n > 0 || err == nil {
		a.note("%s has %d builds, which are in %s now", path, n, cache.Dir)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func pack(a *app, f recordingFlags, output string, hits bool, cache *buildidcache.Cache) error {
	r, err := openRecording(f.input, f.force)
	if err != nil {
		return err
	}
	defer r.Close()
	list, readErr := buildids.Of(r, hits)
	out, err := os.CreateTemp(filepath.Dir(output), packing)
	if err != nil {
		return whereToPack(output, err)
	}
	defer os.Remove(out.Name()) // after the rename there is nothing of that name
	p, err := buildids.Pack(out, list, cache)
	if err = errors.Join(err, out.Close()); err != nil {
		return whereToPack(output, err)
	}
	if p.Builds == 0 {
		return errors.Join(readErr, &exitError{255, f.input + " names no file that is still on this machine",
			"pack where it was recorded, before programs are upgraded"})
	}
	if err := os.Rename(out.Name(), output); err != nil {
		return err
	}
	for _, m := range p.Missing {
		a.note("%s: this build is not on this machine any more", m)
	}
	_, err = fmt.Fprintf(a.out, "Now please run:\n\n$ tar xvf %s -C ~/.debug\n\nwherever you need to run 'gperf script' or 'perf report' on.\n", shellWord(shown(output)))
	return errors.Join(readErr, err)
}

// packing is how the file is called that becomes an archive.
const packing = ".pack-"

// whereToPack tells that the archive cannot be written, by its own name: that of the file that becomes it has gone.
func whereToPack(output string, err error) error {
	e := (*fs.PathError)(nil)
	if !errors.As(err, &e) || !strings.HasPrefix(filepath.Base(e.Path), packing) {
		return err
	}
	return &exitError{255, fmt.Sprintf("cannot write the archive %s: %v", output, e.Err), "-o FILE writes to another place"}
}

// shellWord is a word as a shell takes it.
func shellWord(word string) string {
	special := func(r rune) bool {
		return r < utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_./+-@%:,=", r)
	}
	if !strings.ContainsFunc(word, special) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
