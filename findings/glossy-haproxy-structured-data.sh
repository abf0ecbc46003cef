#!/usr/bin/env bash
# With structured data in front, glossy cuts a line of HAProxy's up to its last bracket: client, date and time are gone.
#
# What: glossy 0.1.7 takes everything to the last `]` of a message for structured data. HAProxy's httplog has its date in brackets, so with
#   `log-format-sd` (or behind a relay that adds an element) the text begins at the frontend's name. Without structured data it is whole.
# Why it matters: who asked for what is gone, and what is left still looks like a line of a log.
# Expected: RFC 5424 section 6: MSG begins behind the blank that follows the `]` of the last element.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${haproxy:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" bookworm "$root" haproxy coreutils || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" glossy@0.1.7 >"$work/log" 2>&1 || { tail -n 3 "$work/log"; exit 2; }
grep '^haproxy ' "$root/packages"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/haproxy.cfg" <<CFG
global
    log stdout format rfc5424 local0
defaults
    log global
    mode http
    option httplog
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend web
    bind 127.0.0.1:$port
    log-format-sd '[http@32473 status="%ST"]'
    http-request return status 200
CFG
"$root/in-root" haproxy -db -f /haproxy.cfg >"$root/out" 2>/dev/null & haproxy=$!
for _ in $(seq 100); do curl -s "http://127.0.0.1:$port/page" >/dev/null && break; sleep 0.1; done
kill "$haproxy"; wait "$haproxy" || true; haproxy=
line=$(grep -m 1 'GET /page' "$root/out")
echo "HAProxy: $line"
seen=$(cd "$work" && node -e 'console.log(require("glossy").Parse.parse(process.argv[1]).message)' "$line")
echo "glossy:  $seen"
[[ "$line" == *'[http@32473 status="200"] 127.0.0.1:'* && "$seen" == 'web web/<NOSRV>'* ]] || { echo "the behaviour has changed"; exit 1; }
