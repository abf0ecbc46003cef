#!/usr/bin/env bash
# The messages of Rust's syslog crate have no time in rsyslog's files: nine digits go out, a byte that is no digit is written.
#
# What: crate syslog 6.0.1 (Debian 12's librust-syslog-dev) writes nanoseconds into RFC 5424's TIMESTAMP, which has six digits at most (section
#   6.2.3). rsyslog 8.2302 and 8.2504 take such a time and print bytes that are no digits for its fraction; 8.2610 cuts at six.
# Why it matters: both come with the same Debian. Every line of the service breaks whoever reads the file's times, or its UTF-8.
# Expected: six digits from the crate; from the server six digits or its own time.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when there is no cargo or the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
command -v cargo >/dev/null || { echo "there is no cargo"; exit 2; }
work=$(mktemp -d)
trap 'kill ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" bookworm "$root" rsyslog librust-syslog-dev || exit 2
grep -E '^(rsyslog|librust-syslog-dev) ' "$root/packages"

mkdir -p "$work/send/src" "$work/send/.cargo"
cat >"$work/send/Cargo.toml" <<'TOML'
[package]
name = "send"
version = "0.1.0"
edition = "2021"
[dependencies]
syslog = "6.0.1"
TOML
cat >"$work/send/.cargo/config.toml" <<TOML
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "$root/usr/share/cargo/registry"
TOML
cat >"$work/send/src/main.rs" <<'RS'
use std::collections::HashMap;
use syslog::{Facility, Formatter5424};

fn main() {
    let server = format!("127.0.0.1:{}", std::env::args().nth(1).unwrap());
    let formatter = Formatter5424 { facility: Facility::LOG_LOCAL0, hostname: Some("web1".into()), process: "app".into(), pid: 7 };
    let mut log = syslog::udp(formatter, "127.0.0.1:0", server.as_str()).unwrap();
    log.info((1, HashMap::new(), "text")).unwrap();
    log.info((2, HashMap::new(), "text")).unwrap();
}
RS
(cd "$work/send" && cargo build --offline --quiet 2>"$work/log") || { tail -n 5 "$work/log"; exit 2; }

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/rsyslog.conf" <<CONF
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="$port")
template(name="time" type="string" string="%timereported:::date-rfc3339% of %rawmsg%\n")
action(type="omfile" file="/times" template="time")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
for _ in $(seq 100); do grep -q "$(printf ':%04X ' "$port")" /proc/net/udp && break; sleep 0.1; done
"$work/send/target/debug/send" "$port"
for _ in $(seq 100); do [ "$(wc -l <"$root/times" 2>/dev/null || echo 0)" -ge 2 ] && break; sleep 0.1; done
cat -v "$root/times"
sent=$(LC_ALL=C sed -n 's/.* of <134>1 [^ ]*\.\([0-9]*\)Z .*/\1/p' "$root/times" | head -n 1)
broken=$(LC_ALL=C grep -c -a -v -E '^[0-9T:-]*\.[0-9]{1,6}Z of ' "$root/times" || true)
echo "seen:     ${#sent} digits are sent; $broken of 2 times are not a time"
echo "expected: 6 and 0"
[ "${#sent}" -ge 7 ] && [ "$broken" = 2 ] || { echo "the behaviour has changed"; exit 1; }
