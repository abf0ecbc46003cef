#!/usr/bin/env bash
# syslog-ng connects to its TLS server at once, and begins the handshake with its first message.
#
# What: a destination `syslog(transport("tls"))` of syslog-ng 3.38 (4.8 and 4.12 do the same) opens the TCP connection when it starts and sends
#   nothing on it, no ClientHello, until a message is to be sent.
# Why it matters: a server that gives a handshake a time limit, as servers do against clients that hold connections open, throws a quiet
#   syslog-ng out again and again; its next message waits for time-reopen, 60 seconds. A wrong certificate shows with the first message only.
# Expected: the handshake directly behind the connection, as RFC 5425 section 4.2 describes the session's initiation.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${server:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" syslog-ng-core || exit 2
grep '^syslog-ng-core ' "$root/packages"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
udp=$(free_port) tls=$(free_port)
version=$("$root/in-root" syslog-ng --version | sed -n 's/^Config version: //p')
cat >"$root/conf" <<CONF
@version: $version
source s { network(ip("127.0.0.1") port($udp) transport("udp")); };
destination d { syslog("127.0.0.1" port($tls) transport("tls") tls(peer-verify(optional-untrusted))); };
log { source(s); destination(d); };
CONF
cat >"$work/look.py" <<'PY'
import select, socket, subprocess, sys, time
udp, tls, *command = sys.argv[1:]
listener = socket.create_server(("127.0.0.1", int(tls)))
listener.settimeout(20)
server = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
try:
    connection, _ = listener.accept()
    quiet = not select.select([connection], [], [], 3)[0]
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for attempt in range(50):
        sender.sendto(b"<13>Nov 28 01:02:03 web1 app: text", ("127.0.0.1", int(udp)))
        if select.select([connection], [], [], 0.2)[0]:
            break
    first = connection.recv(1)
    print("nothing in 3 seconds" if quiet else "something in 3 seconds", "and", "a handshake record" if first == b"\x16" else first, "with the first message")
finally:
    server.kill()
    server.wait()
PY
seen=$(python3 "$work/look.py" "$udp" "$tls" "$root/in-root" syslog-ng -F --no-caps -f /conf -R /persist -c /control --pidfile /pid)
echo "seen:     $seen"
echo "expected: something in 3 seconds"
[ "$seen" = "nothing in 3 seconds and a handshake record with the first message" ] || { echo "the behaviour has changed"; exit 1; }
