#!/usr/bin/env bash
# logger --prio-prefix: a line without a prefix gets the priority of the line before it.
#
# What: `logger --prio-prefix` reads `<134>text` from standard input. Its manual says that a line without a prefix is logged with the
#   priority of -p. util-linux 2.38 (Debian 12) and 2.42 (sid) log it with that of the last line which had a prefix.
# Why it matters: behind one `<0>` of a program everything is an emergency and goes to all terminals; behind one `<7>` its errors are debug
#   messages, which nobody stores. The other lines of a stack trace are the usual ones without a prefix.
# Expected: user.emerg (8, as -p gives the facility), and twice user.notice (13), the default of -p.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${receiver:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" bsdutils util-linux || exit 2
grep '^bsdutils ' "$root/packages"

python3 -c '
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print(" ".join(receiver.recv(8192).decode().split(">")[0] + ">" for line in range(3)))
' "$root/dev/log" >"$work/seen" & receiver=$!
for _ in $(seq 100); do [ -S "$root/dev/log" ] && break; sleep 0.1; done
printf '<0>the first\nthe second\nthe third\n' | "$root/in-root" logger --prio-prefix -u /dev/log
wait "$receiver"; receiver=
echo "seen:     $(cat "$work/seen")"
echo "expected: <8> <13> <13>"
[ "$(cat "$work/seen")" = "<8> <8> <8>" ] || { echo "the behaviour has changed"; exit 1; }
