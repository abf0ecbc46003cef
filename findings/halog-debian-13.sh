#!/usr/bin/env bash
# On Debian 13 halog finds no request in the haproxy.log that Debian's own packages write, and lnav takes it for any syslog file.
#
# What: Debian 13's rsyslog.conf no longer asks for the traditional format, so 49-haproxy.conf, which HAProxy's package brings, writes lines that
#   begin `2026-11-28T…+00:00 host haproxy[7]: `. halog of the same HAProxy package (3.0.11) skips the five words of a traditional date: it
#   prints nothing, counts each line as a parsing error on standard error, and exits with 0. `halog -s -1` reads the file.
# Why it matters: the nightly report of status codes and slow servers is empty after the upgrade, and succeeds.
# Expected: the tool of a package reads the file of the package.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${haproxy:-} ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" trixie "$root" haproxy rsyslog lnav || exit 2
grep -E '^(haproxy|rsyslog|lnav) ' "$root/packages"

# The machine's own sockets and the kernel's messages are left out of Debian's rsyslog.conf; the rest is as it comes.
mkdir -p "$root/var/lib/haproxy/dev" "$root/var/spool/rsyslog"
sed -i -E 's/^module\(load="imuxsock"\).*/module(load="imuxsock" SysSock.Use="off")/; /imklog/d' "$root/etc/rsyslog.conf"
"$root/in-root" rsyslogd -n -i /pid >"$work/log" 2>&1 & rsyslog=$!
for _ in $(seq 100); do [ -S "$root/var/lib/haproxy/dev/log" ] && break; sleep 0.1; done
web=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/haproxy.cfg" <<CFG
global
    log /var/lib/haproxy/dev/log local0
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
for _ in $(seq 100); do curl -s "http://127.0.0.1:$web/page" >/dev/null && break; sleep 0.1; done
for _ in $(seq 50); do grep -q page "$root/var/log/haproxy.log" 2>/dev/null && break; sleep 0.1; done
tail -n 1 "$root/var/log/haproxy.log"
codes=$("$root/in-root" halog -st -q <"$root/var/log/haproxy.log" 2>/dev/null) && status=$? || status=$?
skipped=$("$root/in-root" halog -s -1 -st -q <"$root/var/log/haproxy.log" 2>/dev/null | tr '\n' ' ')
format=$("$root/in-root" lnav -n -c ';select distinct log_format from all_logs' /var/log/haproxy.log 2>/dev/null | tail -n 1 | tr -d ' ')
echo "seen:     halog -st: '$codes', exit status $status; halog -s -1 -st: '$skipped'; lnav: $format"
echo "expected: '200 1' each time, and haproxy_log"
[ -z "$codes" ] && [ "$status" = 0 ] && [ "$skipped" = "200 1 " ] && [ "$format" = syslog_log ] || { echo "the behaviour has changed"; exit 1; }
