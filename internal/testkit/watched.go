package testkit

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// RunWatched runs a program that a defect, of its own or of the kernel's, may keep from ending, and returns what it printed. After limit, which is far
// above what it takes on any machine, it is killed: the error says where each of its threads and of its children's stood.
func RunWatched(limit time.Duration, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	stood := ""
	c.Cancel = func() error {
		stood = whereabouts(c.Process.Pid, 0)
		return c.Process.Kill()
	}
	c.WaitDelay = 10 * time.Second // a child may hold the pipe that is read here
	out, err := c.CombinedOutput()
	if stood != "" {
		err = fmt.Errorf("%s still ran after %v:\n%s%w", name, limit, stood, err)
	}
	return out, err
}

// whereabouts tells of a process's threads, and of its children, what they are and where they wait. What cannot be read is left out.
func whereabouts(pid, depth int) string {
	var b strings.Builder
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	for _, task := range tasks {
		text := func(name string) string {
			content, _ := os.ReadFile(filepath.Join(task, name))
			return strings.TrimSpace(string(content))
		}
		_, state, _ := strings.Cut(text("stat"), ") ")
		state, _, _ = strings.Cut(state, " ")
		fmt.Fprintf(&b, "%s %s, state %s, in %s, system call %s\n", filepath.Base(task), text("comm"), state, text("wchan"), text("syscall"))
		if stack := text("stack"); stack != "" {
			fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(stack, "\n", "\n  "))
		}
		for _, child := range strings.Fields(text("children")) {
			if n, err := strconv.Atoi(child); err == nil && depth < 4 {
				b.WriteString(whereabouts(n, depth+1))
			}
		}
	}
	return b.String()
}
