#!/bin/sh
# Makes the recordings of other perfs in versions/ anew, and what those perfs print of them. As root, on Debian; needs a network. Each perf is unpacked with its libraries below
# /tmp/golden and run by its own loader, so that nothing is installed.
set -e
cd "$(dirname "$0")/versions"
top=/tmp/golden
export HOME=$top/home
mkdir -p $HOME

unpack() { # SUITE PACKAGES...: unpacks them and what they need below $top/SUITE/root
	suite=$1 d=$top/$1
	shift
	mkdir -p "$d/lists/partial" "$d/cache/archives/partial" "$d/root"
	: > "$d/status"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $suite main" > "$d/sources.list"
	opts="-o Dir::Etc::sourcelist=$d/sources.list -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists=$d/lists -o Dir::Cache=$d/cache -o Dir::State::status=$d/status"
	apt-get $opts update -q
	apt-get $opts install -q -y --download-only --no-install-recommends "$@"
	for p in "$d"/cache/archives/*.deb; do dpkg-deb -x "$p" "$d/root"; done
}

run() { # SUITE PROGRAM ARGS...
	root=$top/$1/root program=$2
	shift 2
	"$(find "$root" -name 'ld-linux-x86-64.so.2' | head -1)" --library-path "$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu" "$root/usr/bin/$program" "$@"
}

make_all() { # VERSION SUITE PROGRAM
	v=$1 suite=$2 program=$3
	perf() { run "$suite" "$program" "$@"; }
	perf record -q -e cpu-clock,page-faults -o "$v.data" -- true
	perf record -q -e syscalls:sys_enter_close -o - -- true > "$v-pipe.data"
	for kind in "" -pipe; do show "$v$kind"; done
	case $v in 5.10) return ;; esac # Debian's was built without zstd
	perf record -q -z -e page-faults -c 1 -o "$v-zstd.data" -- true
	show "$v-zstd"
}

show() { # NAME
	perf script --ns -F pid,tid,time,period,event,ip -i "$1.data" > "$1.script" 2>/dev/null
	perf report --header-only -I -i "$1.data" > "$1.header" 2>/dev/null
	perf report -D -i "$1.data" 2>/dev/null | grep -o 'PERF_RECORD_[A-Z_0-9]*' | sort | uniq -c > "$1.types"
}

unpack bullseye linux-perf-5.10
unpack trixie linux-perf
unpack sid linux-perf
make_all 5.10 bullseye perf_5.10
make_all 6.12 trixie perf
make_all 7.2 sid perf
run trixie perf stat record -o 6.12-stat.data -e cpu-clock,page-faults -- true 2>/dev/null
run trixie perf report --header-only -I -i 6.12-stat.data > 6.12-stat.header
: > 6.12-stat.script
run trixie perf script --show-round-events -D -i 6.12-stat.data | grep -ao 'PERF_RECORD_[A-Z_0-9]*' | sed 's/ROUNDCPU/ROUND/' | sort | uniq -c > 6.12-stat.types
perf report --header-only -I -i 5.10-pipe.data > 5.10-pipe.header 2>/dev/null # 5.10 prints none of a stream
chmod 644 ./*
rm -rf $top
