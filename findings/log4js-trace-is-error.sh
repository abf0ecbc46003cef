#!/usr/bin/env bash
# log4js-syslog-appender sends TRACE as an error, with a stack.
#
# What: log4js-syslog-appender 0.3.2 maps log4js' levels to ain2's methods of the same names, and ain2's `trace` is console.trace: severity err
#   and the stack behind the text. FATAL is err too. The least important level of a program arrives as its worst one.
# Why it matters: whoever turns TRACE on gets an alarm per line; and what is FATAL is no worse than that.
# Expected: debug (7) for TRACE, crit (2) or worse for FATAL (RFC 5424 section 6.2.1).
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the package cannot be had.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" log4js-syslog-appender@0.3.2 >"$work/log" 2>&1 || { tail -n 3 "$work/log"; exit 2; }
cat >"$work/send.js" <<'JS'
const dgram = require('dgram'), path = require('path');
const appender = require.resolve('log4js-syslog-appender');
const log4js = require(require.resolve('log4js', { paths: [path.dirname(appender)] }));
const receiver = dgram.createSocket('udp4'), seen = [];
receiver.on('message', (message) => {
  const [, pri, text] = /^<(\d+)>.*\[\d+\]: ?(?:Trace: )?(\w+)/.exec(message);
  seen.push(`${text} ${pri & 7}${message.includes('\n    at ') ? ' with a stack' : ''}`);
  if (seen.length === 4) {
    console.log(seen.join(', '));
    process.exit(0);
  }
});
receiver.bind(0, '127.0.0.1', () => {
  log4js.configure({ appenders: [{ type: 'log4js-syslog-appender', tag: 'app', facility: 'local0', address: '127.0.0.1', port: receiver.address().port }] });
  const log = log4js.getLogger('category');
  log.setLevel('TRACE');
  log.trace('trace');
  log.debug('debug');
  log.error('error');
  log.fatal('fatal');
});
setTimeout(() => process.exit(1), 10000);
JS
seen=$(cd "$work" && node send.js)
echo "seen:     $seen"
echo "expected: trace 7, debug 7, error 3, fatal 2"
[ "$seen" = "trace 3 with a stack, debug 7, error 3, fatal 3" ] || { echo "the behaviour has changed"; exit 1; }
