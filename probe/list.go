package probe

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/funcname"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Lister says of defined probes where they are in the source. It opens each file once; it is not safe for concurrent use.
type Lister struct {
	options Options
	open    map[Target]*Resolver // nil for files that cannot be read
	types   *argtype.Store
	defined map[string]string // of the events to be listed
}

// NewLister returns a Lister of the lines, which have all places of their events. The store has what the events' values mean; it
// may be nil. The caller closes the Lister.
func NewLister(o Options, types *argtype.Store, lines []tracefs.ProbeLine) *Lister {
	return &Lister{options: o, open: make(map[Target]*Resolver), types: types, defined: tracefs.Definitions(lines)}
}

// Close unmaps the files.
func (l *Lister) Close() error {
	var errs []error
	for _, r := range l.open {
		if r != nil {
			errs = append(errs, r.Close())
		}
	}
	return errors.Join(errs...)
}

// Text returns a definition as perf probe --list shows it: its point worked out anew from its address, and the names
// of its arguments.
func (l *Lister) Text(ctx context.Context, line tracefs.ProbeLine) string {
	args := l.names(line)
	point, target := "", ""
	if line.Kind == tracefs.UProbe {
		point, target = l.userPoint(ctx, line)
	} else {
		point, target = l.kernelPoint(ctx, line)
	}
	return summary(line.Group, line.Event, point, target, args)
}

// names are those of the event's values, as they were asked for.
func (l *Lister) names(line tracefs.ProbeLine) []string {
	names := make([]string, len(line.Args))
	for i, a := range line.Args {
		names[i] = a.Name
	}
	if l.types == nil {
		return names
	}
	e, err := l.types.Load(line.Group, line.Event, l.defined[line.Group+":"+line.Event])
	if err != nil {
		return names // the kernel's will do
	}
	return e.Shown(names)
}

func (l *Lister) resolver(ctx context.Context, t Target) *Resolver {
	r, known := l.open[t]
	if !known {
		var err error
		if r, err = NewResolver(ctx, t, l.options); err != nil {
			r = nil // the place is shown as the kernel has it
		}
		l.open[t] = r
	}
	return r
}

// userPoint splits PATH:0xOFFSET[(REFCTR)].
func (l *Lister) userPoint(ctx context.Context, line tracefs.ProbeLine) (point, target string) {
	i := strings.LastIndexByte(line.Place, ':')
	if i < 0 {
		return line.Place, ""
	}
	target = line.Place[:i]
	number, _, _ := strings.Cut(line.Place[i+1:], "(")
	number, isReturn := strings.CutSuffix(number, "%return")
	isReturn = isReturn || line.Type == 'r'
	offset, err := strconv.ParseUint(number, 0, 64)
	if err != nil {
		return number, target
	}
	if r := l.resolver(ctx, Target{Exec: target}); r != nil {
		if addr, ok := r.image.file.VAddr(offset); ok {
			if point := r.pointAt(addr, isReturn); point != "" {
				return point, target
			}
		}
	}
	return pointText(hexText(offset), 0, isReturn), target
}

// kernelPoint takes [MODULE:]SYMBOL[+OFFSET] or an address.
func (l *Lister) kernelPoint(ctx context.Context, line tracefs.ProbeLine) (point, target string) {
	place := line.Place
	if i := strings.IndexByte(place, ':'); i >= 0 {
		target, place = place[:i], place[i+1:]
	}
	symbol, number, _ := strings.Cut(strings.TrimSuffix(place, "%return"), "+")
	offset, err := strconv.ParseUint("0"+number, 10, 64)
	if err != nil {
		return place, target
	}
	isReturn := line.Type == 'r'
	if r := l.resolver(ctx, Target{Module: target}); r != nil {
		if point := r.kernelPointAt(symbol, offset, isReturn); point != "" {
			return point, target
		}
	}
	return pointText(symbol, offset, isReturn), target
}

func pointText(symbol string, offset uint64, isReturn bool) string {
	p := Point{Function: symbol, Offset: offset, Return: isReturn}
	if isReturn {
		p.Offset = 0
	}
	return p.String()
}

// kernelPointAt works SYMBOL+OFFSET out, by the debug information if there is any, else by kallsyms.
func (r *Resolver) kernelPointAt(symbol string, offset uint64, isReturn bool) string {
	if r.image != nil {
		if t, err := r.image.symbols(); err == nil {
			for _, s := range t.Named(symbol) {
				if point := r.pointAt(s.Addr+offset, isReturn); point != "" {
					return point
				}
			}
		}
	}
	if r.kernel.table == nil || r.kernel.table.Hidden() {
		return ""
	}
	for _, s := range r.kernel.table.Named(symbol) {
		if at, ok := r.kernel.table.Lookup(s.Addr + offset); ok {
			return pointText(at.Name, s.Addr+offset-at.Addr, isReturn)
		}
	}
	return ""
}

// pointAt describes an address of the image; "" if nothing is known of it.
func (r *Resolver) pointAt(addr uint64, isReturn bool) string {
	entry, atReturn, atEntry := r.goPoint(addr)
	if from, ok := r.returnOf(addr); ok {
		entry, atReturn = from, true
	}
	if atEntry || atReturn {
		addr = entry
	}
	if info, err := r.debug(); err == nil {
		if src, ok := info.PlaceOf(addr); ok {
			if atEntry {
				src.Relative, src.Offset = -1, 0
			}
			return sourcePoint(src, isReturn || atReturn)
		}
	}
	isReturn = isReturn || atReturn
	if name, offset, ok := r.image.symbolAt(addr); ok {
		return pointText(readable(name), offset, isReturn)
	}
	return ""
}

// sourcePoint makes FUNC[:LINE|+OFFSET|%return]@FILE of an address.
func sourcePoint(src dwarfvars.Source, isReturn bool) string {
	symbol := readable(src.Symbol)
	p := Point{Function: src.Function, Source: src.DeclFile, Return: isReturn}
	switch name := funcname.Parse(symbol); {
	case isReturn:
		p.Function = symbol
	case src.Relative >= 0 && src.Statement:
		p.Line = src.Relative
		if symbol != src.Symbol && funcname.Bare(name.Last()) == funcname.Bare(src.Function) { // not of one that is inlined there
			p.Function = symbol
		}
	default:
		p.Function, p.Offset = symbol, src.Offset
	}
	return p.String()
}

// readable is a symbol as the author of the program would name it, with the parameters that tell overloads apart.
func readable(symbol string) string {
	if typed, ok := symtab.DemangleTyped(symbol); ok {
		return funcname.Parse(typed).String()
	}
	return symbol
}
