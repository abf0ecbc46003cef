#!/usr/bin/env bash
# rsyslog takes the IPv6 address of an RFC 3164 message's host for its program.
#
# What: RFC 3164 section 4.1.2 lets HOSTNAME be a name, an IPv4 or an IPv6 address, and HAProxy's `log-send-hostname` and many appliances
#   write the address. rsyslog's parser stops at the first colon: of `<134>Nov 28 01:02:03 2001:db8::1 app[7]: text` the program is `2001`,
#   the text `db8::1 app[7]: text`, and the host whoever delivered it.
# Why it matters: a host that is reached by IPv6 alone has no messages under its name, and a program called 2001 has all of them.
# Expected: host 2001:db8::1, program app.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" rsyslog || exit 2
grep '^rsyslog ' "$root/packages"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/rsyslog.conf" <<CONF
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="$port")
template(name="parts" type="string" string="host %hostname%, program %app-name%, text%msg%\n")
action(type="omfile" file="/parts" template="parts")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
python3 - "$port" <<'PY'
import socket, sys, time
for attempt in range(100):
    try:
        server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        break
    except OSError:
        time.sleep(0.1)
for host in ("192.0.2.1", "2001:db8::1"):
    server.sendall(f"<134>Nov 28 01:02:03 {host} app[7]: text\n".encode())
PY
for _ in $(seq 100); do [ "$(wc -l <"$root/parts" 2>/dev/null || echo 0)" -ge 2 ] && break; sleep 0.1; done
cat "$root/parts"
grep -qx 'host 192.0.2.1, program app, text text' "$root/parts" && grep -q '^host .*, program 2001, textdb8::1 app\[7\]: text$' "$root/parts" ||
  { echo "the behaviour has changed"; exit 1; }
