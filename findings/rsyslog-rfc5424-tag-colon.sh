#!/usr/bin/env bash
# The tag loses its colon in rsyslog's files when the message came as RFC 5424, and readers do not know the line any more.
#
# What: rsyslog makes the tag of an RFC 5424 message from APP-NAME and PROCID, `haproxy[7]`, without the colon that the templates of its files
#   count on: `Nov 28 01:02:03 web1 haproxy[7] 192.0.2.1:4711 …`. lnav 0.11.1 takes `web1 haproxy[7]: …` of RFC 3164 for haproxy_log, and
#   what came as RFC 5424 not even for a syslog line (generic_log: no host, no program).
# Why it matters: a sender changes its format, its file keeps name and look, and what reads the file (lnav, fail2ban's prefix, patterns for
#   `haproxy\[\d+\]:`) falls silent.
# Expected: the same line for the same message.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" rsyslog lnav || exit 2
grep -E '^(rsyslog|lnav) ' "$root/packages"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/rsyslog.conf" <<CONF
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="$port")
template(name="of" type="string" string="/%fromhost-ip%-%protocol-version%.log")
action(type="omfile" dynafile="of" template="RSYSLOG_TraditionalFileFormat")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
python3 - "$port" <<'PY'
import socket, sys, time
for attempt in range(100):
    try:
        server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        break
    except OSError:
        time.sleep(0.1)
text = '192.0.2.1:37018 [28/Nov/2026:01:02:03.916] web app/s1 0/0/0/2/2 200 119 - - ---- 1/1/0/0/0 0/0 "GET /page HTTP/1.1"'
for header in ("Nov 28 01:02:03 web1 haproxy[7]:", "1 2026-11-28T01:02:03.123456+00:00 web1 haproxy 7 - -"):
    server.sendall(f"<134>{header} {text}\n".encode() * 3)
PY
old=$root/127.0.0.1-0.log new=$root/127.0.0.1-1.log
for _ in $(seq 100); do [ "$(cat "$old" "$new" 2>/dev/null | wc -l)" = 6 ] && break; sleep 0.1; done
head -qn 1 "$old" "$new"
format() { "$root/in-root" lnav -n -c ';select distinct log_format from all_logs' "/$(basename "$1")" 2>/dev/null | tail -n 1 | tr -d ' '; }
seen="RFC 3164 $(format "$old"), RFC 5424 $(format "$new")"
echo "seen:     $seen"
echo "expected: haproxy_log twice"
grep -q ' haproxy\[7\] 192' "$new" && [ "$seen" = "RFC 3164 haproxy_log, RFC 5424 generic_log" ] || { echo "the behaviour has changed"; exit 1; }
