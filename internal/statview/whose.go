package statview

import (
	"fmt"
	"strings"
)

// whose appends what a count is of: a CPU, a thread, a part of the machine. In JSON it opens the object, unless the time has.
func (v *View) whose(b []byte, c *count) []byte {
	if v.o.Format == JSON && c.row.first == "" {
		b = append(b, '{')
	}
	r, s := &c.row, v.o.Separator
	name, width := "", 0
	switch v.o.Aggregation {
	case PerCPU:
		if r.cpu < 0 {
			return b
		}
		if v.o.Format == JSON {
			return fmt.Appendf(b, `"cpu" : "%d", `, r.cpu)
		}
		return fmt.Appendf(b, "CPU%*d%s", v.left(7), r.cpu, s)
	case PerThread:
		t := v.o.Threads[r.thread]
		if v.o.Format == JSON {
			return fmt.Appendf(b, `"thread" : %s, `, quote(fmt.Sprintf("%s-%d", t.Comm, t.TID)))
		}
		return fmt.Appendf(b, "%*s-%*d%s", -v.left(16), printable(t.Comm), v.left(8), t.TID, s)
	case PerCore:
		name, width = fmt.Sprintf("S%d-D%d-C%*d", r.place.Socket, r.place.Die, v.left(8), r.place.Core), 4
	case PerDie:
		name, width = fmt.Sprintf("S%d-D%*d", r.place.Socket, v.left(8), r.place.Die), 4
	case PerSocket:
		name, width = fmt.Sprintf("S%*d", v.left(5), r.place.Socket), 4
	case PerNode:
		name, width = fmt.Sprintf("N%*d", v.left(5), r.place.Node), 4
	default:
		return b
	}
	if v.o.Format == JSON {
		key := map[Aggregation]string{PerCore: "core", PerDie: "die", PerSocket: "socket", PerNode: "node"}[v.o.Aggregation]
		return fmt.Appendf(b, `"%s" : "%s", "aggregate-number" : %d, `, key, strings.TrimSpace(name), r.cpus)
	}
	if v.o.Format == CSV {
		width = 0
	}
	return fmt.Appendf(b, "%s%s%*d%s", name, s, width, r.cpus, s)
}

// left is a width for the left side of a column of the table; fields of CSV have none.
func (v *View) left(width int) int {
	if v.o.Format != Text {
		return 0
	}
	return -width
}
