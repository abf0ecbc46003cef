#!/usr/bin/env bash
# One word in haproxy.cfg, `format rfc5424`, and Debian's /var/log/haproxy.log stays empty.
#
# What: Debian's haproxy brings a snippet for rsyslog (49-haproxy.conf): a socket in HAProxy's chroot, and a file for what comes from a program
#   whose name begins with haproxy. rsyslog's imuxsock parses with a parser of its own, which knows no RFC 5424 (its documentation, useSpecialParser,
#   which is on): the program is "1", the version behind the PRI. `log-send-hostname` does the same: the program is the host.
# Why it matters: whoever collects several proxies turns on one or the other; haproxy.log just ends, logrotate rotates an empty file, and the
#   lines are in syslog, or nowhere if that goes elsewhere.
# Expected: all three formats in /var/log/haproxy.log.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${haproxy:-} ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" haproxy rsyslog || exit 2
grep -E '^(haproxy|rsyslog) ' "$root/packages"

mkdir -p "$root/var/lib/haproxy/dev"
cat >"$root/rsyslog.conf" <<CONF
module(load="imuxsock" SysSock.Use="off")
include(file="/etc/rsyslog.d/49-haproxy.conf")
action(type="omfile" file="/var/log/syslog")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
for _ in $(seq 100); do [ -S "$root/var/lib/haproxy/dev/log" ] && break; sleep 0.1; done

for format in local rfc3164 rfc5424; do
  web=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  cat >"$root/haproxy.cfg" <<CFG
global
    log /var/lib/haproxy/dev/log format $format local0
    log-send-hostname
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
  for _ in $(seq 100); do curl -s "http://127.0.0.1:$web/$format" >/dev/null && break; sleep 0.1; done
  kill "$haproxy"; wait "$haproxy" || true; haproxy=
done
for _ in $(seq 50); do grep -q GET./rfc5424 "$root/var/log/syslog" "$root/var/log/haproxy.log" 2>/dev/null && break; sleep 0.1; done
in_file() { sed -n 's/.*GET \/\([a-z0-9]*\) HTTP.*/\1/p' "$root/var/log/$1" 2>/dev/null | tr '\n' ' '; }
grep -h GET "$root/var/log/syslog"
seen="haproxy.log: $(in_file haproxy.log)| syslog: $(in_file syslog)"
echo "seen:     $seen"
echo "expected: haproxy.log: local rfc3164 rfc5424 | syslog: "
[ "$seen" = "haproxy.log: local | syslog: rfc3164 rfc5424 " ] || { echo "the behaviour has changed"; exit 1; }
