#!/usr/bin/env bash
# A .NET time, seven digits behind the second, makes rsyslog write a byte that is no digit.
#
# What: .NET's round-trip format ("O") has seven digits of a second, Go's RFC3339Nano and Java's Instant nine. RFC 5424 section 6.2.3 allows
#   six. rsyslog 8.2302 (Debian 12) neither refuses such a time nor cuts it: it prints `03.` and one or more raw bytes (0xB7 for .1234567), in
#   files, in what it relays and in JSON templates, which then are not UTF-8. 8.2610 (sid) cuts at six.
# Why it matters: the line that such a sender causes has no time that a reader understands, and databases refuse it, with the text
#   blamed for it.
# Expected: six digits, or the message kept as a malformed one with the time of its reception.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" rsyslog || exit 2
grep '^rsyslog ' "$root/packages"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/rsyslog.conf" <<CONF
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="$port")
template(name="time" type="string" string="%timereported:::date-rfc3339%\n")
action(type="omfile" file="/times" template="time")
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
for digits in ("123456", "1234567", "123456789"):
    server.sendall(f"<134>1 2026-11-28T01:02:03.{digits}Z web1 app 7 - - text\n".encode())
PY
for _ in $(seq 100); do [ "$(wc -l <"$root/times" 2>/dev/null || echo 0)" -ge 3 ] && break; sleep 0.1; done
cat -v "$root/times"
seen=$(LC_ALL=C grep -c -a -v -E '^2026-11-28T01:02:03\.[0-9]{6}Z$' "$root/times" || true)
echo "seen:     $seen of 3 times are not a time; expected: none"
[ "$seen" = 2 ] || { echo "the behaviour has changed"; exit 1; }
