#!/usr/bin/env bash
# qemu-user hands out 4 bytes of TCP_INFO, with success, and knows no SO_RXQ_OVFL.
#
# What: in QEMU's user-mode emulation (Debian 12's qemu-user-static 7.2) every getsockopt of level IPPROTO_TCP is taken for an int. A
#   program that asks for struct tcp_info is told that all went well, with a length of 4, where the same kernel natively gives more than 128
#   bytes. setsockopt(SOL_SOCKET, SO_RXQ_OVFL) fails with ENOPROTOOPT. SIOCOUTQ works and says how much is not acknowledged.
# Why it matters: who checks only the result reads zeros, for instance tcpi_bytes_acked; and tests of an arm64 binary under emulation fail in
#   places where the real machine does not.
# Expected: 128 bytes or more and success, as without the emulator.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. For amd64, with apt; the packages are
# unpacked into a directory of its own, nothing is installed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
packages=(qemu-user-static gcc-12-aarch64-linux-gnu gcc-12-aarch64-linux-gnu-base cpp-12-aarch64-linux-gnu binutils-aarch64-linux-gnu
  libc6-dev-arm64-cross libc6-arm64-cross linux-libc-dev-arm64-cross libgcc-12-dev-arm64-cross libgcc-s1-arm64-cross
  libisl23 libmpc3 libmpfr6 libgmp10 libjansson4 libbinutils)
apt-get -qq -o APT::Sandbox::User=root download "${packages[@]}" || { echo "the packages cannot be had: run apt-get update"; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" root; done
qemu=$work/root/usr/bin/qemu-aarch64-static
"$qemu" --version | head -n 1

cat >ask.c <<'C'
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr *at = (struct sockaddr *)&address;
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, at, size) || listen(listener, 1) || getsockname(listener, at, &size) || connect(client, at, size)) return 3;
    if (write(client, "hello", 5) != 5) return 3;
    usleep(200000);

    unsigned char info[256] = { 0 };
    socklen_t length = sizeof info;
    int result = getsockopt(client, IPPROTO_TCP, TCP_INFO, info, &length);
    int queued = -1, one = 1, datagrams = socket(AF_INET, SOCK_DGRAM, 0);
    int asked = ioctl(client, SIOCOUTQ, &queued);
    int counted = setsockopt(datagrams, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof one);
    printf("TCP_INFO %d, %s; SIOCOUTQ %d, %d; SO_RXQ_OVFL %d\n", result, length >= 128 ? "128 bytes or more" : length == 4 ? "4 bytes" : "?",
        asked, queued, counted);
    return 0;
}
C
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
export PATH=$work/root/usr/bin:$PATH
cross=$work/root/usr/aarch64-linux-gnu
aarch64-linux-gnu-gcc-12 -static -B "$cross/lib" -isystem "$cross/include" -L "$cross/lib" -o ask ask.c
seen=$("$qemu" ./ask)
echo "seen:     $seen"
echo "expected: TCP_INFO 0, 128 bytes or more; SIOCOUTQ 0, 0; SO_RXQ_OVFL 0"
[ "$seen" = "TCP_INFO 0, 4 bytes; SIOCOUTQ 0, 0; SO_RXQ_OVFL -1" ] || { echo "the behaviour has changed"; exit 1; }
