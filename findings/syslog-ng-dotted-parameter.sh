#!/usr/bin/env bash
# syslog-ng moves a dot of a structured data's parameter into the element's name.
#
# What: syslog-ng 3.38 (Debian 12; 4.8 and 4.12 too) keeps structured data as `.SDATA.ID.NAME` and splits at the last dot where it writes it again. What came as
#   `[http@32473 http.status="200"]` is relayed as `[http@32473.http status="200"]`, and two parameters `a.x`, `b.x` become two elements.
#   A dot is a character like any other in SD-NAME (RFC 5424 section 6.3.3).
# Why it matters: OpenTelemetry names its attributes with dots, and so do Java programs. Behind a syslog-ng the element that a
#   collector looks for is another, and nothing is logged.
# Expected: the structured data as it came.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${server:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" syslog-ng-core || exit 2
grep '^syslog-ng-core ' "$root/packages"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
version=$("$root/in-root" syslog-ng --version | sed -n 's/^Config version: //p')
cat >"$root/conf" <<CONF
@version: $version
source s { syslog(ip("127.0.0.1") port($port) transport("udp")); };
destination d { file("/relayed" flags(syslog-protocol)); };
log { source(s); destination(d); };
CONF
"$root/in-root" syslog-ng -F --no-caps -f /conf -R /persist -c /control --pidfile /pid >"$work/log" 2>&1 & server=$!
python3 - "$port" "$root/relayed" <<'PY'
import os, socket, sys, time
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for attempt in range(100):
    server.sendto(b'<134>1 2026-11-28T01:02:03Z web1 app 7 - [http@32473 http.status="200" http.path="/"][x@32473 a="1"] text', ("127.0.0.1", int(sys.argv[1])))
    time.sleep(0.1)
    if os.path.exists(sys.argv[2]) and os.path.getsize(sys.argv[2]):
        break
PY
kill "$server"; wait "$server" || true; server=
seen=$(sed -n '1s/.* - \(\[.*\]\) text$/\1/p' "$root/relayed")
echo "sent:     [http@32473 http.status=\"200\" http.path=\"/\"][x@32473 a=\"1\"]"
echo "relayed:  $seen"
[ "$seen" = '[http@32473.http status="200" path="/"][x@32473 a="1"]' ] || { echo "the behaviour has changed"; exit 1; }
