#!/usr/bin/env bash
# `logger -T "$(command)"` sends one message, and the server has as many as the command has lines, without a header.
#
# What: from standard input util-linux's logger makes a message of each line. An argument is one message, its LF included, and over TCP logger
#   ends messages with LF: rsyslog takes the second line for a message of its own, user.notice, from a host named as its first word.
#   --octet-count is the way out; TCP's default is LF. Over UDP it is one message.
# Why it matters: the error's text is user.notice and belongs to nobody.
# Expected: one message, as RFC 6587 section 3.4.2 warns of LF inside it: escaped, or each line with a header, as from standard input.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" rsyslog bsdutils util-linux || exit 2
grep -E '^(rsyslog|util-linux) ' "$root/packages"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/rsyslog.conf" <<CONF
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="$port")
template(name="parts" type="string" string="%pri-text% host %hostname%: %msg%\n")
action(type="omfile" file="/parts" template="parts")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
for _ in $(seq 100); do python3 -c "import socket; socket.create_connection(('127.0.0.1', $port)).close()" 2>/dev/null && break; sleep 0.1; done
"$root/in-root" logger -n 127.0.0.1 -P "$port" -T -p local0.err -t backup "$(printf 'the backup failed:\nDisk full on /srv')"
for _ in $(seq 50); do [ "$(wc -l <"$root/parts" 2>/dev/null || echo 0)" -ge 2 ] && break; sleep 0.1; done
cat "$root/parts"
grep -q '^local0.err host .*: the backup failed:$' "$root/parts" && grep -q '^user.notice host Disk: ' "$root/parts" || { echo "the behaviour has changed"; exit 1; }
