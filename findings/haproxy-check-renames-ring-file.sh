#!/usr/bin/env bash
# `haproxy -c` takes the file of logs away from the HAProxy that is running.
#
# What: a ring with `backing-file` keeps its messages in a file. A mere check of the configuration renames that file to F.bak and makes a new,
#   empty F; the running process goes on in F.bak. The manual says of -c that it "only performs a check of the configuration files and exits".
# Why it matters: every reload checks first (Debian's unit does so itself), and so does every deployment. Whoever reads the file after a
#   crash, which is what it is for, finds the empty one, and the next restart overwrites F.bak with that.
# Expected: a check changes no file.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${haproxy:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" haproxy || exit 2
grep '^haproxy ' "$root/packages"

web=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/haproxy.cfg" <<CFG
global
    log ring@kept local0
ring kept
    format rfc5424
    size 65536
    backing-file /kept
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
for _ in $(seq 100); do curl -s "http://127.0.0.1:$web/before" >/dev/null && break; sleep 0.1; done
before=$(grep -c -a /before "$root/kept" || true)
"$root/in-root" haproxy -c -f /haproxy.cfg >/dev/null 2>&1
curl -s "http://127.0.0.1:$web/after" >/dev/null
requests() { tr '\0' '\n' <"$root/$1" | grep -a -o -E 'GET /(before|after)' | sort -u | wc -l; }
seen="before the check $before line in F; after it $(requests kept) in F, $(requests kept.bak) in F.bak"
echo "seen:     $seen"
echo "expected: before the check 1 line in F; after it 2 in F, no F.bak"
[ "$seen" = "before the check 1 line in F; after it 0 in F, 2 in F.bak" ] ||
  { echo "the behaviour has changed"; exit 1; }
