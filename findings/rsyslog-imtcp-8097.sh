#!/usr/bin/env bash
# A message of 8,098 bytes becomes two events in rsyslog, and a frame of 200,001 takes everything behind it along.
#
# What: rsyslog's imtcp has a maxMessageSize of 8,096 bytes by default (its manual: 8k). Of an octet-counted message of 8,097 the last byte
#   goes; from 8,098 on the rest is a second event, without its first byte, user.notice. Above MaxFrameSize (200,000) the count is taken for
#   text, and all frames behind it on the connection are glued together: framing never recovers.
# Why it matters: the count says where the message ends (RFC 6587 section 3.4.1), yet the second half of a long message arrives as an event
#   of another host and program, and one long message costs all short ones behind it.
# Expected: what is too long is cut, and the next message begins where the count says.
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
template(name="parts" type="string" string="%pri-text% %rawmsg%\n")
action(type="omfile" file="/parts" template="parts")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
python3 - "$port" "$root/parts" <<'PY'
import os, socket, sys, time
def connection():
    for attempt in range(100):
        try:
            return socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        except OSError:
            time.sleep(0.1)
def frame(size, name):
    text = f"<134>1 2026-11-28T01:02:03Z web1 {name} 7 - - ".encode()
    text += b"x" * (size - len(text) - 4) + b"last"
    return b"%d %s" % (len(text), text)
for size in (8096, 8097, 8098):
    with connection() as sender:
        sender.sendall(frame(size, f"app{size}"))
with connection() as sender:
    sender.sendall(frame(100, "before") + frame(200001, "large") + frame(100, "behind") * 50)
for attempt in range(100):
    time.sleep(0.1)
    if os.path.exists(sys.argv[2]) and b" behind " in open(sys.argv[2], "rb").read():
        break
PY
kill "$rsyslog"; wait "$rsyslog" || true; rsyslog=
events() { grep -c -E "^local0.info <134>1 [^ ]* web1 $1 .*$2\$" "$root/parts" || true; }
seen="8096: $(events app8096 last) whole, 8097: $(events app8097 last) whole, $(events app8097 las) without its last byte"
seen+=", 8098: $(grep -c -E '^user.notice t$' "$root/parts" || true) more event; behind a frame of 200001: $(events behind last) of 50"
echo "seen:     $seen"
echo "expected: 8096: 1 whole; of the others the beginning, and no other event; behind a frame of 200001: 50 of 50"
[ "$seen" = "8096: 1 whole, 8097: 0 whole, 1 without its last byte, 8098: 1 more event; behind a frame of 200001: 0 of 50" ] ||
  { echo "the behaviour has changed"; exit 1; }
