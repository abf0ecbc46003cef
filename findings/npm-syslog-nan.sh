#!/usr/bin/env bash
# The npm package of the name syslog stamps every message <NaN>.
#
# What: syslog 0.1.1, used as its README shows, computes the PRI from an option whose name it has misspelt ("faculty"), which nobody sets:
#   `<NaN>2026-11-28T01:02:03.000Z host name[7]: ping!`. rsyslog 8.2302 files such a message as `invld.debug`; what was crit and what was
#   debug is no longer to be told.
# Why it matters: it is what `npm install syslog` brings, and each of its eight levels arrives as the same one.
# Expected: `<14>` for info of the facility user, `<10>` for crit (RFC 3164 section 4.1.1).
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" bookworm "$root" rsyslog || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" syslog@0.1.1 >"$work/log" 2>&1 || { tail -n 3 "$work/log"; exit 2; }
grep '^rsyslog ' "$root/packages"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/rsyslog.conf" <<CONF
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="$port")
template(name="parts" type="string" string="%pri-text% of %rawmsg:1:7%\n")
action(type="omfile" file="/parts" template="parts")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
for _ in $(seq 100); do python3 -c "import socket; socket.create_connection(('127.0.0.1', $port)).close()" 2>/dev/null && break; sleep 0.1; done
(cd "$work" && node -e '
const logger = require("syslog").createClient(+process.argv[1], "127.0.0.1");
setTimeout(() => { logger.info("ping!"); logger.crit("ping!"); }, 300);
setTimeout(() => process.exit(0), 1000);' "$port")
for _ in $(seq 100); do [ "$(wc -l <"$root/parts" 2>/dev/null || echo 0)" -ge 2 ] && break; sleep 0.1; done
cat "$root/parts"
[ "$(sort -u "$root/parts")" = "invld.debug of <NaN>20" ] || { echo "the behaviour has changed"; exit 1; }
