#!/usr/bin/env bash
# Each reset of a connection costs rsyslog what it had written and the receiver had not read, whatever its queue and retries.
#
# What: an omfwd action over TCP and one over TLS, each with a disk-assisted queue, action.resumeRetryCount="-1" and
#   ResendLastMSGOnReconnect="on". 40,000 messages of 300 bytes pass, 5,000 a second. The receivers read what has come, work on it for 50 ms,
#   and reset their connection five times meanwhile, as a process does that ends with something unread; they can be reached again at once. A
#   message counts as sent for rsyslog, and leaves its queue, when write() has taken it. So each reset loses what lies in the sockets:
#   some 50 ms of messages. A receiver that reads without a pause and resets as often lacks few or none, one that resets nothing gets all.
#   So it is in 8.2302 (Debian 12) and 8.2610.
# Why it matters: the three settings are what recipes give for reliable forwarding, and no counter shows the loss. It grows with the rate and
#   with how far the receiver is behind when it dies.
# Expected: at least the messages that the peer's TCP has not acknowledged come again, and for the rest a tail may: RFC 5425 has no
#   acknowledgement, and a message that comes twice costs less than one that does not come.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: sid.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" rsyslog rsyslog-gnutls || exit 2
grep '^rsyslog ' "$root/packages"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$root/cert.pem" -days 2 -subj /CN=localhost 2>/dev/null

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
input=$(free_port) tcp=$(free_port) tls=$(free_port) prompt=$(free_port) kept=$(free_port)
action() { # NAME PORT MORE
  cat <<CONF
action(type="omfwd" target="127.0.0.1" port="$2" protocol="tcp" template="text" ${3:-}
  resendLastMSGOnReconnect="on" action.resumeRetryCount="-1" action.resumeInterval="1"
  queue.type="LinkedList" queue.filename="$1" queue.size="50000" queue.saveOnShutdown="on")
CONF
}
{
  echo 'global(workDirectory="/tmp" defaultNetstreamDriverCAFile="/cert.pem")'
  echo 'module(load="imtcp")'
  echo "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"$input\")"
  echo 'template(name="text" type="string" string="%msg%\n")'
  action tcp "$tcp"
  action tls "$tls" 'streamDriver="gtls" streamDriverMode="1" streamDriverAuthMode="anon"'
  action prompt "$prompt"
  action kept "$kept"
} >"$root/rsyslog.conf"
cat >"$work/run.py" <<'PY'
import re, select, socket, ssl, struct, sys, threading, time
sent, rate, resets, between = 40000, 5000, 5, 6500
key, certificate, input_port, tcp_port, tls_port, prompt_port, kept_port = sys.argv[1:]
whole = re.compile(rb" ?(run\d-\d{5}) x+ end")

class Receiver(threading.Thread):
    """Reads what has come, works on it for `work` seconds, and so on; resets its connection after every `between` messages while `left` is not zero."""
    def __init__(self, port, work, tls=None):
        super().__init__(daemon=True)
        self.listener, self.work, self.tls, self.left, self.seen = socket.create_server(("127.0.0.1", int(port))), work, tls, 0, set()

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            try:
                with self.tls.wrap_socket(connection, server_side=True) if self.tls else connection as connection:
                    self.read(connection)
            except OSError:
                pass

    def read(self, connection):
        connection.setblocking(False)
        messages, rest = 0, b""
        while messages < between or not self.left:
            select.select([connection], [], [])
            *lines, rest = (rest + self.come(connection)).split(b"\n")
            messages += len(lines)
            self.seen.update(name[1] for name in map(whole.fullmatch, lines) if name)
            time.sleep(self.work)
        self.left -= 1

    def come(self, connection):
        data = bytearray()
        try:
            while len(data) < 300_000:  # four times what comes in the time, so that it catches up
                piece = connection.recv(65536)
                if not piece:
                    raise ConnectionError("the peer has closed")
                data += piece
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        return bytes(data)

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
tcp, tls, prompt, kept = receivers = Receiver(tcp_port, 0.05), Receiver(tls_port, 0.05, context), Receiver(prompt_port, 0), Receiver(kept_port, 0.05)
for receiver in receivers:
    receiver.start()
for attempt in range(100):
    try:
        sender = socket.create_connection(("127.0.0.1", int(input_port)))
        break
    except OSError:
        time.sleep(0.1)

def run(number):
    """Sends the messages, waits until nothing more comes, and returns how many each receiver lacks."""
    tcp.left = tls.left = prompt.left = resets
    names = [b"run%d-%05d" % (number, message) for message in range(sent)]
    start = time.monotonic()
    for at in range(0, sent, 50):
        sender.sendall(b"".join(b"<134>1 2026-11-28T01:02:03Z web1 haproxy 7 - - %s %s end\n" % (name, b"x" * 285) for name in names[at:at + 50]))
        time.sleep(max(0, start + (at + 50) / rate - time.monotonic()))
    took, quiet, before = time.monotonic() - start, 0, None
    while quiet < 10 and time.monotonic() < start + took + 10:
        time.sleep(0.2)
        now = [len(receiver.seen) for receiver in receivers]
        quiet, before = quiet + 1 if now == before else 0, now
    lost = [len(set(names) - receiver.seen) for receiver in receivers]
    made = [resets - receiver.left for receiver in (tcp, tls)]
    print(f"run {number}: lost of {sent}, sent in {took:.1f} s: over TCP {lost[0]} with {made[0]} resets, over TLS {lost[1]} with {made[1]};"
          f" by a receiver that reads without a pause {lost[2]}, without a reset {lost[3]}", flush=True)
    return lost[0] > 0 and lost[1] > 0 and lost[3] == 0 and made == [resets, resets]

runs = [run(number) for number in (1, 2, 3)]
print(f"seen:     messages lost in {sum(runs)} of {len(runs)} runs, over TCP and over TLS, and none without a reset")
print("expected: none lost")
sys.exit(0 if all(runs) else 1)
PY
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
python3 "$work/run.py" "$work/key.pem" "$root/cert.pem" "$input" "$tcp" "$tls" "$prompt" "$kept" || { echo "the behaviour has changed"; exit 1; }
