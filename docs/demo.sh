#!/bin/sh
# Probes the return of readline in /bin/bash, types three commands at a bash, and prints what the probe saw.
# Needs root and a kernel with uprobes; removes its probe and its files again.
set -eu
dir=$(mktemp -d)
ln -s "$(realpath "$1")" "$dir/gperf"
PATH=$dir:$PATH
probe=probe_bash:readline__return
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# As with perf, record and script turn to a pipe where their output or input is one; here they shall use perf.data.
run() {
	printf '\n$ %s\n' "$1"
	eval "$1" </dev/null >out 2>&1 || { cat out; exit 1; }
	cat out
}

# An interactive bash reads its commands through readline, from a pipe as from a terminal.
cat >typing <<'END'
#!/bin/sh
printf '%s\n' 'ls /' 'echo hello from readline' 'exit' | HISTFILE= bash --norc -i >/dev/null 2>&1
END
chmod +x typing

run "gperf probe -x /bin/bash 'readline%return +0(\$retval):string'"
trap 'gperf probe -q --del $probe 2>/dev/null || :; rm -rf "$dir"' EXIT
run "gperf record -e $probe -aR ./typing"
run 'gperf script'
run "gperf probe --del $probe"
