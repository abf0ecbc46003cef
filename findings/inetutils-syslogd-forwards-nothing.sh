#!/usr/bin/env bash
# inetutils' syslogd forwards nothing unless it is told to listen to the network.
#
# What: with `*.* @127.0.0.1` in its configuration, inetutils-syslogd 2.4 (Debian 12) writes local messages to files and sends none, without a word,
#   because the socket that it sends from is the one that it receives with: with -r, which is for reception, it forwards.
# Why it matters: a host that only sends has to open UDP port 514 as well, or its logs never arrive.
# Expected: the message at the server, with and without -r.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had or UDP port 514 cannot be.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${syslogd:-} ${receiver:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" bookworm "$root" inetutils-syslogd || exit 2
grep '^inetutils-syslogd ' "$root/packages"
printf '*.* @127.0.0.9\n*.* /all\n' >"$root/conf"
printf 'syslog 514/udp\n' >"$root/etc/services"

arrives() { # ARGUMENT…: whether a local message arrives at 127.0.0.9 with these arguments of syslogd
  rm -f "$root/log" "$root/all" "$work/ready"
  python3 - "$work/ready" >"$work/arrived" <<'PY' & receiver=$!
import socket, sys
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.9", 514))
open(sys.argv[1], "w").close()
receiver.settimeout(4)
try:
    while b"hello" not in receiver.recv(8192):
        pass
    print("arrives")
except TimeoutError:
    print("does not arrive")
PY
  for _ in $(seq 50); do [ -e "$work/ready" ] && break; sleep 0.1; done
  [ -e "$work/ready" ] || { echo "UDP port 514 of 127.0.0.9 cannot be had" >&2; exit 2; }
  "$root/in-root" /usr/sbin/syslogd --no-detach --rcfile=/conf --pidfile=/pid --socket=/log --no-klog "$@" >/dev/null 2>&1 & syslogd=$!
  for _ in $(seq 50); do [ -S "$root/log" ] && break; sleep 0.1; done
  for _ in $(seq 20); do
    python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"<13>Nov 28 01:02:03 app: hello", sys.argv[1])' "$root/log" || true
    grep -q hello "$root/all" 2>/dev/null && break
    sleep 0.1
  done
  wait "$receiver"; receiver=
  kill "$syslogd"; wait "$syslogd" || true; syslogd=
  echo "$(cat "$work/arrived"), $(grep -c hello "$root/all" | sed 's/^[1-9].*/is in the file/; s/^0$/is not in the file/')"
}
plain=$(arrives) remote=$(arrives -r --bind=127.0.0.1)
echo "seen:     without -r it $plain; with -r it $remote"
echo "expected: arrives, in both cases"
[ "$plain" = "does not arrive, is in the file" ] && [ "$remote" = "arrives, is in the file" ] || { echo "the behaviour has changed"; exit 1; }
