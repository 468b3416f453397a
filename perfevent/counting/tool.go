package counting

import "github.com/gperf-dev/gperf/perfevent/selector"

// Tool is an event that no counter counts: the caller's clocks tell it.
type Tool int

// The tools.
const (
	NoTool   Tool = iota
	Duration      // duration_time: nanoseconds that it took
	UserTime      // user_time: nanoseconds in user space
	SysTime       // system_time: nanoseconds in the kernel
)

// FindTool finds such an event by its name.
func FindTool(name string) (Tool, bool) {
	t, ok := map[string]Tool{"duration_time": Duration, "user_time": UserTime, "system_time": SysTime}[name]
	return t, ok
}

// ToolSpec is the spec of such an event.
func ToolSpec(name string, leader int) selector.Spec {
	return selector.Spec{Name: name, Leader: leader}
}
