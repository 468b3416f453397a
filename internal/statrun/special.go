package statrun

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/gperf-dev/gperf/internal/metric"
)

// Special is a selection of events with the figures made of them, which only some machines have.
type Special struct {
	Events  string
	Metrics []metric.Metric
	// FiguresOnly: counts alone say nothing.
	FiguresOnly bool
}

// The sets that perf has options for.
const (
	Topdown      = "topdown"     // --topdown
	Transactions = "transaction" // -T
	SMICost      = "smi-cost"    // --smi-cost
)

// NotHereError tells that a machine lacks what a set needs.
type NotHereError struct{ What, Missing string }

func (e *NotHereError) Error() string { return e.What + " cannot be measured here: " + e.Missing }

// Hint is the next step.
func (e *NotHereError) Hint() string {
	return "it needs certain processors, and a kernel that is no guest without their counters"
}

type definition struct{ name, format, expr string }

// FindSpecial gives the set of a name, or a [*NotHereError].
func FindSpecial(root fs.FS, name string) (*Special, error) {
	switch name {
	case Topdown:
		return topdown(root)
	case Transactions:
		return transactions(root)
	}
	return smiCost(root)
}

func has(root fs.FS, what string, files ...string) error {
	for _, f := range files {
		if _, err := fs.Stat(root, path.Join(pmuDir, f)); err != nil {
			return &NotHereError{what, "there is no /" + path.Join(pmuDir, f)}
		}
	}
	return nil
}

func special(s *Special, defs []definition) (*Special, error) {
	for _, d := range defs {
		e, err := metric.Parse(d.expr)
		if err != nil {
			return nil, err
		}
		s.Metrics = append(s.Metrics, metric.Metric{Name: d.name, Format: d.format, Expr: e})
	}
	return s, nil
}

// topdown is the first level of what holds the pipeline up, as the kernel's events of newer Intel processors tell it.
func topdown(root fs.FS) (*Special, error) {
	err := has(root, "topdown", "cpu/events/slots", "cpu/events/topdown-retiring", "cpu/events/topdown-bad-spec", "cpu/events/topdown-fe-bound",
		"cpu/events/topdown-be-bound")
	if err != nil {
		return nil, err
	}
	const sum, format = " / (topdown-retiring + topdown-bad-spec + topdown-fe-bound + topdown-be-bound)", "%8.1f%%"
	return special(&Special{Events: "{slots,topdown-retiring,topdown-bad-spec,topdown-fe-bound,topdown-be-bound}", FiguresOnly: true}, []definition{
		{"Retiring", format, "100 * topdown-retiring" + sum},
		{"Bad Speculation", format, "100 * topdown-bad-spec" + sum},
		{"Frontend Bound", format, "100 * topdown-fe-bound" + sum},
		{"Backend Bound", format, "100 * topdown-be-bound" + sum},
	})
}

func transactions(root fs.FS) (*Special, error) {
	if err := has(root, "hardware transactions", "cpu/events/cycles-t", "cpu/events/tx-start"); err != nil {
		return nil, err
	}
	s := &Special{Events: "task-clock,{instructions,cycles,cpu/cycles-t/,cpu/tx-start/}"}
	defs := []definition{
		{"transactional cycles", "%7.2f%%", "100 * cpu@cycles-t@ / cycles"},
		{"cycles / transaction", "%8.0f", "cpu@cycles-t@ / cpu@tx-start@"},
	}
	if has(root, "", "cpu/events/el-start", "cpu/events/cycles-ct") == nil {
		s.Events = "task-clock,{instructions,cycles,cpu/cycles-t/,cpu/tx-start/,cpu/el-start/,cpu/cycles-ct/}"
		defs = append(defs, definition{"cycles / elision", "%8.0f", "cpu@cycles-t@ / cpu@el-start@"},
			definition{"aborted cycles", "%7.2f%%", "100 * (max(cpu@cycles-t@, cpu@cycles-ct@) - cpu@cycles-ct@) / cycles"})
	}
	return special(s, defs)
}

// freezeFile is where the kernel is told to stop counters in system management mode, below the root.
const freezeFile = "sys/devices/cpu/freeze_on_smi"

func smiCost(root fs.FS) (*Special, error) {
	b, err := fs.ReadFile(root, freezeFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NotHereError{"the cost of system management interrupts", "there is no /" + freezeFile}
	}
	if err != nil {
		return nil, fmt.Errorf("system management interrupts: %w", err)
	}
	if len(b) == 0 || b[0] != '1' {
		return nil, &NotHereError{"the cost of system management interrupts", "counters run on during them: echo 1 > /" + freezeFile + " stops them"}
	}
	if err := has(root, "the cost of system management interrupts", "msr/events/aperf", "msr/events/smi"); err != nil {
		return nil, err
	}
	return special(&Special{Events: "{msr/aperf/,msr/smi/,cycles}", FiguresOnly: true}, []definition{
		{"SMI cycles%", "%8.1f%%", "100 * (msr@aperf@ - cycles) / msr@aperf@ if msr@smi@ else 0"},
		{"SMI#", "%4.0f", "msr@smi@"},
	})
}
