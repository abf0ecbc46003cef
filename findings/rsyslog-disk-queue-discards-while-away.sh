#!/usr/bin/env bash
# rsyslog throws away what it cannot forward at once, although a disk queue is configured.
#
# What: a ruleset with a disk-assisted queue (queue.type and queue.filename) and an omfwd action in it, over TCP and over TLS, all else left at
#   its default. The receiver is away for 11 seconds; 1,000 messages come meanwhile. action.resumeRetryCount is 0 by default: the action tries
#   once, is suspended for 30 seconds, and every message that reaches it is taken out of the queue and discarded, also those that come when
#   the receiver is back. Nothing says how many. With action.resumeRetryCount="-1" the queue holds them.
#   So it is in 8.2302 (Debian 12), 8.2504 and 8.2610.
# Why it matters: Sekoia.io's forwarder container has these settings (over TLS). Who reads queue.filename there expects an outage to fill the
#   disk, not to lose logs; even a short restart of the receiver costs half a minute of them.
# Expected: a queue that has been given a file keeps the messages until the receiver is back.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${rsyslog:-} ${receiver:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" rsyslog rsyslog-gnutls || exit 2
grep '^rsyslog ' "$root/packages"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$root/cert.pem" -days 2 -subj /CN=localhost 2>/dev/null

cat >"$work/receive.py" <<'PY'
# DIR KEY CERTIFICATE WAY:PORT…: writes the lines that come on each port to DIR/WAY.
import socket, ssl, sys, threading
directory, key, certificate, *ways = sys.argv[1:]
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(certificate, key)
def receive(way, port):
    listener = socket.create_server(("127.0.0.1", int(port)))
    while True:
        connection, _ = listener.accept()
        try:
            if way.startswith("tls"):
                connection = tls.wrap_socket(connection, server_side=True)
            with connection, open(f"{directory}/{way}", "ab", buffering=0) as file:
                while data := connection.recv(65536):
                    file.write(data)
        except OSError:
            pass
for way in ways:
    threading.Thread(target=receive, args=way.split(":")).start()
PY
cat >"$work/send.py" <<'PY'
# PORT NAME COUNT: sends so many messages, 100 a second.
import socket, sys, time
for attempt in range(100):
    try:
        sender = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        break
    except OSError:
        time.sleep(0.1)
for number in range(int(sys.argv[3])):
    sender.sendall(b"<134>1 2026-11-28T01:02:03Z web1 haproxy 7 - - %s-%04d\n" % (sys.argv[2].encode(), number))
    time.sleep(0.01)
PY
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

ways=(tcp tls tcp-retries tls-retries) ports=() input=$(free_port)
cat >"$root/rsyslog.conf" <<CONF
global(workDirectory="/tmp" defaultNetstreamDriverCAFile="/cert.pem")
module(load="imtcp")
template(name="name" type="string" string="%msg%\n")
CONF
for way in "${ways[@]}"; do
  port=$(free_port) more=
  ports+=("$way:$port")
  [[ $way != tls* ]] || more='streamDriver="gtls" streamDriverMode="1" streamDriverAuthMode="anon"'
  [[ $way != *-retries ]] || more+=' action.resumeRetryCount="-1"'
  cat >>"$root/rsyslog.conf" <<CONF
ruleset(name="$way" queue.type="LinkedList" queue.filename="$way" queue.saveOnShutdown="on") {
  action(type="omfwd" target="127.0.0.1" port="$port" protocol="tcp" template="name" $more)
}
CONF
done
cat >>"$root/rsyslog.conf" <<CONF
ruleset(name="all") { $(printf 'call %s ' "${ways[@]}") }
input(type="imtcp" address="127.0.0.1" port="$input" ruleset="all")
CONF

receive() { # returns when it listens at all ports
  python3 "$work/receive.py" "$work" "$work/key.pem" "$root/cert.pem" "${ports[@]}" & receiver=$!
  for port in "${ports[@]#*:}"; do for _ in $(seq 100); do listens "$port" && break; sleep 0.1; done; done
}
listens() { grep -q "$(printf ':%04X 00000000:0000 0A ' "$1")" /proc/net/tcp; }
send() { python3 "$work/send.py" "$input" "$@"; }
arrived() { grep -o -a "$2-[0-9]*" "$work/$1" 2>/dev/null | sort -u | wc -l; }
everywhere() { for way in "${ways[@]}"; do [ "$(arrived "$way" "$1")" -gt 0 ] || return 1; done; }

receive
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
for _ in $(seq 40); do send before 1; sleep 0.2; ! everywhere before || break; done
everywhere before || { echo "not even with the receiver there do messages arrive: $(cat "$work/log")"; exit 1; }
kill -9 "$receiver"; wait "$receiver" 2>/dev/null || true
gone=$SECONDS
send away 1000
while [ $((SECONDS - gone)) -lt 11 ]; do sleep 0.1; done
receive
# The suspended actions wait for up to 30 seconds. What they send afterwards shows that they are well.
for _ in $(seq 40); do send after 1; sleep 1; ! everywhere after || break; done
everywhere after || { echo "the actions did not come back in 40 seconds"; exit 1; }
echo "messages arrive again $((SECONDS - gone - 11)) s after the receiver is back"
for _ in $(seq 50); do [ "$(arrived tcp-retries away)" -lt 990 ] || [ "$(arrived tls-retries away)" -lt 990 ] || break; sleep 0.1; done
sleep 1
lost() { echo $((1000 - $(arrived "$1" away))); }
tcp=$(lost tcp) tls=$(lost tls) tcp_retries=$(lost tcp-retries) tls_retries=$(lost tls-retries)
echo "seen:     lost of 1000: $tcp over TCP, $tls over TLS; with action.resumeRetryCount=\"-1\" $tcp_retries and $tls_retries"
echo "expected: none, or one that was written into the closing connection"
[ "$tcp" -ge 900 ] && [ "$tls" -ge 900 ] && [ "$tcp_retries" -le 10 ] && [ "$tls_retries" -le 10 ] || { echo "the behaviour has changed"; exit 1; }
