#!/bin/sh
# Writes golden.txt anew with the perf that is installed. Symbols are left out: they would be those of this machine.
cd "$(dirname "$0")" || exit 1
ask() {
	echo "\$ script $*"
	perf script "$@" 2>/dev/null
}
{
	for f in probe stream cpus; do
		ask -i $f.data -F -ip,-sym,-symoff,-dso
		ask -i $f.data -F -ip,-sym,-symoff,-dso --ns
		ask -i $f.data -F pid,tid,time,event
		ask -i $f.data -F comm,time,trace,flags,misc
	done
	for f in probe cpus chains; do
		ask -i $f.data -F comm,tid,time,event,ip --show-task-events
		ask -i $f.data -F comm,tid,time,event --show-mmap-events --show-bpf-events --show-lost-events
	done
	ask -i chains.data -F comm,tid,time,period,event,ip
	ask -i chains.data -F comm,ip -G
	ask -i chains.data -F comm,ip --max-stack 3
	ask -i chains.data -F sw:comm,misc,event,ip --ns
	ask -i cpus.data -F -ip,-sym,-symoff,-dso -c prog
	ask -i cpus.data -F sw:comm,event -F trace:comm,event,trace --tid 19542
	ask -i cpus.data -F comm,cpu,time -C 0
	ask -i probe.data -F comm,tid,trace --time 10%/2
} >golden.txt
