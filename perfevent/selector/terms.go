package selector

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/perfevent"
)

// terms parses NAME[=VALUE],... as it stands between slashes.
func (p *parser) terms(e *Event, text string, column int) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	for _, part := range strings.Split(text, ",") {
		t := Term{Column: column}
		t.Name, t.Value, t.HasValue = strings.Cut(part, "=")
		t.Name = strings.TrimSpace(t.Name)
		if t.Name == "" {
			return p.fail(column, "the name of a term is missing")
		}
		if t.HasValue && t.Value == "" {
			return p.fail(column+len(part), "the value of term '"+t.Name+"' is missing")
		}
		e.Terms = append(e.Terms, t)
		column += len(part) + 1
	}
	return nil
}

// commonTerms are those that every event takes, for error texts.
const commonTerms = "config,config1,config2,config3,name,period,freq,branch_type,time,call-graph,stack-size,max-stack,inherit,no-inherit"

// tracepointTerms are all that a tracepoint takes in perf 6.1.
const tracepointTerms = "call-graph,stack-size"

// applyCommon sets what a term that every event takes asks for; known tells
// whether it is one. A message is what is wrong with it.
func (s *Spec) applyCommon(t Term) (known bool, message string) {
	switch t.Name {
	case "name":
		s.Name = t.Value
		return true, needValue(t)
	case "config":
		return true, number(t, &s.Attr.Config)
	case "config1":
		return true, number(t, &s.Attr.Config1)
	case "config2":
		return true, number(t, &s.Attr.Config2)
	case "config3":
		return true, number(t, &s.Attr.Config3)
	case "call-graph":
		s.Terms.Callchain = &t.Value
		switch t.Value {
		case "no", "fp", "dwarf", "lbr":
			return true, ""
		}
		return true, "a call graph is made by fp, dwarf or lbr, or no"
	case "branch_type":
		mask, bad := branchMask(t.Value)
		s.Terms.BranchType = &mask
		return true, bad
	case "inherit", "no-inherit":
		inherit := t.Name == "inherit"
		s.Terms.Inherit = &inherit
		if t.HasValue {
			return true, "term '" + t.Name + "' takes no value"
		}
		return true, ""
	case "time":
		var v uint64
		bad := number(t, &v)
		on := v != 0
		s.Terms.Time = &on
		return true, bad
	}
	if field := s.Terms.numeric(t.Name); field != nil {
		v := new(uint64)
		*field = v
		return true, number(t, v)
	}
	return false, ""
}

func (s *Sampling) numeric(name string) **uint64 {
	switch name {
	case "period":
		return &s.Period
	case "freq":
		return &s.Freq
	case "stack-size":
		return &s.StackSize
	case "max-stack":
		return &s.MaxStack
	}
	return nil
}

func needValue(t Term) string {
	if t.HasValue {
		return ""
	}
	return "term '" + t.Name + "' needs a value"
}

func number(t Term, v *uint64) string {
	if bad := needValue(t); bad != "" {
		return bad
	}
	n, err := strconv.ParseUint(t.Value, 0, 64)
	if err != nil {
		return "'" + t.Value + "' is no number of 64 bits"
	}
	*v = n
	return ""
}

// ParseBranchFilter parses the kinds of branches that perf record -j takes, with commas between them, to perfevent.Branch… bits. Without a kind,
// only with privilege levels, all are meant.
func ParseBranchFilter(text string) (uint64, error) {
	mask, bad := branchMask(strings.ReplaceAll(text, ",", "|"))
	if bad != "" {
		return 0, errors.New(bad)
	}
	return mask, nil
}

// branchMask parses perf's names for branch filters, with | between them.
func branchMask(text string) (mask uint64, message string) {
	names := []struct {
		name string
		bit  uint64
	}{
		{"u", perfevent.BranchUser}, {"k", perfevent.BranchKernel}, {"hv", perfevent.BranchHV},
		{"any", perfevent.BranchAny}, {"any_call", perfevent.BranchAnyCall}, {"any_ret", perfevent.BranchAnyReturn},
		{"ind_call", perfevent.BranchIndCall}, {"ind_jmp", perfevent.BranchIndJump}, {"abort_tx", perfevent.BranchAbortTX},
		{"in_tx", perfevent.BranchInTX}, {"no_tx", perfevent.BranchNoTX}, {"cond", perfevent.BranchCond},
		{"call", perfevent.BranchCall}, {"stack", perfevent.BranchCallStack}, {"no_flags", perfevent.BranchNoFlags},
		{"no_cycles", perfevent.BranchNoCycles}, {"save_type", perfevent.BranchTypeSave},
		{"hw_index", perfevent.BranchHWIndex}, {"priv", perfevent.BranchPrivSave},
	}
	const levels = perfevent.BranchUser | perfevent.BranchKernel | perfevent.BranchHV
next:
	for part := range strings.SplitSeq(text, "|") {
		for _, n := range names {
			if n.name == part {
				mask |= n.bit
				continue next
			}
		}
		return 0, "no branch filter '" + part + "'"
	}
	if mask&^levels == 0 {
		mask |= perfevent.BranchAny
	}
	return mask, ""
}
