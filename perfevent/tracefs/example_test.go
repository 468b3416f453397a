package tracefs_test

import (
	"encoding/binary"
	"fmt"
	"log"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

const switchFormat = `name: my_switch
ID: 310
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:char next_comm[8];	offset:8;	size:8;	signed:0;
	field:int next_prio;	offset:16;	size:4;	signed:1;
	field:long state;	offset:24;	size:8;	signed:1;

print fmt: "next_comm=%s next_prio=%d state=%s", REC->next_comm, REC->next_prio, __print_symbolic(REC->state, { 0, "R" }, { 1, "S" })
`

// Read an event's format, then print raw data as the kernel's own print format says it.
func ExampleParseFormat() {
	f, err := tracefs.ParseFormat([]byte(switchFormat)) // FS.Format reads that of a live event
	if err != nil {
		log.Fatal(err)
	}
	raw := make([]byte, 32)
	copy(raw[8:], "bash")
	binary.LittleEndian.PutUint32(raw[16:], 120)
	binary.LittleEndian.PutUint64(raw[24:], 1)

	c := tracefs.Context{Order: binary.LittleEndian} // one a goroutine: it holds scratch memory
	fmt.Printf("%s\n", f.AppendText(nil, raw, &c))
	prio, ok := f.Field("next_prio").Int(raw, &c)
	fmt.Println(prio, ok)
	// Output:
	// next_comm=bash next_prio=120 state=S
	// 120 true
}

// Define a probe in a program, and remove it. This needs root.
func ExampleFS_Define() {
	fs, mounted, err := tracefs.Mount()
	if err != nil {
		log.Fatal(err) // it has a hint: see NotMountedError
	}
	if mounted {
		fmt.Println("mounted tracefs on", fs.Dir())
	}
	if err := fs.Define(tracefs.UProbe, "p:mine/readline /bin/bash:0xd5690"); err != nil {
		log.Fatal(err) // a *tracefs.DefineError has the kernel's words and the column that it points at
	}
	if err := fs.Remove(tracefs.UProbe, "mine", "readline"); err != nil {
		log.Fatal(err)
	}
}
