package recorder

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// clock notes the clock that was asked for, its resolution, and what it and the wall clock show now.
func clock(f *perfdata.Features, a *perfevent.Attr) error {
	if a.Flags&perfevent.FlagUseClockID == 0 {
		return nil
	}
	var resolution, now, wall unix.Timespec
	if err := unix.ClockGetres(a.ClockID, &resolution); err != nil {
		return fmt.Errorf("resolution of clock %d: %w", a.ClockID, err)
	}
	if err := unix.ClockGettime(unix.CLOCK_REALTIME, &wall); err != nil {
		return fmt.Errorf("wall clock: %w", err)
	}
	if err := unix.ClockGettime(a.ClockID, &now); err != nil {
		return fmt.Errorf("clock %d: %w", a.ClockID, err)
	}
	f.ClockIDRes = uint64(resolution.Nano())
	f.ClockData = &perfdata.ClockData{ClockID: uint32(a.ClockID), WallClock: uint64(wall.Nano()), EventClock: uint64(now.Nano())}
	return nil
}

// timeConv tells how to get from TSC cycles to the events' clock, where the kernel says how.
func (r *run) timeConv() error {
	rings := r.list.Rings()
	if len(rings) == 0 {
		return nil
	}
	c, ok := rings[0].TimeConversion()
	if !ok {
		return nil
	}
	return r.emit(&record.TimeConv{
		Shift: uint64(c.Shift), Mult: uint64(c.Mult), Zero: c.Zero, Cycles: c.Cycles, Mask: c.Mask,
		CapUserTimeZero: 1, CapUserTimeShort: b2u(c.Short),
	})
}

func b2u(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}
