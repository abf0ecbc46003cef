#!/usr/bin/env bash
# syslog-pro's clock has twelve hours: every afternoon message of its RFC 3164 is from the morning.
#
# What: syslog-pro 1.0.0 (npm) writes the hour of RFC 3164's TIMESTAMP on a clock of twelve hours without AM or PM: 18:29:43 becomes 06:29:43,
#   and 00:15 becomes 12:15. RFC 3164 section 4.1.2 has hours of 00 to 23.
# Why it matters: the messages of a whole afternoon stand among those of the morning, in files, searches and alarms.
# Expected: 18:29:43.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the package cannot be had.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" syslog-pro@1.0.0 moment@2.30.1 >"$work/log" 2>&1 ||
  { tail -n 3 "$work/log"; exit 2; }
cat >"$work/send.js" <<'JS'
// The process's clock is set to an afternoon, nothing else is changed.
const RealDate = Date;
const afternoon = new RealDate(2026, 10, 28, 18, 29, 43).getTime();
global.Date = class extends RealDate {
  constructor(...args) { super(...(args.length ? args : [afternoon])); }
  static now() { return afternoon; }
};
const dgram = require('dgram'), pro = require('syslog-pro');
const receiver = dgram.createSocket('udp4');
receiver.on('message', (message) => {
  console.log(message.toString().trim());
  process.exit(0);
});
receiver.bind(0, '127.0.0.1', () => {
  new pro.RFC3164({ server: { target: '127.0.0.1', port: receiver.address().port, protocol: 'udp' } }).info('text');
});
setTimeout(() => process.exit(1), 10000);
JS
seen=$(cd "$work" && node send.js)
echo "seen:     $seen"
echo "expected: <190>Nov 28 18:29:43 …"
[[ "$seen" == '<190>Nov 28 06:29:43 '* ]] || { echo "the behaviour has changed"; exit 1; }
