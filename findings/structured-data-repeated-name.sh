#!/usr/bin/env bash
# syslog-ng relays structured data without the first of two equal names, and rsyslog's parser of it forgets the first too.
#
# What: RFC 5424 lets a parameter stand more than once in an element; section 7.2.1 names the case: an originator with several addresses writes
#   `[origin ip="192.0.2.1" ip="192.0.2.129"]`. syslog-ng 3.38 keeps name and value in a map: what it relays has the last only. rsyslog
#   8.2302 relays the element as it came, but its mmpstrucdata puts the last into `$!rfc5424-sd`, and makes one name of `a` and `A`.
# Why it matters: a relay changes the message, and who searches by the first address no longer finds it. Nothing is logged.
# Expected: both addresses at the end of the relay, and an array, or two names, in the JSON.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${server:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
# The two packages exclude each other.
"$here/debian-root" bookworm "$work/ng" syslog-ng-core || exit 2
"$here/debian-root" bookworm "$work/rsyslog" rsyslog || exit 2
grep -hE '^(rsyslog|syslog-ng-core) ' "$work"/*/packages

send() { # PORT FILE: sends the message until FILE has a line
  python3 - "$1" "$2" <<'PY'
import os, socket, sys, time
message = b'<134>1 2026-11-28T01:02:03Z web1 app 7 - [origin ip="192.0.2.1" ip="192.0.2.129" software="x"][x@32473 a="1" A="2"] text'
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for attempt in range(100):
    server.sendto(message, ("127.0.0.1", int(sys.argv[1])))
    time.sleep(0.1)
    if os.path.exists(sys.argv[2]) and os.path.getsize(sys.argv[2]):
        break
PY
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

port=$(free_port)
cat >"$work/ng/conf" <<CONF
@version: 3.38
source s { syslog(ip("127.0.0.1") port($port) transport("udp") keep-hostname(yes)); };
destination d { file("/relayed" flags(syslog-protocol)); };
log { source(s); destination(d); };
CONF
"$work/ng/in-root" syslog-ng -F --no-caps -f /conf -R /persist -c /control --pidfile /pid >"$work/log" 2>&1 & server=$!
send "$port" "$work/ng/relayed"
kill "$server"; wait "$server" || true; server=
relayed=$(head -n 1 "$work/ng/relayed")
echo "syslog-ng relays: $relayed"

port=$(free_port)
cat >"$work/rsyslog/conf" <<CONF
module(load="imudp")
module(load="mmpstrucdata")
input(type="imudp" address="127.0.0.1" port="$port")
template(name="json" type="string" string="%\$!rfc5424-sd%\n")
action(type="mmpstrucdata")
action(type="omfile" file="/json" template="json")
CONF
"$work/rsyslog/in-root" rsyslogd -n -i /pid -f /conf >"$work/log" 2>&1 & server=$!
send "$port" "$work/rsyslog/json"
kill "$server"; wait "$server" || true; server=
json=$(head -n 1 "$work/rsyslog/json" | tr -d ' ')
echo "mmpstrucdata:     $json"
[[ "$relayed" == *'[origin ip="192.0.2.129" software="x"]'* && "$json" == '{"origin":{"ip":"192.0.2.129","software":"x"},"x@32473":{"a":"2"}}' ]] ||
  { echo "the behaviour has changed"; exit 1; }
