#!/bin/sh
# build-image.sh SOURCE STORE: builds the image "concentrator" from SOURCE/Dockerfile into the containers' storage STORE, without
# a registry: local images of the base images' names stand in for them, made of Debian's packages and this machine's SDK.
set -eu
source=$1
store=$2
dotnet_root=$(dirname "$(readlink -f "$(command -v dotnet)")")
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
image() { sed -n "s/^ARG $1=//p" "$source/Dockerfile"; }
b() { buildah --storage-driver vfs --root "$store/root" --runroot "$store/run" "$@"; }

# What a publish asks the registry for lies in this machine's cache before a build without one begins.
NUGET_PACKAGES=$packages dotnet restore "$source/Concentrator" -v quiet -p:_IsPublishing=true -p:MSBuildProjectExtensionsPath="$store/obj/" \
  >"$store/restore.log" 2>&1 || { cat "$store/restore.log" >&2; exit 1; }

# One Debian for both: the whole for the SDK, with the C toolchain, and some libraries of it for the base.
rootfs=$store/debian
debootstrap --variant=minbase --include=ca-certificates,libssl3,libstdc++6,zlib1g,libcap2-bin,clang,lld bookworm "$rootfs" >"$store/debootstrap.log"
ln -s "$dotnet_root/dotnet" "$rootfs/usr/bin/dotnet"
work=$(b from scratch)
b copy -q "$work" "$rootfs" / >/dev/null
# No server of the compiler's or MSBuild's may outlive the build: here nothing ends it.
b config --env DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 --env DOTNET_CLI_TELEMETRY_OPTOUT=1 --env DOTNET_NOLOGO=1 \
  --env UseSharedCompilation=false --env MSBUILDDISABLENODEREUSE=1 "$work"
b commit -q --rm "$work" "$(image SDK)" >/dev/null

mkdir "$store/base"
for package in base-files libc6 libgcc-s1 libssl3 libstdc++6 zlib1g; do
  # Neither documentation nor the character sets of gconv are in the base that this stands for.
  chroot "$rootfs" dpkg-query -L "$package" | grep -v '^/usr/share/\(doc\|man\|locale\|lintian\)\|/gconv\(/\|$\)'
done | sed 's|^/lib|/usr/lib|' >"$store/base.list"
printf '%s\n' /lib /lib64 /etc/ssl/certs/ca-certificates.crt >>"$store/base.list"
sort -u "$store/base.list" | sed 's|^/|./|' | tar -C "$rootfs" --no-recursion -cf - -T - | tar -C "$store/base" -xf -
work=$(b from scratch)
b copy -q "$work" "$store/base" / >/dev/null
b commit -q --rm "$work" "$(image BASE)" >/dev/null

b bud --isolation chroot --format docker --pull-never --layers=false \
  --volume "$dotnet_root:$dotnet_root:ro" --volume "$packages:/root/.nuget/packages" \
  --tag concentrator "$source" >"$store/build.log" 2>&1 || { tail -n 40 "$store/build.log" >&2; exit 1; }
rm -rf "$rootfs" "$store/base"
