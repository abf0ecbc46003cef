#!/usr/bin/env bash
# HAProxy's `log abns@conc` and systemd's `ListenDatagram=@conc` name two sockets.
#
# What: HAProxy's abns@ fills the abstract address up with NULs to the 108 bytes of sun_path, and the padding is part of the name (unix(7)).
#   systemd ends the name with its text, as most programs do. HAProxy 3.1 and later have abnsz@ for that; what is before them has no way to
#   log to an abstract socket of a socket unit.
# Why it matters: the socket unit is active and HAProxy runs; every line is lost. HAProxy says so once on standard error ("Connection refused", as
#   if nobody listened), and DroppedLogs of `show info` stays 0.
# Expected: a line by either name, or a count of what is lost.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${haproxy:-} ${activator:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" sid "$root" haproxy systemd dash coreutils || exit 2
grep -E '^(haproxy|systemd) ' "$root/packages"

# A name of this run's own: the network namespace is shared with others.
name=conc-$$
"$root/in-root" systemd-socket-activate --datagram --listen "@$name" /usr/bin/dash -c 'exec /usr/bin/cat <&3 >/run/received' >"$work/activator.log" 2>&1 & activator=$!
for _ in $(seq 100); do grep -q "@$name" /proc/net/unix && break; sleep 0.1; done

logged=""
for kind in abns abnsz; do
  web=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  cat >"$root/haproxy.cfg" <<CFG
global
    stats socket /run/stats-$kind level admin
    log $kind@$name format rfc5424 local0
defaults
    log global
    mode http
    option httplog
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend web
    bind 127.0.0.1:$web
    http-request return status 200
CFG
  "$root/in-root" haproxy -db -f /haproxy.cfg 2>"$work/$kind.log" & haproxy=$!
  for _ in $(seq 100); do curl -s "http://127.0.0.1:$web/$kind" >/dev/null && break; sleep 0.1; done
  dropped=$(python3 - "$root/run/stats-$kind" <<'PY'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"show info\n")
text = b""
while part := s.recv(65536):
    text += part
print(next(line.split()[1] for line in text.decode().splitlines() if line.startswith("DroppedLogs:")))
PY
)
  for _ in $(seq 20); do grep -q "GET /$kind " "$root/run/received" 2>/dev/null && break; sleep 0.1; done
  kill "$haproxy"; wait "$haproxy" || true; haproxy=
  grep -q "GET /$kind " "$root/run/received" 2>/dev/null && arrived=yes || arrived=no
  logged+="$kind: arrived $arrived, DroppedLogs $dropped; "
  grep -iE 'warn|alert' "$work/$kind.log" || true
done
echo "seen:     $logged"
echo "expected: abns: arrived yes, DroppedLogs 0; abnsz: arrived yes, DroppedLogs 0; "
[ "$logged" = "abns: arrived no, DroppedLogs 0; abnsz: arrived yes, DroppedLogs 0; " ] || { echo "the behaviour has changed"; exit 1; }
