#!/usr/bin/env bash
# tinyproxy answers a wrong proxy password with 401 and WWW-Authenticate, as a web server would, and a missing one with 407.
#
# What: a tinyproxy with BasicAuth. CONNECT without Proxy-Authorization is answered 407 with Proxy-Authenticate; CONNECT with a wrong password
#   is answered "401 Unauthorized" with WWW-Authenticate. So it is in 1.11.1 (Debian 12). 1.11.3 (sid) answers both with 407.
# Why it matters: 401 is what the origin says. A relay, a package manager or a monitoring client that sorts its errors by status reports that
#   the receiver refuses it, and its operator looks for the wrong password on the wrong machine.
# Expected: 407 (RFC 9110 section 15.5.8), also for credentials that are not accepted.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
proxy=
trap 'kill $proxy 2>/dev/null || true; wait; rm -rf "$work"' EXIT
changed=0
for suite in bookworm sid; do
  root=$work/$suite
  "$here/debian-root" "$suite" "$root" tinyproxy-bin || exit 2
  grep '^tinyproxy-bin ' "$root/packages"
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  printf 'Port %s\nListen 127.0.0.1\nTimeout 10\nBasicAuth relay right-password\n' "$port" >"$root/tinyproxy.conf"
  "$root/in-root" tinyproxy -d -c /tinyproxy.conf >"$work/log" 2>&1 &
  proxy=$!
  python3 - "$port" "$suite" <<'PY' || changed=1
import base64, socket, sys, time
port = int(sys.argv[1])
for _ in range(100):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        break
    except OSError:
        time.sleep(0.1)
def ask(password):
    s = socket.create_connection(("127.0.0.1", port), 5)
    shown = "" if password is None else "Proxy-Authorization: Basic " + base64.b64encode(f"relay:{password}".encode()).decode() + "\r\n"
    s.sendall(f"CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n{shown}\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer and (part := s.recv(4096)):
        answer += part
    head = answer.split(b"\r\n\r\n")[0].decode()
    challenge = [line.split(":")[0] for line in head.split("\r\n") if "authenticate:" in line.lower()]
    print(f"  {'no password' if password is None else password}: {head.splitlines()[0]} {challenge}")
    return int(head.split()[1]), challenge
seen = ask(None), ask("wrong-password")
asked = (407, ["Proxy-Authenticate"])
sys.exit(0 if seen == (asked, (401, ["WWW-Authenticate"]) if sys.argv[2] == "bookworm" else asked) else 1)
PY
  kill $proxy && wait $proxy 2>/dev/null || true
  proxy=
done
[ $changed -eq 0 ] && echo "as described"
exit $changed
