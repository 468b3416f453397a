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
[ -f "$dir/complete" ] && { set -- "$dir"/vmlinux-*; [ -f "$1" ] && exit 0; }
mkdir -p "$dir/debs"
rm -rf "$dir"/unpack "$dir"/modules "$dir"/vmlinu*
cd "$dir/debs"
apt-get -o APT::Sandbox::User=root download "linux-image-$version" "linux-image-$version-dbg"
mkdir -p "$dir/unpack" "$dir/modules"
dpkg-deb -x linux-image-"$version"_*.deb "$dir/unpack"
dpkg-deb --fsys-tarfile linux-image-"$version"-dbg_*.deb |
	tar -x -C "$dir/unpack" --wildcards './usr/lib/debug/boot/vmlinux-*'
mv "$dir/unpack/boot/vmlinuz-$version" "$dir/unpack/usr/lib/debug/boot/vmlinux-$version" "$dir"
mv "$dir/unpack/lib/modules/$version" "$dir/modules/$version"
rm -rf "$dir/unpack"
: >"$dir/complete"
