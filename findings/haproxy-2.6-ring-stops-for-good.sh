#!/usr/bin/env bash
# A busy ring of HAProxy 2.6 stops sending for good, over a connection that is in order, to a receiver that reads all the time.
#
# What: a ring of 16 KB (the default size) with two threads, and four clients that make it log as fast as it can, on a machine that does other work too
#   (two processes of low priority: without them it takes minutes). In 2.6.12 (Debian 12) the ring drops lines and says so, as it should, until it has sent
#   nothing for some seconds; five times that was within a minute. From then on nothing comes any
#   more, also when the load is gone: each later line is dropped. Nothing is logged, the connection stays open, `timeout server` does not end it, and
#   `DroppedLogs` of `show info` stays 0; only `show events` counts. A reload helps. In 3.0.11 (Debian 13) and 3.2.26 (sid) the ring goes on.
# Why it matters: the log of a busy host ends in the middle of the day, and neither side says a word. A ring of 1 MB did not stop within
#   a minute: it is seldom full. A unix datagram socket has no such state.
# Expected: a ring that is full goes on when its receiver has read.
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
import re, socket, subprocess, sys, threading, time
suite, root = sys.argv[1:]
listener, front = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
web = front.getsockname()[1]
front.close()
with open(f"{root}/haproxy.cfg", "w") as file:
    file.write(f"""
global
    nbthread 2
    stats socket /tmp/stats mode 600
    log ring@out local0
ring out
    format rfc5424
    maxlen 1024
    size 16384
    timeout connect 1s
    timeout server 5s
    server one 127.0.0.1:{listener.getsockname()[1]} log-proto octet-count
defaults
    mode http
    log global
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend web
    bind 127.0.0.1:{web}
    log-format "{'x' * 150} seq %lc;"
    http-request return status 200
""")
def ask(client, count):
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * count)
    got = b""
    while got.count(b"HTTP/1.1 200") < count:
        part = client.recv(65536)
        if not part: raise EOFError
        got += part
def connect():
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", web), 10)
        except OSError:
            time.sleep(0.05)
    sys.exit("nothing listens")
def stats(command):
    client = socket.socket(socket.AF_UNIX)
    client.connect(f"{root}/tmp/stats")
    client.sendall(command + b"\n")
    return client.makefile("rb").read().decode()
came = notices = 0
ended = False
def read(receiver):
    global came, notices, ended
    while part := receiver.recv(1 << 20):
        came += part.count(b" seq ")
        notices += part.count(b" dropped")
    ended = True
def load():
    client = connect()
    while not rest.is_set():
        ask(client, 50)
rest = threading.Event()
others = [subprocess.Popen(["nice", "-n", "19", sys.executable, "-c", "while True: pass"]) for _ in range(2)]
haproxy = subprocess.Popen([f"{root}/in-root", "haproxy", "-db", "-f", "/haproxy.cfg"], stderr=subprocess.DEVNULL)
try:
    receiver, _ = listener.accept()
    threading.Thread(target=read, args=(receiver,), daemon=True).start()
    clients = [threading.Thread(target=load, daemon=True) for _ in range(4)]
    for c in clients: c.start()
    start = time.monotonic()
    before, moved = 0, start
    limit = 180 if suite == "bookworm" else 60
    while time.monotonic() - start < limit and time.monotonic() - moved < 3:
        time.sleep(0.25)
        if came != before: before, moved = came, time.monotonic()
    stopped = time.monotonic() - moved >= 3
    rest.set()
    for c in clients: c.join()
    at_rest = came
    client = connect()
    # Longer than `timeout server`, one line a second.
    for _ in range(10 if stopped else 3):
        ask(client, 1)
        time.sleep(1)
    logged = int(re.search(r"CumReq: (\d+)", stats(b"show info"))[1])
    dropped_logs = int(re.search(r"DroppedLogs: (\d+)", stats(b"show info"))[1])
    events = int(re.search(r"\bout\s+: type=buffer, (\d+) dropped", stats(b"show events"))[1])
    open_still = not ended
    print(f"  {moved - start:.0f} s: {logged} requests, {came} lines and {notices} notices came; {came - at_rest} of the lines at rest; "
          f"connection {'open' if open_still else 'ended'}; show events: {events} dropped; DroppedLogs: {dropped_logs}")
finally:
    for process in (haproxy, *others):
        process.kill()
        process.wait()
if suite == "bookworm": sys.exit(0 if stopped and came == at_rest and open_still and events > 0 and dropped_logs == 0 else 1)
sys.exit(0 if not stopped and came > at_rest else 1)
PY
done
[ $changed -eq 0 ] && echo "as described"
exit $changed
