// Package jsonout has the JSON objects that gperf prints, as Go structs. docs/schema/*.json is made from them, by `go test ./internal/jsonout -update`,
// and tests hold what is printed against it. What is printed a million times is appended by hand, in the same form.
//
// Times are nanoseconds as integers. Addresses are strings in hexadecimal, because many readers of JSON keep 53 bits of a number.
package jsonout

// Line is one line of a recording in JSON (gperf data convert --to-json): exactly one of the objects below, told apart by "type". The first line is
// a Recording, the last an End.
type Line struct {
	Recording *Recording `oneof:"recording"`
	Sample    *Sample    `oneof:"sample"`
	End       *End       `oneof:"end"`
}

// Recording is the first line: what is known of the recording and of the machine. Fields that the recording does not tell are left out.
type Recording struct {
	Type          string   `json:"type" const:"recording"`
	Version       int      `json:"version" doc:"of this form: 1"`
	CapturedOn    string   `json:"captured_on,omitempty" doc:"when the file was written last, RFC 3339"`
	Hostname      string   `json:"hostname,omitempty"`
	OSRelease     string   `json:"os_release,omitempty" doc:"uname -r"`
	Arch          string   `json:"arch,omitempty" doc:"uname -m"`
	CPUDesc       string   `json:"cpu_desc,omitempty"`
	CPUID         string   `json:"cpuid,omitempty"`
	CPUsOnline    uint32   `json:"cpus_online,omitempty"`
	CPUsAvailable uint32   `json:"cpus_available,omitempty"`
	TotalMemoryKB uint64   `json:"total_memory_kb,omitempty"`
	Recorder      string   `json:"recorder,omitempty" doc:"version of the perf or gperf that recorded"`
	Cmdline       []string `json:"cmdline,omitempty"`
	Events        []Event  `json:"events"`
}

// Event is one event of a recording.
type Event struct {
	Name   string  `json:"name"`
	Type   uint32  `json:"type" doc:"perf_event_attr.type"`
	Config string  `json:"config" doc:"perf_event_attr.config, hexadecimal"`
	Period uint64  `json:"period,omitempty" doc:"a sample each so many events"`
	Freq   uint64  `json:"freq,omitempty" doc:"samples a second"`
	Fields []Field `json:"fields,omitempty" doc:"of a tracepoint or probe"`
}

// Field is one field of a tracepoint.
type Field struct {
	Name string `json:"name"`
	Type string `json:"type" doc:"as the kernel's format has it"`
}

// Sample is one sample. Fields that the event does not record are left out.
type Sample struct {
	Type      string         `json:"type" const:"sample"`
	Event     string         `json:"event"`
	Time      uint64         `json:"time_ns,omitempty" doc:"of the recording's clock"`
	PID       int32          `json:"pid,omitempty"`
	TID       int32          `json:"tid,omitempty"`
	CPU       uint32         `json:"cpu,omitempty"`
	Comm      string         `json:"comm,omitempty" doc:"name of the thread at that time"`
	Period    uint64         `json:"period,omitempty"`
	IP        string         `json:"ip,omitempty" doc:"hexadecimal"`
	Symbol    string         `json:"symbol,omitempty" doc:"of ip; left out where it is not known"`
	Offset    uint64         `json:"offset,omitempty" doc:"bytes from the symbol's start"`
	Module    string         `json:"module,omitempty" doc:"file, [kernel.kallsyms], [vdso]"`
	Addr      string         `json:"addr,omitempty" doc:"hexadecimal"`
	Callchain []Frame        `json:"callchain,omitempty" doc:"innermost first"`
	ChainEnd  string         `json:"callchain_end,omitempty" doc:"why there are no more, where sampled registers and stack told the chain"`
	Fields    map[string]any `json:"fields,omitempty" doc:"raw values of a tracepoint's fields: integers, strings, arrays of integers, addresses as hexadecimal strings"`
	Text      string         `json:"text,omitempty" doc:"the fields as gperf script prints them"`
}

// Frame is one address of a call chain, or a function that is inlined there.
type Frame struct {
	IP      string `json:"ip" doc:"hexadecimal"`
	Symbol  string `json:"symbol,omitempty"`
	Offset  uint64 `json:"offset,omitempty" doc:"bytes from the symbol's start"`
	Module  string `json:"module,omitempty"`
	Inlined bool   `json:"inlined,omitempty" doc:"the compiler put the function into that of the next frame"`
}

// End is the last line: without it the output is not whole.
type End struct {
	Type        string `json:"type" const:"end"`
	Samples     uint64 `json:"samples" doc:"that the recording has"`
	Lost        uint64 `json:"lost" doc:"records that the kernel had no room for"`
	LostSamples uint64 `json:"lost_samples" doc:"as the counters tell it"`
	Damaged     uint64 `json:"damaged" doc:"records that could not be read"`
}

// ListedEvent is one element of the array that gperf list -j prints. The names are those of perf 6.12.
type ListedEvent struct {
	Name      string `json:"EventName"`
	Alias     string `json:"EventAlias,omitempty"`
	Type      string `json:"EventType" doc:"class, as in the text"`
	Unit      string `json:"Unit,omitempty" doc:"PMU"`
	CountUnit string `json:"ScaleUnit,omitempty" doc:"what is counted, as Joules"`
	Encoding  string `json:"Encoding,omitempty" doc:"with --details: what it stands for"`
}

// Check is one element of the array that gperf check -j prints.
type Check struct {
	Name      string `json:"name"`
	Works     string `json:"works" doc:"yes, no or unknown"`
	Detail    string `json:"detail,omitempty"`
	Hint      string `json:"hint,omitempty" doc:"what to do"`
	MinKernel string `json:"min_kernel,omitempty" doc:"version of Linux that has it first"`
}
