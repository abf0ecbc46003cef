#!/usr/bin/env bash
# winston-syslog stamps what happened at 50 ms with half a second, behind what happened at 100 ms.
#
# What: glossy 0.1.7, which writes winston-syslog 2.7.1's RFC 5424 messages, pads the milliseconds to two digits: 50 becomes `.50`, 7 becomes
#   `.07` (70 ms), 100 stays `.100`. RFC 5424 section 6.2.3 takes TIME-SECFRAC for decimals of a second.
# Why it matters: one message in ten has a time that is up to 0.9 s late, and messages that are sorted by time change places. The two are
#   what Node.js programs mostly write syslog with.
# Expected: three digits, `.007`, `.050`, `.100`.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" winston@3.17.0 winston-syslog@2.7.1 glossy@0.1.7 >"$work/log" 2>&1 ||
  { tail -n 3 "$work/log"; exit 2; }
cat >"$work/send.js" <<'JS'
// winston-syslog itself sends three messages over UDP; the clock of the process is set, nothing else is.
const dgram = require('dgram'), winston = require('winston'), { Syslog } = require('winston-syslog');
const RealDate = Date;
let now = 0;
global.Date = class extends RealDate {
  constructor(...args) { super(...(args.length ? args : [now])); }
};
const receiver = dgram.createSocket('udp4'), times = [];
receiver.on('message', (message) => {
  times.push(message.toString().split(' ')[1]);
  if (times.length === 3) {
    console.log(times.map((time) => time.slice(19)).sort().join(' '));
    process.exit(0);
  }
});
receiver.bind(0, '127.0.0.1', () => {
  const log = winston.createLogger({ transports: [
    new Syslog({ host: '127.0.0.1', port: receiver.address().port, protocol: 'udp4', type: '5424', app_name: 'app' })] });
  for (const ms of [7, 50, 100]) {
    now = RealDate.UTC(2026, 10, 28, 1, 2, 3, ms);
    log.info('text');
  }
});
setTimeout(() => process.exit(1), 10000);
JS
seen=$(cd "$work" && node send.js)
echo "seen:     $seen"
echo "expected: .007Z .050Z .100Z"
[ "$seen" = ".07Z .100Z .50Z" ] || { echo "the behaviour has changed"; exit 1; }
