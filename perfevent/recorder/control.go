package recorder

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Control is a pair of files, of which one brings commands, a line each, and the other takes an "ack" for each that has been dealt with. The commands
// are perf's: enable [EVENT], disable [EVENT], evlist, ping, snapshot, stop.
type Control struct {
	in, ack *os.File
	notify  func(string)
	unknown map[string]bool // commands that were told
}

// ControlError is a text of --control that cannot be used.
type ControlError struct {
	Text string
	Err  error // nil: its form
}

func (e *ControlError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("--control %s: %v", e.Text, e.Err)
	}
	return fmt.Sprintf("--control cannot be %q", e.Text)
}

// Unwrap returns Err.
func (e *ControlError) Unwrap() error { return e.Err }

// Hint is the next step.
func (e *ControlError) Hint() string {
	return "write fd:CONTROL[,ACK] with numbers of open files, or fifo:CONTROL[,ACK] with paths of FIFOs (mkfifo makes one)"
}

// OpenControl opens what perf's --control takes: fd:CTL[,ACK] or fifo:CTL[,ACK]. notify is told of commands that are not known. The caller closes
// the Control.
func OpenControl(text string, notify func(string)) (*Control, error) {
	kind, files, ok := strings.Cut(text, ":")
	in, ack, hasAck := strings.Cut(files, ",")
	open := map[string]func(string) (*os.File, error){"fd": controlFD, "fifo": controlFIFO}[kind]
	if !ok || open == nil || in == "" || hasAck && ack == "" {
		return nil, &ControlError{Text: text}
	}
	c := &Control{notify: notify, unknown: map[string]bool{}}
	var err error
	if c.in, err = open(in); err == nil && hasAck {
		c.ack, err = open(ack)
	}
	if err != nil {
		return nil, &ControlError{Text: text, Err: errors.Join(err, c.Close())}
	}
	return c, nil
}

func controlFD(text string) (*os.File, error) {
	fd, err := strconv.Atoi(text)
	if err != nil || fd < 0 {
		return nil, fmt.Errorf("%q is no number of a file", text)
	}
	// A copy of ours, which does not reach the command and can be closed while it is read.
	mine, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("file %d: %w", fd, err)
	}
	return os.NewFile(uintptr(mine), "fd "+text), nil
}

// controlFIFO opens a FIFO for both ways, as perf does: so it does not wait for the other end, nor end with it.
func controlFIFO(path string) (*os.File, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if st.Mode()&os.ModeNamedPipe == 0 {
		return nil, fmt.Errorf("%s is no FIFO", path)
	}
	return os.OpenFile(path, os.O_RDWR|unix.O_NONBLOCK, 0)
}

// maxControlLine bounds a command.
const maxControlLine = 4096

// Serve reads commands until the file ends or the Control is closed, and sends them as requests.
func (c *Control) Serve(send func(Request)) error {
	lines := bufio.NewReaderSize(c.in, maxControlLine)
	for {
		line, long, err := readLine(lines)
		q, ok := parseCommand(line)
		switch {
		case long:
			c.tellUnknown(fmt.Sprintf("a line of more than %d bytes", maxControlLine))
		case ok:
			q.Done = c.done
			send(q)
		case err == nil || line != "":
			c.tellUnknown(strconv.Quote(strings.TrimRight(line, "\r\n")))
		}
		switch {
		case errors.Is(err, os.ErrClosed) || errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// readLine reads a line; of a long one what is left is passed over.
func readLine(r *bufio.Reader) (line string, long bool, err error) {
	b, err := r.ReadSlice('\n')
	line = string(b)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, long = "", true
		_, err = r.ReadSlice('\n')
	}
	return line, long, err
}

// tellUnknown tells of what is no command, of each once, and of some only.
func (c *Control) tellUnknown(what string) {
	if !c.unknown[what] && len(c.unknown) < 16 {
		c.unknown[what] = true
		c.notify("control: " + what + " is no command")
	}
}

// done acknowledges a request. One that could not be carried out is acknowledged too, as perf does it: who waits would wait for ever.
func (c *Control) done(err error) {
	if err != nil {
		c.notify("control: " + err.Error())
	}
	if c.ack == nil {
		return
	}
	if _, err := c.ack.WriteString("ack\n"); err != nil {
		c.notify("control: " + err.Error())
	}
}

func parseCommand(line string) (Request, bool) {
	word, event, _ := strings.Cut(strings.Trim(line, " \t\r\n\x00"), " ")
	kinds := map[string]RequestKind{
		"enable": RequestEnable, "disable": RequestDisable, "evlist": RequestList, "ping": RequestPing, "snapshot": RequestSnapshot, "stop": RequestStop,
	}
	kind, ok := kinds[word]
	event = strings.TrimSpace(event)
	if kind != RequestEnable && kind != RequestDisable {
		ok, event = ok && (event == "" || kind == RequestList), ""
	}
	return Request{Kind: kind, Event: event}, ok
}

// Close closes both files.
func (c *Control) Close() error {
	var errs []error
	for _, f := range []*os.File{c.in, c.ack} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}
