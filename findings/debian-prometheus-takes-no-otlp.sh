#!/usr/bin/env bash
# Debian's Prometheus has no OTLP receiver: the documented switch does not exist, and the path answers 404.
#
# What: Prometheus takes metrics over OTLP/HTTP at /api/v1/otlp/v1/metrics, since 2.47 behind --enable-feature=otlp-write-receiver and since 3.0
#   with --web.enable-otlp-receiver, which replaced the former. In Debian's 3.5.3+ds1 the switch is unknown, so a unit with it does not start.
#   In Debian's 2.53.3+ds1 (Debian 13) the feature's name is taken, the log says "Unknown option for --enable-feature", and a push is
#   answered with 404. The remote-write receiver, its neighbour, is there in both.
# Why it matters: who pushes metrics (OpenTelemetry SDKs, collectors) to the Prometheus of a Debian host, by the book, gets none of them.
#   VictoriaMetrics of the same suites takes them.
# Expected: the receiver that this version's documentation describes.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
prometheus=
trap 'kill $prometheus 2>/dev/null || true; wait; rm -rf "$work"' EXIT

program() { # SUITE: prints how to start its Prometheus
  local root=$work/$1
  "$here/debian-root" "$1" "$root" prometheus >&2 || exit 2
  grep '^prometheus ' "$root/packages" >&2
  echo "$root"
}
start() { # ROOT ARGUMENT...: starts it, or returns its exit code
  local root=$1
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  echo 'global: {}' >"$root/prometheus.yml"
  chroot "$root" /usr/bin/prometheus --config.file=/prometheus.yml --storage.tsdb.path=/data "--web.listen-address=127.0.0.1:$port" "${@:2}" >"$work/log" 2>&1 &
  prometheus=$!
  for _ in $(seq 100); do
    kill -0 $prometheus 2>/dev/null || return 1
    curl -sf "http://127.0.0.1:$port/-/ready" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  return 1
}
stop() { kill $prometheus && wait $prometheus 2>/dev/null || true; prometheus=; }
answer() { curl -s -o "$work/answer" -w '%{http_code}' -X POST -H 'Content-Type: application/x-protobuf' --data-binary '' "http://127.0.0.1:$port$1"; }

changed=0
sid=$(program sid)
start "$sid" --web.enable-remote-write-receiver || { cat "$work/log"; exit 2; }
stop
if start "$sid" --web.enable-otlp-receiver; then
  echo "3.x: starts with --web.enable-otlp-receiver"
  changed=1
  stop
else
  grep -q "unknown long flag '--web.enable-otlp-receiver'" "$work/log" || { cat "$work/log"; changed=1; }
fi

trixie=$(program trixie)
start "$trixie" --enable-feature=otlp-write-receiver || { cat "$work/log"; exit 2; }
code=$(answer /api/v1/otlp/v1/metrics)
grep -q 'Unknown option for --enable-feature.*otlp-write-receiver' "$work/log" || { cat "$work/log"; changed=1; }
[ "$code" = 404 ] || { echo "2.53: /api/v1/otlp/v1/metrics answers $code"; changed=1; }
stop

[ $changed -eq 0 ] && echo "as described: no OTLP receiver in either"
exit $changed
