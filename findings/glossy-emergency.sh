#!/usr/bin/env bash
# An emergency has no severity for glossy, the parser of syslog for Node.js.
#
# What: glossy 0.1.7 looks up facility and severity only where the number is not 0. `<0>`, kern.emerg, the most urgent message that there is,
#   gets neither; kern.crit `<2>` and user.emerg `<8>` get both.
# Why it matters: an alarm on `severity == "emerg"` or on `severityID < 3` stays silent for a kernel panic, and for no other message.
# Expected: facility kern, severity emerg (RFC 5424 section 6.2.1: 0 is a PRIVAL like any other).
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" glossy@0.1.7 >"$work/log" 2>&1 || { tail -n 3 "$work/log"; exit 2; }
cat >"$work/parse.js" <<'JS'
const { Parse } = require('glossy');
console.log([0, 2, 8].map((pri) => {
  const message = Parse.parse(`<${pri}>1 2026-11-28T01:02:03Z web1 app 7 - - text`);
  return `<${pri}> ${message.facility}.${message.severity}`;
}).join(', '));
JS
seen=$(cd "$work" && node parse.js)
echo "seen:     $seen"
echo "expected: <0> kern.emerg, <2> kern.crit, <8> user.emerg"
[ "$seen" = "<0> undefined.undefined, <2> kern.crit, <8> user.emerg" ] || { echo "the behaviour has changed"; exit 1; }
