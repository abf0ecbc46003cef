#!/usr/bin/env bash
# haproxy_log_analysis finds no request in the log of a host whose name has a dot.
#
# What: Debian's haproxy-log-analysis 2.0b0 takes the host of a syslog line for a word without dots or for an IPv4 address. A line of
#   `web1.example.com` is not counted, nor is one of an IPv6 client. The answer is 0, exit status 0, nothing on standard error about it.
# Why it matters: RFC 5424 section 6.2.4 asks senders for the full name, which `log-send-hostname` writes: the report of a busy proxy says it had
#   no requests, and no errors.
# Expected: 1 request in each of the three files.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" bookworm "$root" haproxy-log-analysis || exit 2
grep '^python3-haproxy-log-analysis ' "$root/packages"

line() { # HOST CLIENT: a line as HAProxy 2.6 writes it with `option httplog`
  echo "Nov 28 05:57:44 $1 haproxy[25496]: $2:37018 [28/Nov/2026:05:57:44.916] web app/s1 0/0/0/2/2 200 119 - - ---- 1/1/0/0/0 0/0 \"GET /page HTTP/1.1\""
}
line web1 192.0.2.1 >"$root/plain"
line web1.example.com 192.0.2.1 >"$root/dotted"
line web1 2001:db8::1 >"$root/ipv6"
requests() { "$root/in-root" /usr/bin/haproxy_log_analysis -l "/$1" -c counter 2>"$work/errors" | tail -n 1 | tr -dc 0-9; }
seen="web1 $(requests plain), web1.example.com $(requests dotted), an IPv6 client $(requests ipv6)"
echo "seen:     $seen"
echo "expected: 1 request each"
[ "$seen" = "web1 1, web1.example.com 0, an IPv6 client 0" ] || { echo "the behaviour has changed"; exit 1; }
