#!/bin/sh
# Puts Debian's arm64 kernel, the modules that reach the host's files, perf with its libraries and a static busybox into the directory $1, for
# the tests that boot an emulated arm64 machine: its processor has counters, which virtual machines on other hosts often lack.
# Everything is fetched by an apt that has its own lists and an empty status file, so this machine's packages stay of its own architecture.
set -eu
dir=$1
[ -f "$dir/complete" ] && exit 0
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
rm -rf "$dir"/apt "$dir"/unpack "$dir"/debs "$dir"/root "$dir"/modules "$dir"/vmlinuz-*
mkdir -p "$dir/apt/lists/partial" "$dir/apt/archives/partial" "$dir/unpack" "$dir/debs" "$dir/root/bin" "$dir/root/lib" "$dir/modules"
: >"$dir/apt/status"
cat >"$dir/apt/conf" <<EOT
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Dir::State "$dir/apt";
Dir::State::status "$dir/apt/status";
Dir::Cache "$dir/apt";
EOT
export APT_CONFIG="$dir/apt/conf"
apt-get update -q
version=$(apt-cache depends linux-image-arm64 | sed -n 's/^ *Depends: linux-image-//p' | head -n 1)
# perf's own dependencies also bring the whole of Python and Perl; these are the packages of the libraries that it is linked with
libs='libbabeltrace1 libbz2-1.0 libc6 libcap2 libcrypt1 libdw1 libelf1 libexpat1 libgcc-s1 libglib2.0-0 liblzma5 libnuma1 libopencsd1
	libpcre2-8-0 libperl5.36 libpython3.11 libslang2 libstdc++6 libunwind8 libuuid1 libzstd1 zlib1g'
cd "$dir/debs"
# shellcheck disable=SC2086 # a list of packages
apt-get -q download "linux-image-$version" linux-perf busybox-static $libs
modules='drivers/virtio/virtio* fs/netfs/netfs fs/fscache/fscache net/9p/9pnet net/9p/9pnet_virtio fs/9p/9p'
for deb in *.deb; do
	case $deb in
	linux-image-*)
		# shellcheck disable=SC2046 # a list of patterns
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir/unpack" --wildcards './boot/vmlinuz-*' \
			$(cd / && printf "./lib/modules/$version/kernel/%s.ko " $(set -f; echo $modules))
		;;
	*) dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir/unpack" --wildcards --exclude='./usr/share/*' './*' ;;
	esac
done
mv "$dir/unpack/boot/vmlinuz-$version" "$dir"
mv "$dir/unpack/lib/modules/$version/kernel" "$dir/modules"
mv "$dir/unpack/usr/bin/perf" "$dir/unpack/bin/busybox" "$dir/root/bin"
# what perf is linked with, and what that is linked with, in one directory
todo=$dir/root/bin/perf
while [ -n "$todo" ]; do
	next=
	for name in $(readelf -d $todo | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u); do
		[ -f "$dir/root/lib/$name" ] && continue
		found=$(find "$dir/unpack" -name "$name" | head -n 1)
		if [ -z "$found" ]; then
			echo "$0: perf needs $name, which none of its packages has: add the package that has it to libs" >&2
			exit 1
		fi
		cp -L "$found" "$dir/root/lib/$name"
		next="$next $dir/root/lib/$name"
	done
	todo=$next
done
rm -rf "$dir/unpack" "$dir/debs" "$dir/apt"
: >"$dir/complete"
