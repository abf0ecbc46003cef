#!/usr/bin/env bash
# Every HAProxy is called `-` in the files of a central rsyslog.
#
# What: HAProxy's `format rfc5424` has the NILVALUE for HOSTNAME unless `log-send-hostname` is set. rsyslog keeps it: `%hostname%` is `-`, and so
#   is the host in its files, in what it forwards and in templates of file names (`/var/log/%hostname%/…`). A message of RFC 3164 without a host
#   gets the sender's name or address there.
# Why it matters: the address is known, `%fromhost-ip%` has it; the lines of all proxies stand in one file, and none says which it came from.
# Expected: the sender, as for RFC 3164. RFC 5424 section 6.2.4 has the NILVALUE for what the sender does not know.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${haproxy:-} ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" haproxy rsyslog || exit 2
grep -E '^(haproxy|rsyslog) ' "$root/packages"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
syslog=$(free_port)
cat >"$root/rsyslog.conf" <<CONF
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="$syslog")
template(name="host" type="string" string="%msg% host %hostname% from %fromhost-ip%\n")
action(type="omfile" file="/hosts" template="host")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
for _ in $(seq 100); do grep -q "$(printf ':%04X ' "$syslog")" /proc/net/udp && break; sleep 0.1; done
for format in local rfc5424; do
  web=$(free_port)
  cat >"$root/haproxy.cfg" <<CFG
global
    log 127.0.0.1:$syslog format $format local0
defaults
    log global
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend web
    bind 127.0.0.1:$web
    log-format "$format %ST"
    http-request return status 200
CFG
  "$root/in-root" haproxy -db -f /haproxy.cfg >/dev/null 2>&1 & haproxy=$!
  for _ in $(seq 100); do curl -s "http://127.0.0.1:$web/" >/dev/null && break; sleep 0.1; done
  for _ in $(seq 50); do grep -q "$format 200" "$root/hosts" 2>/dev/null && break; sleep 0.1; done
  kill "$haproxy"; wait "$haproxy" || true; haproxy=
done
grep ' 200 ' "$root/hosts"
grep -q '^rfc5424 200 host - from 127.0.0.1$' "$root/hosts" && grep -q '^ local 200 host [^-].* from 127.0.0.1$' "$root/hosts" ||
  { echo "the behaviour has changed"; exit 1; }
