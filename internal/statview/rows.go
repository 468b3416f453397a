package statview

import "slices"

// body appends all counts.
func (v *View) body(b []byte, first string) []byte {
	if v.o.MetricOnly {
		return v.metricRows(b, first)
	}
	if v.o.Aggregation.places() {
		for at, p := range v.placeList() {
			for i := range v.o.Events {
				if c, ok := v.placeCount(i, at, p, first); ok {
					b = append(v.line(b, &c), '\n')
				}
			}
		}
		return b
	}
	for i := range v.o.Events {
		for _, c := range v.rowsOf(i, first) {
			b = append(v.line(b, &c), '\n')
		}
	}
	return b
}

// rowsOf are the lines of one event, where its lines stand together.
func (v *View) rowsOf(i int, first string) []count {
	events, shown := v.merged(i)
	if !shown {
		return nil
	}
	switch v.o.Aggregation {
	case PerCPU:
		return v.perCPU(i, events, first)
	case PerThread:
		return v.perThread(i, first)
	}
	return []count{v.global(i, events, first)}
}

func (v *View) global(i int, events []int, first string) count {
	c := count{event: i, row: row{first: first}}
	for _, j := range events {
		e := &v.events[j]
		c.sum.add(e.aggr)
		c.bad = c.bad || e.bad
	}
	c.mean = v.mean(c.sum.Count)
	return c
}

func (v *View) perCPU(i int, events []int, first string) []count {
	var out []count
	for k, cpu := range v.o.Events[i].CPUs {
		c := count{event: i, row: row{at: cpu, cpu: cpu, first: first}}
		for _, j := range events {
			c.sum.add(v.cell(j, k))
			c.bad = c.bad || v.events[j].bad
		}
		c.mean = v.mean(c.sum.Count)
		out = append(out, c)
	}
	return out
}

// cell is a count of an event by its index; none if it was not read.
func (v *View) cell(event, at int) Value {
	if cells := v.events[event].cells; at < len(cells) {
		return cells[at]
	}
	return Value{}
}

// perThread are the counts of all threads, the greatest first.
func (v *View) perThread(i int, first string) []count {
	threads := len(v.o.Threads)
	var out []count
	for t := range threads {
		c := count{event: i, row: row{at: t, thread: t, first: first}, bad: v.events[i].bad}
		for k := range v.o.Events[i].CPUs {
			c.sum.add(v.cell(i, k*threads+t))
		}
		if c.sum.Count == 0 && v.o.SkipZero {
			continue
		}
		c.mean = v.mean(c.sum.Count)
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b count) int {
		switch {
		case a.sum.Count > b.sum.Count:
			return -1
		case a.sum.Count < b.sum.Count:
			return 1
		}
		return 0
	})
	return out
}

// placeCount adds an event up over the CPUs of a place. As in perf one CPU without a count makes it none for all.
func (v *View) placeCount(i, at int, p Place, first string) (count, bool) {
	events, shown := v.merged(i)
	c := count{event: i, row: row{at: at, place: p, first: first}}
	if !shown {
		return c, false
	}
	for n, j := range events {
		for _, k := range v.spots(j)[p] {
			if n == 0 {
				c.row.cpus++
			}
			cell := v.cell(j, k)
			if cell.Enabled == 0 || cell.Running == 0 || v.events[j].bad {
				c.sum.Enabled, c.sum.Running, c.bad = 0, 0, true
				break
			}
			c.sum.add(cell)
		}
	}
	c.mean = v.mean(c.sum.Count)
	return c, true
}
