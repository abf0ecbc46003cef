#!/usr/bin/env bash
# Monolog's RFC 3164 messages carry UTC, whatever the program's time zone is.
#
# What: SyslogUdpHandler of Monolog 2.9.1 (PHP; Debian 12) converts the time to UTC for RFC 3164, whose TIMESTAMP is local time (section 4.1.2) and
#   says no zone, and pads the day with a zero where the same section wants a blank. Its RFC 5424 messages have the local time with its zone.
# Why it matters: a server in Paris files such a message one or two hours ago, beside those of every other program of the same machine.
# Expected: the local time, and `Nov  8`.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${receiver:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" bookworm "$root" php8.2-cli php-monolog || exit 2
grep -E '^(php-monolog|php8.2-cli) ' "$root/packages"

python3 -uc '
import socket
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 0))
print(receiver.getsockname()[1])
for message in range(2):
    print(receiver.recv(8192).decode())
' >"$work/received" & receiver=$!
for _ in $(seq 100); do [ -s "$work/received" ] && break; sleep 0.1; done
cat >"$root/send.php" <<'PHP'
<?php
require '/usr/share/php/Monolog/autoload.php';
use Monolog\Handler\SyslogUdpHandler;
$record = ['message' => 'text', 'context' => [], 'level' => 200, 'level_name' => 'INFO', 'channel' => 'app', 'extra' => [],
    'datetime' => (new Monolog\DateTimeImmutable(true))->setTimestamp(mktime(18, 29, 43, 11, 8, 2026))];
// 18:29:43 in Paris on the 8th of November.
foreach ([SyslogUdpHandler::RFC3164, SyslogUdpHandler::RFC5424] as $rfc) {
    $handler = new SyslogUdpHandler('127.0.0.1', (int)$argv[1], LOG_LOCAL0, 100, true, 'app', $rfc);
    $handler->handle($record);
}
PHP
"$root/in-root" /usr/bin/php8.2 -d extension=sockets -d extension=tokenizer -d date.timezone=Europe/Paris /send.php "$(head -n 1 "$work/received")"
wait "$receiver"; receiver=
tail -n 2 "$work/received"
echo "expected: <134>Nov  8 18:29:43 …, and the same hour in both"
grep -q '^<134>Nov 08 17:29:43 ' "$work/received" && grep -q '^<134>1 2026-11-08T18:29:43+01:00 ' "$work/received" ||
  { echo "the behaviour has changed"; exit 1; }
