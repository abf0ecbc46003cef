#!/usr/bin/env bash
# A line that a ring of HAProxy 2.6 gets as it connects stays in the ring until the next line.
#
# What: HAProxy starts, and is asked for ten requests at once, whose lines go into a ring while this connects to its receiver, which waits for it.
#   In 2.6.12 (Debian 12) about one start in a hundred sends nine of the ten lines and then rests: the tenth comes together with the line of the
#   next request, whenever that is. In 3.0.11 (Debian 13) and 3.2.26 (sid) all ten came in each of 800 starts.
# Why it matters: on a quiet host the newest line, which is the one that an operator looks for, may come hours late; a test that counts lines
#   waits for ever.
# Expected: a line is sent when it is there.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Other suites may be named: trixie sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
changed=0
for suite in "${@:-bookworm}"; do
  root=$work/$suite
  "$here/debian-root" "$suite" "$root" haproxy || exit 2
  grep '^haproxy ' "$root/packages"
  python3 - "$suite" "$root" <<'PY' || changed=1
import socket, subprocess, sys, time
suite, root = sys.argv[1:]
def start():
    """The lines that came within a second, and those after one more request."""
    listener, front = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)
    web = front.getsockname()[1]
    front.close()
    with open(f"{root}/haproxy.cfg", "w") as file:
        file.write(f"""
global
    nbthread 2
    log ring@out local0
ring out
    format rfc5424
    maxlen 1024
    size 65536
    timeout connect 1s
    timeout server 10s
    server one 127.0.0.1:{listener.getsockname()[1]} log-proto octet-count
defaults
    mode http
    log global
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend web
    bind 127.0.0.1:{web}
    log-format "seq %lc;"
    http-request return status 200
""")
    def ask(count):
        for _ in range(1000):
            try:
                client = socket.create_connection(("127.0.0.1", web), 10)
                break
            except OSError:
                time.sleep(0.002)
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * count)
        got = b""
        while got.count(b"HTTP/1.1 200") < count:
            got += client.recv(65536)
    def read(until):
        text, receiver_end = b"", time.monotonic() + 1
        while text.count(b";") < until and time.monotonic() < receiver_end:
            receiver.settimeout(max(0.01, receiver_end - time.monotonic()))
            try:
                text += receiver.recv(65536)
            except TimeoutError:
                break
        return text.count(b";")
    haproxy = subprocess.Popen([f"{root}/in-root", "haproxy", "-db", "-f", "/haproxy.cfg"], stderr=subprocess.DEVNULL)
    try:
        ask(10)
        receiver, _ = listener.accept()
        first = read(10)
        if first == 10: return 10, 0
        ask(1)
        return first, read(11 - first)
    finally:
        haproxy.kill()
        haproxy.wait()
for number in range(1, 1001):
    first, then = start()
    if first < 10:
        print(f"  start {number}: {first} of 10 lines came, and {then} more after the next request")
        sys.exit(0 if suite == "bookworm" and first + then == 11 else 1)
print(f"  {number} starts: all ten lines came")
sys.exit(1 if suite == "bookworm" else 0)
PY
done
[ $changed -eq 0 ] && echo "as described"
exit $changed
