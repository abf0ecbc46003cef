#!/usr/bin/env bash
# rsyslog cuts the PID and half a name off what it forwards, where the program's name is long.
#
# What: omfwd's own template, RSYSLOG_ForwardFormat, sends the first 32 characters of the tag. RFC 5424 gives APP-NAME 48 and PROCID 128
#   (section 6), and units of systemd have long names. `haproxy-frontend-production-paris 12345` leaves as
#   `haproxy-frontend-production-pari` without the colon, and the next rsyslog has that for the program, and no PID.
# Why it matters: the host's own file has the whole name, the central server another: rules by program name match on one of the two.
# Expected: the name and the PID at the second server.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${first:-} ${second:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" rsyslog || exit 2
grep '^rsyslog ' "$root/packages"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
one=$(free_port) two=$(free_port)
conf() { # PORT FILE ACTION: a server that writes the parts of what it gets
  cat <<CONF
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="$1")
template(name="parts" type="string" string="%app-name% %procid% %msgid% %structured-data%\n")
action(type="omfile" file="$2" template="parts")
$3
CONF
}
conf "$one" /first "action(type=\"omfwd\" target=\"127.0.0.1\" port=\"$two\" protocol=\"udp\")" >"$root/one.conf"
conf "$two" /second "" >"$root/two.conf"
"$root/in-root" rsyslogd -n -i /one.pid -f /one.conf >"$work/log" 2>&1 & first=$!
"$root/in-root" rsyslogd -n -i /two.pid -f /two.conf >"$work/log" 2>&1 & second=$!
python3 - "$one" "$root/second" <<'PY'
import os, socket, sys, time
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for attempt in range(100):
    server.sendto(b"<134>1 2026-11-28T01:02:03Z web1 haproxy-frontend-production-paris 12345 ID7 [x@32473 a=\"1\"] text", ("127.0.0.1", int(sys.argv[1])))
    time.sleep(0.1)
    if os.path.exists(sys.argv[2]) and os.path.getsize(sys.argv[2]):
        break
PY
first_parts=$(head -n 1 "$root/first") second_parts=$(head -n 1 "$root/second")
echo "at the first:  $first_parts"
echo "at the second: $second_parts"
[ "$second_parts" = "haproxy-frontend-production-pari - - -" ] || { echo "the behaviour has changed"; exit 1; }
