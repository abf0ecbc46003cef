#!/usr/bin/env bash
# An octet-counted ring of HAProxy 3.0 never comes back after its log server was killed.
#
# What: HAProxy 3.0.11 (Debian 13), `ring` with `log-proto octet-count`. The server's process dies and its kernel closes the connection with a FIN;
#   a new one listens at the same port a moment later. HAProxy leaves its socket in CLOSE_WAIT and sends nothing more: in ten seconds here, in a minute of a longer try.
#   `show info` counts no dropped log.
# Why it matters: one crash or kill -9 of the log server, and each proxy of the site is silent until its next reload.
# Expected: a new connection within seconds, as the same ring makes without octet-count, and HAProxy 3.2.26 with it.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${haproxy:-} ${receiver:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-trixie}" "$root" haproxy || exit 2
grep '^haproxy ' "$root/packages"
cat >"$work/receive.py" <<'PY'
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection, _ = listener.accept()
    while data := connection.recv(65536):
        sys.stdout.write(data.decode())
        sys.stdout.flush()
PY
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

after_a_kill() { # SERVER OPTIONS: how many of 20 requests, half a second apart, arrive at the log server's successor
  local syslog web
  syslog=$(free_port) web=$(free_port)
  cat >"$root/haproxy.cfg" <<CFG
global
    log ring@syslog local0
ring syslog
    format rfc5424
    maxlen 1200
    size 65536
    timeout connect 1s
    timeout server 10s
    server one 127.0.0.1:$syslog $1
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
  python3 "$work/receive.py" "$syslog" >"$work/first" & receiver=$!
  "$root/in-root" haproxy -db -f /haproxy.cfg >/dev/null 2>&1 & haproxy=$!
  for _ in $(seq 100); do curl -s "http://127.0.0.1:$web/before" >/dev/null || true; sleep 0.1; grep -q before "$work/first" && break; done
  kill -9 "$receiver"; wait "$receiver" 2>/dev/null || true
  python3 "$work/receive.py" "$syslog" >"$work/second" & receiver=$!
  for request in $(seq 20); do curl -s "http://127.0.0.1:$web/after/$request" >/dev/null; sleep 0.5; done
  sleep 1
  grep -o 'GET /after/[0-9]*' "$work/second" | sort -u | wc -l
  kill "$haproxy" "$receiver"; wait "$haproxy" "$receiver" 2>/dev/null || true; haproxy= receiver=
}
counted=$(after_a_kill "log-proto octet-count" 2>/dev/null) lines=$(after_a_kill "" 2>/dev/null)
echo "seen:     of 20 requests $counted arrive octet-counted, $lines as lines"
echo "expected: nearly all, either way"
[ "$counted" -le 1 ] && [ "$lines" -ge 10 ] || { echo "the behaviour has changed"; exit 1; }
