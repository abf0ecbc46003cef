#!/usr/bin/env bash
# nsyslog-parser reads no structured data that has an escaped quote in it, and none of the elements that RFC 5424 itself defines.
#
# What: nsyslog-parser 0.10.1 leaves an element in the text, brackets and all, when a value holds an escaped `"`, `\` or `]`, when the element
#   has no parameters, and when its name has no `@`: `timeQuality`, `origin` and `meta`, the names of RFC 5424 section 7, lose their name as
#   well. `structuredData` is empty then.
# Why it matters: a user agent or a path in structured data, which has been escaped as RFC 5424 section 6.3.3 asks, makes the fields of just
#   those messages disappear.
# Expected: the element each time, and `text` alone as the message.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" nsyslog-parser@0.10.1 >"$work/log" 2>&1 || { tail -n 3 "$work/log"; exit 2; }
cat >"$work/parse.js" <<'JS'
const parse = require('nsyslog-parser');
for (const element of ['[http@32473 path="/a"]', '[http@32473 path="/\\"a"]', '[http@32473]', '[origin ip="192.0.2.1"]']) {
  const message = parse(`<134>1 2026-11-28T01:02:03Z web1 app 7 - ${element} text`);
  console.log(`${element}: ${message.structuredData.length} element, text: ${message.message}`);
}
JS
(cd "$work" && node parse.js) | tee "$work/seen"
[ "$(cat "$work/seen")" = '[http@32473 path="/a"]: 1 element, text: text
[http@32473 path="/\"a"]: 0 element, text: [http@32473 path="/\"a"] text
[http@32473]: 0 element, text: [http@32473] text
[origin ip="192.0.2.1"]: 0 element, text: ip="192.0.2.1"] text' ] || { echo "the behaviour has changed"; exit 1; }
