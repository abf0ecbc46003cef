#!/usr/bin/env bash
# promtool's test series take no infinity in the short form of a repeated value: "+Infx5" is a parse error, "+Inf+0x5" is not.
#
# What: unit tests of alert rules write series as "1x5", which the documentation gives as short for "1+0x5". For an infinite value the long form
#   works, and so does the value written out; the short form is refused: unexpected identifier "Infx5", because the x and the number are read
#   as part of the word. So it is in 2.42.0 (Debian 12) and 3.5.3 (sid).
# Why it matters: estimates are infinite in the ordinary case (time until a queue is full while nothing arrives), so a rule such as
#   "room_seconds < 3600" needs a test with +Inf, and the message sends its writer to look for a mistake in the expression.
# Expected: the short form for every value that the long form takes.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
changed=0
for suite in bookworm sid; do
  root=$work/$suite
  "$here/debian-root" "$suite" "$root" prometheus || exit 2
  grep '^prometheus ' "$root/packages"
  printf 'groups:\n  - name: g\n    rules:\n      - alert: Full\n        expr: room_seconds < 3600\n' >"$root/rules.yml"
  try() { # VALUES: prints what promtool says of a test with them
    cat >"$root/test.yml" <<YML
rule_files: [/rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series: [{ series: room_seconds, values: '$1' }]
    alert_rule_test:
      - { eval_time: 3m, alertname: Full, exp_alerts: [] }
      - { eval_time: 8m, alertname: Full, exp_alerts: [{ exp_labels: {} }] }
YML
    "$root/in-root" promtool test rules /test.yml 2>&1 | tr '\n' ' ' || true
  }
  for values in '+Inf+0x5 100x5' '+Inf +Inf +Inf +Inf +Inf +Inf 100x5'; do
    said=$(try "$values")
    case $said in *SUCCESS*) ;; *) echo "  $values: $said"; changed=1 ;; esac
  done
  said=$(try '+Infx5 100x5')
  echo "  +Infx5: $said"
  case $said in *'unexpected identifier "Infx5"'*) ;; *) changed=1 ;; esac
done
[ $changed -eq 0 ] && echo "as described"
exit $changed
