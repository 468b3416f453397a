package metric

import (
	"fmt"
	"slices"
	"strings"
)

// Metric is a figure with a name.
type Metric struct {
	Name   string
	Expr   *Expr
	Format string // of printf; "" for perf's %8.2f
	About  string
	groups string
}

// known are the metrics that any CPU with the generic events has. perf's own come from tables of one CPU model each.
func known() []struct{ name, expr, format, about, groups string } {
	return []struct{ name, expr, format, about, groups string }{
		{"IPC", "instructions / cycles", "", "instructions a cycle", "pipeline"},
		{"CPI", "cycles / instructions", "", "cycles an instruction", "pipeline"},
		{"GHz", "cycles / task-clock", "%8.3f", "cycles a nanosecond of the task", "clock"},
		{"branch_miss_rate", "100 * branch-misses / branches", "%7.2f%%", "branches that were predicted wrong, of all", "branches"},
		{"branch_mpki", "1000 * branch-misses / instructions", "", "mispredicted branches a thousand instructions", "branches,mpki"},
		{"cache_miss_rate", "100 * cache-misses / cache-references", "%7.2f%%", "references that missed the last cache, of all", "cache"},
		{"cache_mpki", "1000 * cache-misses / instructions", "", "misses of the last cache a thousand instructions", "cache,mpki"},
		{"l1d_miss_rate", "100 * L1-dcache-load-misses / L1-dcache-loads", "%7.2f%%", "loads that missed the first data cache, of all", "cache"},
		{"l1d_mpki", "1000 * L1-dcache-load-misses / instructions", "", "loads that missed the first data cache a thousand instructions", "cache,mpki"},
		{"dtlb_mpki", "1000 * dTLB-load-misses / instructions", "", "loads without an entry in the TLB a thousand instructions", "tlb,mpki"},
		{"itlb_mpki", "1000 * iTLB-load-misses / instructions", "", "fetches without an entry in the TLB a thousand instructions", "tlb,mpki"},
		{"frontend_stalls", "100 * stalled-cycles-frontend / cycles", "%7.2f%%", "cycles in which no instruction was fetched", "pipeline,stalls"},
		{"backend_stalls", "100 * stalled-cycles-backend / cycles", "%7.2f%%", "cycles in which none could be carried out", "pipeline,stalls"},
		{"cs_per_sec", "1e9 * context-switches / task-clock", "%8.1f", "context switches a second of the task", "os"},
		{"faults_per_sec", "1e9 * page-faults / task-clock", "%8.1f", "page faults a second of the task", "os"},
	}
}

// UnknownError is a name of no metric and no group of metrics.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("no metric or group of metrics '%s'", e.Name)
}

// Hint lists what there is.
func (e *UnknownError) Hint() string {
	var names, groups []string
	for _, k := range known() {
		names = append(names, k.name)
		for g := range strings.SplitSeq(k.groups, ",") {
			if !slices.Contains(groups, g) {
				groups = append(groups, g)
			}
		}
	}
	return "metrics: " + strings.Join(names, " ") + "\ngroups: " + strings.Join(groups, " ") + "\none of your own: --metric 'NAME=EXPRESSION'"
}

// Lookup finds metrics by a list of names, and of groups of them, with commas between. Case does not matter.
func Lookup(list string) ([]Metric, error) {
	var out []Metric
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		found := false
		for _, k := range known() {
			if !strings.EqualFold(name, k.name) && !slices.Contains(strings.Split(k.groups, ","), strings.ToLower(name)) {
				continue
			}
			e, err := Parse(k.expr)
			if err != nil {
				return nil, err
			}
			found = true
			if !slices.ContainsFunc(out, func(m Metric) bool { return m.Name == k.name }) {
				out = append(out, Metric{Name: k.name, Expr: e, Format: k.format, About: k.about, groups: k.groups})
			}
		}
		if !found {
			return nil, &UnknownError{name}
		}
	}
	return out, nil
}

// Define makes a metric of a text NAME=EXPRESSION.
func Define(text string) (Metric, error) {
	name, expr, ok := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	if !ok || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return Metric{}, &SyntaxError{Text: text, Message: "NAME=EXPRESSION is the form"}
	}
	e, err := Parse(expr)
	if err != nil {
		return Metric{}, err
	}
	if !slices.ContainsFunc(e.events, func(name string) bool { return !IsFact(name) }) {
		return Metric{}, &SyntaxError{Text: text, Message: "it names no event"}
	}
	return Metric{Name: name, Expr: e}, nil
}
