#!/bin/sh
# Puts Debian's kernel, its modules and its vmlinux with debug info into the directory $1, for the tests that boot it.
# The packages are fetched, not installed: of 6 GB only the image, the modules and vmlinux are unpacked.
set -eu
dir=$1
version=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: linux-image-//p' | head -n 1)
if [ -z "$version" ]; then
	apt-get update -q
	version=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: linux-image-//p' | head -n 1)
fi
# modules whose debug information is unpacked: those that the guest reaches its files by
debug='kernel/net/9p/9pnet.ko kernel/fs/overlayfs/overlay.ko'
have_all() {
	set -- "$dir"/vmlinux-*
	[ -f "$dir/complete" ] && [ -f "$1" ] || return 1
	for m in $debug; do
		set -- "$dir"/debug/lib/modules/*/"$m"
		[ -f "$1" ] || return 1
	done
}
have_all && exit 0
mkdir -p "$dir/debs"
rm -rf "$dir"/unpack "$dir"/modules "$dir"/debug "$dir"/vmlinu*
cd "$dir/debs"
apt-get -o APT::Sandbox::User=root download "linux-image-$version" "linux-image-$version-dbg"
mkdir -p "$dir/unpack" "$dir/modules"
dpkg-deb -x linux-image-"$version"_*.deb "$dir/unpack"
# shellcheck disable=SC2046,SC2086 # lists
dpkg-deb --fsys-tarfile linux-image-"$version"-dbg_*.deb |
	tar -x -C "$dir/unpack" --wildcards './usr/lib/debug/boot/vmlinux-*' $(printf './usr/lib/debug/lib/modules/*/%s ' $debug)
mv "$dir/unpack/boot/vmlinuz-$version" "$dir/unpack/usr/lib/debug/boot/vmlinux-$version" "$dir"
mv "$dir/unpack/lib/modules/$version" "$dir/modules/$version"
mv "$dir/unpack/usr/lib/debug" "$dir/debug"
rm -rf "$dir/unpack"
: >"$dir/complete"
