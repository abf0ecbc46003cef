#!/usr/bin/env bash
# go-syslog refuses a whole message for one byte that is not UTF-8.
#
# What: RFC 5424 section 6 has MSG = MSG-ANY / MSG-UTF8, and MSG-ANY is any octets; only what begins with a BOM must be UTF-8. go-syslog 2.0.1
#   (Debian's package; Telegraf, Loki's promtail and the OpenTelemetry collector are built on this library) gives an error and no message for
#   a Latin-1 `é`; with WithBestEffort it hands out the text up to that byte. A backslash in front of an `n` in structured data, an escape that means
#   nothing and is to be left as it is (section 6.3.3), is refused in the same way.
# Why it matters: a scanner's request with `\xe9` in it, logged by HAProxy with a raw expression, is what a pipeline of these tools never sees.
# Expected: the message, its text as bytes.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" bookworm "$root" golang-go golang-github-influxdata-go-syslog-dev coreutils || exit 2
grep '^golang-github-influxdata-go-syslog-dev ' "$root/packages"
cat >"$root/parse.go" <<'GO'
package main

import (
	"fmt"

	"github.com/influxdata/go-syslog/rfc5424"
)

func main() {
	for _, rest := range []string{"- caf\xc3\xa9", "- caf\xe9 au lait", `[x@32473 path="c:\n"] text`} {
		line := []byte("<134>1 2026-11-28T01:02:03Z web1 app 7 - " + rest)
		message, err := rfc5424.NewParser().Parse(line)
		best, _ := rfc5424.NewParser(rfc5424.WithBestEffort()).Parse(line)
		text := "no text"
		if best != nil && best.Message() != nil {
			text = fmt.Sprintf("%q", *best.Message())
		}
		fmt.Printf("%q: message %t, error %t, best effort %s\n", rest, message != nil, err != nil, text)
	}
}
GO
GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=/tmp/cache GOFLAGS=-p=1 "$root/in-root" /usr/bin/go run /parse.go | tee "$work/seen"
[ "$(cat "$work/seen")" = '"- café": message true, error false, best effort "café"
"- caf\xe9 au lait": message false, error true, best effort "caf\xe9"
"[x@32473 path=\"c:\\n\"] text": message false, error true, best effort no text' ] || { echo "the behaviour has changed"; exit 1; }
