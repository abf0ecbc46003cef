#!/usr/bin/env bash
# HAProxy's log counter %lc gives some numbers twice and leaves as many out, though every line is there.
#
# What: %lc (frontend_log_counter) numbers the lines of a frontend. With one thread the numbers of 24,000 lines are 0, 1, 2 ... without a gap.
#   With four threads some are given to two lines and as many to none, in about every third run: the counter is read and incremented in two
#   steps. No line is missing: they go to a regular file. So it is in 2.6.12 (Debian 12), 3.0.11 (Debian 13) and 3.2.26 (sid); nbthread is the number
#   of processors unless it is set, so several threads are the ordinary case.
# Why it matters: a gap in the numbers is what a collector would take for a lost line, and a repeated one for a line that came twice. Only the
#   count (the highest number against the lines) tells of a loss.
# Expected: what the manual says, a counter of the frontend's log lines.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Other suites may be named: trixie sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
haproxy=
trap 'kill $haproxy 2>/dev/null || true; wait; rm -rf "$work"' EXIT
changed=0
for suite in "${@:-bookworm}"; do
  root=$work/$suite
  "$here/debian-root" "$suite" "$root" haproxy || exit 2
  grep '^haproxy ' "$root/packages"
  for threads in 1 4; do
    odd=0
    for run in $(seq $((threads == 1 ? 3 : 30))); do
      [ $odd -eq 0 ] || break
      port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
      cat >"$root/haproxy.cfg" <<CFG
global
    nbthread $threads
    log stdout format raw daemon
defaults
    mode http
    log global
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend web
    bind 127.0.0.1:$port
    log-format "%lc"
    http-request return status 200
CFG
      "$root/in-root" haproxy -db -f /haproxy.cfg >"$work/lines" 2>"$work/errors" &
      haproxy=$!
      python3 - "$port" <<'PY' || { cat "$work/errors"; exit 2; }
import socket, sys, threading, time
port = int(sys.argv[1])
for _ in range(100):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        break
    except OSError:
        time.sleep(0.05)
def ask():
    s = socket.create_connection(("127.0.0.1", port), 10)
    for _ in range(120):
        s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 25)
        got = b""
        while got.count(b"HTTP/1.1 200") < 25:
            got += s.recv(65536)
    s.close()
clients = [threading.Thread(target=ask) for _ in range(8)]
[c.start() for c in clients]
[c.join() for c in clients]
PY
      for _ in $(seq 50); do [ "$(wc -l <"$work/lines")" -ge 24000 ] && break; sleep 0.1; done
      kill $haproxy && wait $haproxy 2>/dev/null || true
      haproxy=
      # The empty connection that waited for the port may have a line of its own.
      python3 - "$work/lines" "$threads" "$run" <<'PY' || odd=$((odd + 1))
import collections, sys
numbers = [int(line) for line in open(sys.argv[1]) if line.strip().isdigit()]
counts = collections.Counter(numbers)
twice = sum(n - 1 for n in counts.values())
missing = max(numbers) + 1 - min(numbers) - len(counts)
print(f"  nbthread {sys.argv[2]}, run {sys.argv[3]}: {len(numbers)} lines, {twice} numbers given twice, {missing} to none")
if len(numbers) < 24000: sys.exit("lines are missing")
sys.exit(1 if twice or missing else 0)
PY
    done
    if [ "$threads" = 1 ]; then [ $odd -eq 0 ] || changed=1; else [ $odd -gt 0 ] || changed=1; fi
  done
done
[ $changed -eq 0 ] && echo "as described"
exit $changed
