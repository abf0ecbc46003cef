#!/usr/bin/env bash
# nats-server reads the value of an environment variable as a piece of its configuration file: a password that begins with four digits and a dash is taken for a date.
#
# What: with "password: $NATS_PASSWORD" in the file and NATS_PASSWORD=2025-orchard-lamp in the environment, the server does not start: "Expected digit in ISO8601
#   datetime, but found 'o' instead." With quotes as a part of the value ('"2025-orchard-lamp"') it starts, and the client that shows the password is let in. So it is in
#   nats-server 2.9.10 (Debian 12).
# Why it matters: compose files and unit files hand generated passwords over as they are, and one in some thousands begins so, or like a number. The line names the
#   variable, but no configuration file has the text that it complains about.
# Expected: the variable's value is the password, as in the environment of other programs.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; wait; rm -rf "$work"' EXIT
"$here/debian-root" bookworm "$work/root" nats-server || exit 2
grep '^nats-server ' "$work/root/packages"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'host: 127.0.0.1\nport: %s\nauthorization {\n  user: concentrator\n  password: $NATS_PASSWORD\n}\n' "$port" >"$work/root/nats.conf"
password=2025-orchard-lamp

said=$(NATS_PASSWORD=$password "$work/root/in-root" nats-server -t -c /nats.conf 2>&1) && plain=valid || plain=refused
echo "as it is: $plain, $said"

NATS_PASSWORD="\"$password\"" "$work/root/in-root" nats-server -c /nats.conf >"$work/log" 2>&1 &
server=$!
quoted=$(python3 - "$port" "$password" <<'PY'
import json, socket, sys, time
for _ in range(100):
    try:
        server = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
        break
    except OSError:
        time.sleep(0.1)
lines = server.makefile("r", encoding="utf-8")
lines.readline()
server.sendall(("CONNECT " + json.dumps({"verbose": False, "user": "concentrator", "pass": sys.argv[2]}) + "\r\nPING\r\n").encode())
print(lines.readline().strip())
PY
)
echo "with quotes in the value, a client with the password: $quoted"
[[ "$plain" == refused && "$said" == *"ISO8601 datetime"* && "$quoted" == PONG ]] || { echo "the behaviour has changed"; exit 1; }
