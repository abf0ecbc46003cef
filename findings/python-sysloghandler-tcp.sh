#!/usr/bin/env bash
# Python's SysLogHandler over TCP is one message for rsyslog, however many records there are.
#
# What: logging.handlers.SysLogHandler of Python 3.11 with socktype SOCK_STREAM ends each record with a NUL, which is neither of the framings of RFC
#   6587, and sends no LF. rsyslog 8.2302's imtcp ends messages at LF: it has the records of a connection in one event, with the severity of
#   the first, when the program ends or after 8,096 bytes. `append_nul = False` and a LF in the formatter help, or AddtlFrameDelimiter="0".
# Why it matters: the error stands inside an event of severity info, hours late, and what went over the limit is cut in the middle of a record.
# Expected: one event a record, each with its own severity.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" rsyslog python3 || exit 2
grep -E '^(rsyslog|python3) ' "$root/packages"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/rsyslog.conf" <<CONF
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="$port")
template(name="parts" type="string" string="%syslogseverity-text% %rawmsg%\n")
action(type="omfile" file="/parts" template="parts")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
for _ in $(seq 100); do python3 -c "import socket; socket.create_connection(('127.0.0.1', $port)).close()" 2>/dev/null && break; sleep 0.1; done
cat >"$root/send.py" <<'PY'
import logging, logging.handlers, socket, sys
log = logging.getLogger()
log.addHandler(logging.handlers.SysLogHandler(("127.0.0.1", int(sys.argv[1])), socktype=socket.SOCK_STREAM))
log.setLevel(logging.INFO)
log.info("app: started")
log.error("app: the disk is full")
log.info("app: stopped")
PY
"$root/in-root" python3 /send.py "$port"
for _ in $(seq 100); do [ -s "$root/parts" ] && break; sleep 0.1; done
echo "seen:     $(cat "$root/parts")"
echo "expected: info started, err the disk is full, info stopped"
[ "$(cat "$root/parts")" = "info <14>app: started#000<11>app: the disk is full#000<14>app: stopped" ] || { echo "the behaviour has changed"; exit 1; }
