#!/usr/bin/env bash
# nginx's first messages have an empty host, and rsyslog finds no program in them.
#
# What: `error_log syslog:…` of nginx 1.22.1 (Debian 12) is open before nginx has asked for the host's name: what it logs while it starts is
#   `<189>Nov 28 01:02:03  nginx: …`, two blanks where the host should stand (RFC 3164 section 4.1.2). rsyslog 8.2302 has the sender's address
#   for the host and no program. Later messages are right.
# Why it matters: the messages of a start, those about what is wrong with a configuration among them, are not in the file of nginx.
# Expected: the host's name in each message.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${nginx:-} ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" bookworm "$root" nginx-core rsyslog || exit 2
grep -E '^(nginx|rsyslog) ' "$root/packages"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
syslog=$(free_port) web=$(free_port)
cat >"$root/rsyslog.conf" <<CONF
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="$syslog")
template(name="parts" type="string" string="host [%hostname%] program [%programname%] of %rawmsg:1:60%\n")
action(type="omfile" file="/parts" template="parts")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
for _ in $(seq 100); do grep -q "$(printf ':%04X ' "$syslog")" /proc/net/udp && break; sleep 0.1; done
mkdir -p "$root/var/log/nginx" "$root/var/lib/nginx"
cat >"$root/nginx.conf" <<CONF
daemon off;
user root;
master_process off;
pid /nginx.pid;
error_log syslog:server=127.0.0.1:$syslog,facility=local7 notice;
events {}
http {
    access_log off;
    server { listen 127.0.0.1:$web; location / { return 404; } location /file { root /nowhere; } }
}
CONF
"$root/in-root" nginx -c /nginx.conf 2>"$work/nginx" & nginx=$!
for _ in $(seq 100); do curl -s "http://127.0.0.1:$web/file" >/dev/null && break; sleep 0.1; done
for _ in $(seq 50); do grep -q 'open()' "$root/parts" 2>/dev/null && break; sleep 0.1; done
cat "$root/parts"
grep -q '^host \[127.0.0.1\] program \[\] of <189>.*  nginx: ' "$root/parts" && grep -q '^host \[.*\] program \[nginx\] of <187>' "$root/parts" ||
  { echo "the behaviour has changed"; exit 1; }
