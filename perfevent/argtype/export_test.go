package argtype

// For tests outside of the package, which may import perfdata.
const SampleFormat = formatText

func SampleEvent() *Event { return testEvent() }

func SampleRaw(sqlLen uint64, color int32) []byte { return testRaw(sqlLen, color) }
