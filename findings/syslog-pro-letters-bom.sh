#!/usr/bin/env bash
# syslog-pro writes the letters B, O and M in front of each RFC 5424 message.
#
# What: RFC 5424 section 6.4 has a text in UTF-8 begin with the bytes EF BB BF, which its grammar calls BOM. syslog-pro 1.0.0 (npm) writes the
#   word: `… - - - BOMServer started`, unless its option `utf8BOM` is turned off.
# Why it matters: no receiver takes the word away: searches for the beginning of a text and every pattern with `^` fail.
# Expected: the three bytes, or nothing.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the package cannot be had.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" syslog-pro@1.0.0 >"$work/log" 2>&1 || { tail -n 3 "$work/log"; exit 2; }
cat >"$work/send.js" <<'JS'
const dgram = require('dgram'), pro = require('syslog-pro');
const receiver = dgram.createSocket('udp4');
receiver.on('message', (message) => {
  console.log(message.toString().trim());
  process.exit(0);
});
receiver.bind(0, '127.0.0.1', () => {
  const log = new pro.RFC5424({ applicationName: 'app', server: { target: '127.0.0.1', port: receiver.address().port, protocol: 'udp' } });
  log.info('Server started');
});
setTimeout(() => process.exit(1), 10000);
JS
seen=$(cd "$work" && node send.js)
echo "seen:     $seen"
echo "expected: … app - - - Server started, with or without the bytes EF BB BF in front"
[[ "$seen" == *' BOMServer started' ]] || { echo "the behaviour has changed"; exit 1; }
