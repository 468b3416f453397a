package selector

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/cpulist"
	"github.com/gperf-dev/gperf/perfevent"
)

const pmuDir = "bus/event_source/devices"

// pmuNames lists the PMUs of the machine.
func (r *Resolver) pmuNames() []string {
	if r.Sys == nil {
		return nil
	}
	entries, err := fs.ReadDir(r.Sys, pmuDir)
	if err != nil {
		return nil // no PMU can be named then, which the caller says
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

func (r *Resolver) sysText(elem ...string) (string, error) {
	b, err := fs.ReadFile(r.Sys, path.Join(append([]string{pmuDir}, elem...)...))
	return strings.TrimSpace(string(b)), err
}

// pmus resolves NAME/terms/. NAME may stand for several units of one kind:
// uncore_NAME, and both with a number behind.
func (l *look) pmus() ([]Spec, error) {
	all := l.r.pmuNames()
	var names []string
	if slices.Contains(all, l.e.Name) {
		names = []string{l.e.Name}
	} else {
		for _, n := range all {
			if pmuMatches(l.e.Name, n) {
				names = append(names, n)
			}
		}
	}
	if len(names) == 0 {
		return nil, &UnknownEventError{Text: l.text, Column: l.e.Column, Name: l.e.Name, Nearest: near(l.e.Name, all, 3),
			Message: "no PMU '" + l.e.Name + "' on this machine", hint: "the PMUs are the directories of /sys/" + pmuDir}
	}
	specs := make([]Spec, len(names))
	for i, n := range names {
		var err error
		if specs[i], err = l.pmu(n); err != nil {
			return nil, err
		}
	}
	return specs, nil
}

func pmuMatches(pattern, name string) bool {
	for _, n := range []string{name, strings.TrimPrefix(name, "uncore_")} {
		if ok, err := path.Match(pattern, n); err == nil && ok {
			return true
		}
		base, number, _ := strings.Cut(n, pattern+"_")
		if _, err := strconv.Atoi(number); err == nil && base == "" {
			return true
		}
	}
	return false
}

// pmu resolves terms by the formats of one PMU.
func (l *look) pmu(name string) (Spec, error) {
	s, err := l.newPMUSpec(name)
	if err != nil {
		return s, err
	}
	for _, t := range l.e.Terms {
		if known, bad := s.applyCommon(t); known {
			if bad != "" {
				return s, l.syntax(t.Column, bad)
			}
			continue
		}
		if err := l.pmuTerm(&s, name, t); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (l *look) newPMUSpec(name string) (Spec, error) {
	fail := func(err error) error {
		return &UnknownEventError{Text: l.text, Column: l.e.Column, Name: name, Message: "cannot read about PMU '" + name + "'", Err: err}
	}
	text, err := l.r.sysText(name, "type")
	if err != nil {
		return Spec{}, fail(err)
	}
	typ, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return Spec{}, fail(err)
	}
	s := newSpec(perfevent.Type(typ), 0)
	s.CPUs, s.onCore = l.pmuCPUs(name)
	if u, ok := l.r.coreUnit(name); ok {
		s.Core = u.name
	}
	return s, nil
}

// pmuCPUs are the CPUs on which a PMU can be asked; nil for all, also where its
// mask makes no sense. Those of a kind of cores stand in a file of another name.
func (l *look) pmuCPUs(name string) (cpus []int, core bool) {
	mask, err := l.r.sysText(name, "cpumask")
	if err != nil {
		mask, err = l.r.sysText(name, "cpus")
		core = err == nil
	}
	if err != nil {
		return nil, name == "cpu" // the only kind of cores there is
	}
	if cpus, err = cpulist.Parse(mask); err != nil {
		return nil, core
	}
	return cpus, core
}

// pmuTerm applies a term that is a format field or an event of the PMU.
func (l *look) pmuTerm(s *Spec, pmu string, t Term) error {
	value := uint64(1)
	if t.HasValue {
		v, err := strconv.ParseUint(t.Value, 0, 64)
		if err != nil {
			return l.syntax(t.Column, "'"+t.Value+"' is no number of 64 bits")
		}
		value = v
	}
	format, err := l.r.sysText(pmu, "format", t.Name)
	if err == nil {
		if bad := setField(&s.Attr, format, value); bad != "" {
			return l.syntax(t.Column, "term '"+t.Name+"' of PMU '"+pmu+"': "+bad)
		}
		return nil
	}
	alias, aliasErr := l.r.sysText(pmu, "events", t.Name)
	if aliasErr == nil && !t.HasValue {
		return l.alias(s, pmu, t, alias)
	}
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
		return &UnknownEventError{Text: l.text, Column: t.Column, Name: t.Name, Message: "cannot read about term '" + t.Name + "'", Err: err}
	}
	if l.generic(s, pmu, t) {
		return nil
	}
	return l.unknownTerm(pmu, t)
}

func (l *look) unknownTerm(pmu string, t Term) error {
	names := append(l.r.pmuFiles(pmu, "format"), l.r.pmuFiles(pmu, "events")...)
	e := &UnknownEventError{Text: l.text, Column: t.Column, Name: t.Name, Nearest: near(t.Name, names, 3),
		Message: "unknown term '" + t.Name + "' for pmu '" + pmu + "'"}
	e.hint = "valid terms: " + strings.Join(append(names, commonTerms), ",")
	return e
}

// alias applies the terms that an event of the PMU stands for.
func (l *look) alias(s *Spec, pmu string, t Term, text string) error {
	for part := range strings.SplitSeq(text, ",") {
		name, value, hasValue := strings.Cut(strings.TrimSpace(part), "=")
		if hasValue && value == "?" {
			return l.syntax(t.Column, "event '"+t.Name+"' needs a value for "+name+": write the terms that it stands for: "+text)
		}
		inner := Term{Name: name, Value: value, HasValue: hasValue, Column: t.Column}
		if _, err := l.r.sysText(pmu, "format", name); err != nil {
			if known, bad := s.applyCommon(inner); known && bad == "" {
				continue
			}
			return l.syntax(t.Column, "event '"+t.Name+"' of PMU '"+pmu+"' has a term '"+name+"' that its formats lack")
		}
		if err := l.pmuTerm(s, pmu, inner); err != nil {
			return err
		}
	}
	return nil
}

// pmuFiles lists the formats or events of a PMU; not the units, scales and so
// on that stand beside the events.
func (r *Resolver) pmuFiles(pmu, dir string) []string {
	entries, err := fs.ReadDir(r.Sys, path.Join(pmuDir, pmu, dir))
	if err != nil {
		return nil // it has none
	}
	var names []string
	for _, e := range entries {
		if n := e.Name(); !strings.ContainsRune(n, '.') {
			names = append(names, n)
		}
	}
	return names
}

// pmuAlias looks for a bare name among the events of all PMUs.
func (l *look) pmuAlias() ([]Spec, error) {
	for _, pmu := range l.r.pmuNames() {
		text, err := l.r.sysText(pmu, "events", l.e.Name)
		if err != nil || strings.ContainsRune(l.e.Name, '.') {
			continue
		}
		s, err := l.newPMUSpec(pmu)
		if err != nil {
			return nil, err
		}
		err = l.alias(&s, pmu, Term{Name: l.e.Name, Column: l.e.Column}, text)
		return []Spec{s}, err
	}
	return nil, &UnknownEventError{Text: l.text, Column: l.e.Column, Name: l.e.Name,
		Message: "no event '" + l.e.Name + "' on this machine", Nearest: l.r.nearNames(l.e.Name)}
}

// setField spreads value over the bits that a format such as
// "config:0-7,32-35" names. A message is what is wrong.
func setField(a *perfevent.Attr, format string, value uint64) string {
	word, ranges, ok := strings.Cut(format, ":")
	field := map[string]*uint64{"config": &a.Config, "config1": &a.Config1, "config2": &a.Config2, "config3": &a.Config3}[word]
	if !ok || field == nil {
		return "its format '" + format + "' cannot be understood"
	}
	rest := value
	for part := range strings.SplitSeq(ranges, ",") {
		low, high, ok := parseRange(part)
		if !ok {
			return "its format '" + format + "' cannot be understood"
		}
		width := high - low + 1
		mask := ^uint64(0) >> (64 - width)
		*field = *field&^(mask<<low) | rest&mask<<low
		if width == 64 {
			rest = 0
		} else {
			rest >>= width
		}
	}
	if rest != 0 {
		return "value " + strconv.FormatUint(value, 10) + " is too big for its format '" + format + "'"
	}
	return ""
}

// parseRange parses a range of a word's bits, A or A-B.
func parseRange(s string) (low, high int, ok bool) {
	a, b, two := strings.Cut(strings.TrimSpace(s), "-")
	low, err := strconv.Atoi(a)
	if err != nil {
		return 0, 0, false
	}
	high = low
	if two {
		if high, err = strconv.Atoi(b); err != nil {
			return 0, 0, false
		}
	}
	return low, high, low >= 0 && low <= high && high < 64
}
