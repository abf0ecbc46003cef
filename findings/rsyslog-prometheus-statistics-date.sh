#!/usr/bin/env bash
# rsyslog's statistics in Prometheus' format cannot be read by Prometheus: each block begins with a date.
#
# What: impstats of rsyslog 8.2610 (sid) has format="prometheus". With log.file every block begins `Sat Nov 28 20:01:26 2026: # HELP …`, as in its
#   other formats, so the first line is neither a comment nor a sample. Blocks are appended, so that each metric stands there many times.
# Why it matters: node_exporter's textfile collector, the reader of such a file, drops the whole file. promtool finds the first line wrong.
# Expected: lines of the text format alone, the file written anew each time, as for every other textfile.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" sid "$root" rsyslog prometheus || exit 2
grep -E '^(rsyslog|prometheus) ' "$root/packages"
cat >"$root/rsyslog.conf" <<CONF
module(load="impstats" interval="1" format="prometheus" log.file="/statistics" log.syslog="off")
action(type="omfile" file="/lines")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
reports() { sed -n 's/.*# HELP \([^ ]*\) .*/\1/p' "$root/statistics" 2>/dev/null | sort | uniq -d | wc -l; }
for _ in $(seq 100); do [ "$(reports)" -ge 1 ] && break; sleep 0.1; done
head -n 3 "$root/statistics"
first=$("$root/in-root" promtool check metrics <"$root/statistics" 2>&1 | sed -n 's/^error while linting: //p' || true)
sed -E 's/^[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [0-9]{4}: //' "$root/statistics" >"$root/without-dates"
without=$("$root/in-root" promtool check metrics <"$root/without-dates" 2>&1 | sed -n 's/^error while linting: //p' || true)
echo "seen:     $first"
echo "          without the dates: $without"
echo "expected: no error"
[[ "$first" == *'line 1: expected float as value'* && "$without" == *'second HELP line for metric name'* ]] || { echo "the behaviour has changed"; exit 1; }
