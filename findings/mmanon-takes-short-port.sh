#!/usr/bin/env bash
# rsyslog's mmanon takes the port of an IPv6 client for a part of the address, if it has four digits or fewer.
#
# What: HAProxy writes an IPv6 client as `2001:db8::77:3701`, without brackets (configuration manual, 8.2.3: "client_ip:client_port"). mmanon of
#   rsyslog 8.2302, with ipv6.bits="96", makes `2001:db8:0:0:0:0:0:0` of it, the port gone; of `2001:db8::77:37018` it makes
#   `2001:db8:0:0:0:0:0:0:37018`.
# Why it matters: readers of HAProxy's lines want an address, a colon and a port, and lose the lines of every client with a port below 10,000.
# Expected: the port in each line, as IPv4 has it.
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
module(load="mmanon")
input(type="imtcp" address="127.0.0.1" port="$port")
template(name="text" type="string" string="%msg%\n")
action(type="mmanon" ipv4.bits="16" ipv4.mode="zero" ipv6.bits="96" ipv6.anonmode="zero")
action(type="omfile" file="/texts" template="text")
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
for client in ("192.0.2.77:3701", "2001:db8::77:37018", "2001:db8::77:3701"):
    server.sendall(f"<134>Nov 28 01:02:03 web1 haproxy[7]: {client} [28/Nov/2026:01:02:03.916] web\n".encode())
PY
for _ in $(seq 100); do [ "$(wc -l <"$root/texts" 2>/dev/null || echo 0)" -ge 3 ] && break; sleep 0.1; done
seen=$(awk '{ print $1 }' "$root/texts" | tr '\n' ' ')
echo "seen:     $seen"
echo "expected: 192.0.0.0:3701, and an address with its port each time"
[ "$seen" = "192.0.0.0:3701 2001:db8:0:0:0:0:0:0:37018 2001:db8:0:0:0:0:0:0 " ] || { echo "the behaviour has changed"; exit 1; }
