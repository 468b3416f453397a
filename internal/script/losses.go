package script

import (
	"fmt"

	"github.com/gperf-dev/gperf/internal/sampletext"
)

// Losses says in words what a script could not show, a line each.
func Losses(st Stats) []string {
	var lines []string
	say := func(n uint64, format string, args ...any) {
		if n > 0 {
			lines = append(lines, fmt.Sprintf(format, args...))
		}
	}
	say(st.Lost, "%d records were lost in %d places while recording: the rings were full; record with larger ones (-m) or fewer events", st.Lost, st.LostChunks)
	if st.LostSample > st.Lost { // the counters' own count has those in it that the rings were too full for
		say(st.LostSample, "%d samples were lost while recording", st.LostSample)
	}
	say(st.Unordered, "%d records came later than others that are younger than they; they may stand out of order", st.Unordered)
	say(st.UnknownIDs, "%d samples belong to no event of the recording and are not shown", st.UnknownIDs)
	say(st.Damaged, "%d records are damaged and are not shown", st.Damaged)
	say(st.Unknown, "%d records are of a type that gperf does not know", st.Unknown)
	say(st.Unwinds.Cut, "%d of %d call chains end where the copied stack does; record more of it: --call-graph dwarf,BYTES, up to 65528", st.Unwinds.Cut, st.Unwinds.Chains)
	say(st.Unwinds.Narrow, "%d samples are of 32-bit programs: their call chains have the kernel's part only; record them with frame pointers (-g)", st.Unwinds.Narrow)
	const most = 5 // lines about files without names
	for i, u := range st.Unnamed {
		if i == most {
			lines = append(lines, fmt.Sprintf("names are missing in %d more files", len(st.Unnamed)-most))
			break
		}
		lines = append(lines, fmt.Sprintf("names of %s are missing: %s; %s", sampletext.AppendEscaped(nil, u.Module), u.Why, u.Why.Hint()))
	}
	return lines
}
