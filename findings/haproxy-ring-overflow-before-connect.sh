#!/usr/bin/env bash
# What a HAProxy ring loses before its receiver is first reached is announced nowhere; what it loses later is.
#
# What: a ring of 16 KB whose receiver is not there at the start. 5,000 requests are logged, then the receiver listens: it gets the newest lines,
#   some 5 % of them, and no word of the others, not even a count. Then it stops reading while 60,000 more are logged: when it reads again, HAProxy
#   says "N events dropped". So it is in 2.6.12 (Debian 12), 3.0.11 (Debian 13) and 3.2.26 (sid).
# Why it matters: a host that boots before its collector, or without its network, loses lines that no log, no counter and no statistic mentions:
#   DroppedLogs does not count them either. A collector that adds up HAProxy's notices believes that nothing was lost.
# Expected: the same notice in both cases.
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
  read -r web ring < <(python3 -c 'import socket
a, b = socket.socket(), socket.socket()
a.bind(("127.0.0.1", 0)); b.bind(("127.0.0.1", 0)); print(a.getsockname()[1], b.getsockname()[1])')
  cat >"$root/haproxy.cfg" <<CFG
global
    nbthread 1
    stats socket /tmp/stats mode 600
    log ring@out local0
ring out
    format rfc5424
    maxlen 1024
    size 16384
    timeout connect 1s
    timeout server 30s
    server one 127.0.0.1:$ring log-proto octet-count
defaults
    mode http
    log global
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend web
    bind 127.0.0.1:$web
    log-format "seq %lc"
    http-request return status 200
CFG
  "$root/in-root" haproxy -db -f /haproxy.cfg >"$work/out" 2>&1 &
  haproxy=$!
  python3 - "$web" "$ring" "$root/tmp/stats" <<'PY' || changed=1
import re, socket, sys, time
web, ring, stats = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
def connect(port):
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port), 10)
        except OSError:
            time.sleep(0.05)
    sys.exit("nothing listens")
def ask(count):
    s = connect(web)
    for _ in range(count // 50):
        s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        got = b""
        while got.count(b"HTTP/1.1 200") < 50:
            got += s.recv(65536)
    s.close()
def read(s, silence):
    s.settimeout(silence)
    text = b""
    try:
        while part := s.recv(1 << 20):
            text += part
    except TimeoutError:
        pass
    return len(re.findall(rb" seq \d+", text)), [int(n) for n in re.findall(rb"(\d+) events? dropped", text)]
connect(web).close()
time.sleep(0.5)
ask(5000)
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
listener.bind(("127.0.0.1", ring))
listener.listen()
listener.settimeout(30)
s, _ = listener.accept()
before = read(s, 3)
print(f"  before the first connection: 5000 logged, {before[0]} came, announced: {before[1]}")
ask(60000)
time.sleep(0.5)
after = read(s, 3)
ask(50)
later = read(s, 3)
after = after[0] + later[0], after[1] + later[1]
print(f"  while the receiver stood still: 60050 logged, {after[0]} came, announced: {sum(after[1])}")
c = socket.socket(socket.AF_UNIX)
c.connect(stats)
c.sendall(b"show info\n")
dropped = re.search(rb"DroppedLogs: (\d+)", c.makefile("rb").read())[1]
print(f"  DroppedLogs: {int(dropped)}")
sys.exit(0 if before[0] < 5000 and not before[1] and sum(after[1]) > 0 and int(dropped) == 0 else 1)
PY
  kill $haproxy && wait $haproxy 2>/dev/null || true
  haproxy=
done
[ $changed -eq 0 ] && echo "as described"
exit $changed
