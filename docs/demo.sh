#!/bin/sh
# Probes the return of readline in /bin/bash, types three commands at a bash, and prints what the probe saw.
# Needs root and a kernel with uprobes; removes its probe and its files again.
set -eu
gperf=$(realpath "$1")
dir=$(mktemp -d)
probe=probe_bash:readline__return
trap '"$gperf" probe -q --del $probe 2>/dev/null; rm -rf "$dir"' EXIT
cd "$dir"
# As perf, record and script turn to a pipe where standard output or input is one; here they shall use perf.data.
run() {
	printf '\n$ gperf %s\n' "$*"
	"$gperf" "$@" </dev/null >out 2>&1 || { cat out; exit 1; }
	cat out
}

run probe -x /bin/bash 'readline%return +0($retval):string'

# An interactive bash reads its commands through readline, from a pipe as from a terminal.
printf '%s\n' 'ls /' 'echo hello from readline' 'exit' >commands
run record -e $probe -aR sh -c 'bash --norc -i <commands >/dev/null 2>&1'

run script
run probe --del $probe
