#!/bin/sh
# Makes the recordings here anew with the real perf, and what it prints of them. As root; needs perf 6.1, gcc, uprobes.
set -e
cd "$(dirname "$0")"
bin=/tmp/golden/busy
mkdir -p /tmp/golden
gcc -O1 -fno-omit-frame-pointer -g -o $bin busy.c
perf record -q -e cpu-clock,page-faults -o software.data -- true
perf record -q -e syscalls:sys_enter_close -o tracepoint.data -- true
perf record -q -e cpu-clock -g -F 397 -o callgraph.data -- $bin
perf record -q -e '{cpu-clock,page-faults}' -F 397 -o group.data -- true
perf record -q -z -e page-faults -c 1 -o zstd.data -- true
perf record -q -o - -e cpu-clock,page-faults -- true > pipe.data
perf record -q -o - -e syscalls:sys_enter_close -- true > pipe-tracepoint.data
perf record -q -z -o - -e page-faults -c 1 -- true > pipe-zstd.data
perf probe -q -x $bin 'golden:leaf=leaf count=%di:s64 name=+0(%si):string'
perf record -q -e golden:leaf -o uprobe.data -- $bin || true
perf probe -q --del 'golden:leaf'
rm -r /tmp/golden
rm -f ./*.data.old # what perf has moved out of its way
for f in *.data; do
	perf script --ns -F pid,tid,time,period,event,ip -i "$f" > "${f%.data}.script" 2>/dev/null
	perf report --header-only -I -i "$f" > "${f%.data}.header" 2>/dev/null
	perf report -D -i "$f" 2>/dev/null | grep -o 'PERF_RECORD_[A-Z_0-9]*' | sort | uniq -c > "${f%.data}.types"
done
