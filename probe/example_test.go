package probe_test

import (
	"errors"
	"fmt"

	"github.com/gperf-dev/gperf/probe"
)

func ExampleParse() {
	d, err := probe.Parse("net:send=tcp_sendmsg size sk->sk_state:u8 proto=sk->sk_prot->name:string")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Group, d.Event, d.Point.Function)
	for _, a := range d.Args {
		fmt.Printf("%q %s %q\n", a.Name, a.Value, a.Type)
	}
	// Output:
	// net send tcp_sendmsg
	// "" size ""
	// "" sk->sk_state "u8"
	// "proto" sk->sk_prot->name "string"
}

func ExampleDefinitionError() {
	_, err := probe.Parse("do_sys_open:x filename")
	var d *probe.DefinitionError
	if errors.As(err, &d) {
		fmt.Println(d)
		fmt.Println(d.Caret())
	}
	// Output:
	// Semantic error :There is non-digit char in line number.
	//   do_sys_open:x filename
	//               ^
}
