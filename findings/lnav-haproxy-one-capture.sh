#!/usr/bin/env bash
# One captured request header, and lnav takes no line of the file for HAProxy's.
#
# What: with `capture request header` and no response capture HAProxy writes one group in braces before the request (configuration manual,
#   8.2.3 "HTTP log format": each group is there only if something is captured). lnav's format haproxy_log (0.11.1 of Debian 12, 0.13.2 of
#   sid) knows no group or two. The first such line makes the whole file syslog_log: no c_ip, no status code, no histogram of 5xx.
# Why it matters: a Host or X-Forwarded-For captured is what most proxies have. lnav opens the file without a word, in colours.
# Expected: haproxy_log for each of the three files.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${haproxy:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" haproxy lnav coreutils || exit 2
grep -E '^(haproxy|lnav) ' "$root/packages"

lines() { # NAME CAPTURE…: what HAProxy writes with these captures, as a file of a syslog server has it
  local name=$1 port
  shift
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  {
    printf 'global\n log stdout format rfc3164 local0\ndefaults\n log global\n mode http\n option httplog\n'
    printf ' timeout client 5s\n timeout server 5s\n timeout connect 5s\nfrontend web\n bind 127.0.0.1:%s\n http-request return status 200\n' "$port"
    printf ' %s\n' "$@"
  } >"$root/haproxy.cfg"
  "$root/in-root" haproxy -db -f /haproxy.cfg >"$root/out" 2>/dev/null & haproxy=$!
  for _ in $(seq 100); do python3 -c "import socket; socket.create_connection(('127.0.0.1', $port)).close()" 2>/dev/null && break; sleep 0.1; done
  for _ in 1 2 3; do curl -s -A probe/1.0 "http://127.0.0.1:$port/page" >/dev/null; done
  kill "$haproxy"; wait "$haproxy" || true; haproxy=
  sed -n 's/^<[0-9]*>\(.*"GET .*\)/\1/p' "$root/out" >"$root/$name"
  head -n 1 "$root/$name"
}
format() { "$root/in-root" lnav -n -c ';select distinct log_format from all_logs' "/$1" 2>/dev/null | tail -n 1 | tr -d ' '; }
lines none "log global"
lines request "capture request header User-Agent len 20"
lines both "capture request header User-Agent len 20" "capture response header Content-Length len 9"
seen="no capture $(format none), request $(format request), request and response $(format both)"
echo "seen:     $seen"
echo "expected: haproxy_log three times"
[ "$seen" = "no capture haproxy_log, request syslog_log, request and response haproxy_log" ] || { echo "the behaviour has changed"; exit 1; }
