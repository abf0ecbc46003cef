#!/usr/bin/env bash
# HAProxy's log-forward does not read HAProxy's own default log format.
#
# What: `log ADDRESS local0` without a format sends `<134>Nov 28 01:02:03 haproxy[7]: text`, which has no host (configuration manual: "local").
#   A log-forward of the same HAProxy with `format rfc5424` takes the tag for the host: `<134>1 … haproxy[7]: 127.0.0.1:4711 - - - …`, and the
#   client's address for the program. Its text begins with the date.
# Why it matters: a HAProxy that collects the logs of HAProxys is what the section is for. Whoever looks for the program `haproxy` behind it
#   finds nothing.
# Expected: HOST `-` or the sender's address, APP-NAME haproxy, PROCID 7.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${haproxy:-} ${receiver:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" haproxy || exit 2
grep '^haproxy ' "$root/packages"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
web=$(free_port) forward=$(free_port) target=$(free_port)
python3 -c '
import socket, sys
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", int(sys.argv[1])))
while True:
    message = receiver.recv(65536)
    if b"GET /page" in message:
        sys.stdout.write(message.decode())
        break
' "$target" >"$work/received" & receiver=$!
cat >"$root/haproxy.cfg" <<CFG
global
    log 127.0.0.1:$forward local0
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
log-forward collector
    dgram-bind 127.0.0.1:$forward
    log 127.0.0.1:$target format rfc5424 local0
CFG
"$root/in-root" haproxy -db -f /haproxy.cfg 2>/dev/null & haproxy=$!
for _ in $(seq 100); do curl -s "http://127.0.0.1:$web/page" >/dev/null || true; sleep 0.1; [ -s "$work/received" ] && break; done
cat "$work/received"
read -r _ _ host program _ <"$work/received"
echo "seen:     HOST $host, APP-NAME $program"
echo "expected: HOST - or 127.0.0.1, APP-NAME haproxy"
[[ "$host" == haproxy\[*\]: ]] || { echo "the behaviour has changed"; exit 1; }
