#!/usr/bin/env bash
# rsyslog's GnuTLS driver takes no client that speaks TLS 1.3 alone, though its GnuTLS does.
#
# What: Debian 12's rsyslog 8.2302 with the driver gtls and its defaults answers a ClientHello of TLS 1.3 with an alert, "No supported cipher
#   suites have been found"; the driver ossl of the same rsyslog accepts it. 8.2610 (sid) does the same. It is the driver's own priority string:
#   with `gnutlsPriorityString="NORMAL"`, GnuTLS's default, TLS 1.3 is agreed on.
# Why it matters: gtls is the driver of most recipes. Who turns TLS 1.2 off at the senders, as audits ask, loses the logs.
# Expected: TLS 1.3 with either driver.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" rsyslog rsyslog-gnutls rsyslog-openssl openssl || exit 2
grep -E '^(rsyslog|libgnutls30[a-z0-9]*) ' "$root/packages"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$root/key.pem" -out "$root/cert.pem" -days 2 -subj /CN=localhost 2>/dev/null
[ -e "$root/dev/urandom" ] || cp -a /dev/urandom "$root/dev/" 2>/dev/null || true

handshake() { # DRIVER VERSION: the version that is agreed on, or none
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  cat >"$root/rsyslog.conf" <<CONF
global(defaultNetstreamDriver="$1" defaultNetstreamDriverCAFile="/cert.pem" defaultNetstreamDriverCertFile="/cert.pem" defaultNetstreamDriverKeyFile="/key.pem")
module(load="imtcp" streamDriver.name="$1" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imtcp" address="127.0.0.1" port="$port")
action(type="omfile" file="/lines")
CONF
  "$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
  for _ in $(seq 100); do python3 -c "import socket; socket.create_connection(('127.0.0.1', $port)).close()" 2>/dev/null && break; sleep 0.1; done
  openssl s_client -connect "127.0.0.1:$port" "$2" </dev/null 2>/dev/null | sed -n 's/^New, \(TLSv[0-9.]*\), Cipher is [^(].*/\1/p' | grep . || echo none
  grep -h -i -o 'No supported cipher suites.*found' "$work/log" | head -n 1 >&2 || true
  kill "$rsyslog"; wait "$rsyslog" || true; rsyslog=
}
seen="gtls: $(handshake gtls -tls1_2), $(handshake gtls -tls1_3); ossl: $(handshake ossl -tls1_2), $(handshake ossl -tls1_3)"
echo "seen:     $seen"
echo "expected: gtls: TLSv1.2, TLSv1.3; ossl: TLSv1.2, TLSv1.3"
[ "$seen" = "gtls: TLSv1.2, none; ossl: TLSv1.2, TLSv1.3" ] || { echo "the behaviour has changed"; exit 1; }
