#!/usr/bin/env bash
# rsyslog takes the client's address in a line of HAProxy's ring for a length, and cuts the stream into pieces of it.
#
# What: an explicit `ring` without `format` sends raw lines (HAProxy's manual: a ring's default is "raw"), which begin with the client:
#   `127.0.0.1:4711 [date] …`. rsyslog's imtcp takes a digit at a frame's start for an octet count: "127", complains that no blank follows, and
#   reads 127 bytes as a message, which end in the middle of the next line. What is over at the end is thrown away. For clients 10.x.x.x
#   the pieces are 10 bytes long.
# Why it matters: two defaults meet. The log says "Framing Error" once a piece, the file has as many pieces as there is traffic, all of them
#   user.notice from a host that does not exist.
# Expected: one message a line; RFC 6587 section 3.4.2 knows no way to tell, so a receiver may take `127.` for no count: no blank follows.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${haproxy:-} ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" haproxy rsyslog || exit 2
grep -E '^(haproxy|rsyslog) ' "$root/packages"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
connects() { for _ in $(seq 100); do python3 -c "import socket; socket.create_connection(('127.0.0.1', $1)).close()" 2>/dev/null && return; sleep 0.1; done; }
syslog=$(free_port) web=$(free_port)
cat >"$root/rsyslog.conf" <<CONF
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="$syslog")
template(name="raw" type="string" string="%pri-text% %rawmsg%\n")
action(type="omfile" file="/lines" template="raw")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
connects "$syslog"
cat >"$root/haproxy.cfg" <<CFG
global
    log ring@syslog local0
ring syslog
    maxlen 1200
    size 32768
    timeout connect 1s
    timeout server 10s
    server rsyslog 127.0.0.1:$syslog
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
"$root/in-root" haproxy -db -f /haproxy.cfg 2>/dev/null & haproxy=$!
connects "$web"
for request in 1 2 3 4 5; do curl -s "http://127.0.0.1:$web/page/$request" >/dev/null; done
for _ in $(seq 50); do grep -q page/4 "$root/lines" 2>/dev/null && break; sleep 0.1; done
cat "$root/lines"
grep -m 1 'Framing Error' "$work/log" || true
# A whole line begins with the client and ends with the request.
whole=$(grep -c -E '^[a-z0-9]+\.[a-z]+ 127\.0\.0\.1:[0-9]+ \[.*"GET /page/[1-5] HTTP/1\.1"$' "$root/lines" || true)
echo "seen:     $whole of 5 lines are whole"
echo "expected: 5"
[ "$whole" = 0 ] && grep -q 'delimiter is not SP' "$work/log" || { echo "the behaviour has changed"; exit 1; }
