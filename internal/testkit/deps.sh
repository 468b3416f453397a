#!/bin/sh
# Installs the Debian packages that the tests use and that this machine does not have yet.
set -eu
missing=
need() { # need COMMAND PACKAGE...
	command -v "$1" >/dev/null 2>&1 && return
	shift
	missing="$missing $*"
}
need perf linux-perf
need gcc gcc libc6-dev
need g++ g++
need clang clang
need ld.lld lld
need rustc rustc
need objcopy binutils
need xz xz-utils
need zstd zstd
need dwz dwz
need llvm-dwp llvm
need llvm-symbolizer llvm
need debuginfod debuginfod
need dtrace systemtap-sdt-dev
[ -x /usr/lib/postgresql/15/bin/postgres ] || missing="$missing postgresql-15"
need prometheus prometheus
need file file
need script bsdutils
need python3 python3
need qemu-system-x86_64 qemu-system-x86
need qemu-system-aarch64 qemu-system-arm
busybox --help 2>/dev/null | grep -q insmod || missing="$missing busybox-static"
[ -d /usr/share/doc/libc6-dbg ] || missing="$missing libc6-dbg"
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	echo "make test needs these Debian packages, and there is no apt-get here to install them:$missing" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 # a list of packages
apt-get install -q -y --no-install-recommends $missing
