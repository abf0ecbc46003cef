#!/usr/bin/env bash
# Log4j's syslog appender puts nothing between two messages on a TCP connection.
#
# What: `<Syslog format="RFC5424" protocol="TCP">` of Log4j 2.19.0 (Debian 12), as its manual shows it, sends one message behind the other without
#   a length and without an end: `…text<134>1 2026-…`. RFC 6587 knows two framings, this is neither. `newLine="true"` is the way out, and off.
# Why it matters: rsyslog makes one message of a program's whole life, with the severity of the first, when the program ends.
# Expected: an octet count, or LF, as the format and the transport are the appender's own.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when there is no JDK or the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
command -v javac >/dev/null || { echo "there is no JDK"; exit 2; }
work=$(mktemp -d)
trap 'kill ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" bookworm "$root" liblog4j2-java rsyslog || exit 2
grep -E '^(liblog4j2-java|rsyslog) ' "$root/packages"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/rsyslog.conf" <<CONF
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="$port")
template(name="parts" type="string" string="%pri-text% %msg%\n")
action(type="omfile" file="/parts" template="parts")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
for _ in $(seq 100); do python3 -c "import socket; socket.create_connection(('127.0.0.1', $port)).close()" 2>/dev/null && break; sleep 0.1; done
cat >"$work/Send.java" <<'JAVA'
import org.apache.logging.log4j.*;

public class Send {
    public static void main(String[] arguments) {
        Logger log = LogManager.getLogger("example");
        log.info("started");
        log.error("the disk is full");
        log.info("stopped");
    }
}
JAVA
cat >"$work/log4j2.xml" <<XML
<Configuration>
  <Appenders>
    <Syslog name="syslog" format="RFC5424" host="127.0.0.1" port="$port" protocol="TCP" appName="app" facility="LOCAL0"/>
  </Appenders>
  <Loggers><Root level="info"><AppenderRef ref="syslog"/></Root></Loggers>
</Configuration>
XML
jars=$root/usr/share/java/log4j-api.jar:$root/usr/share/java/log4j-core.jar
javac -cp "$jars" -d "$work" "$work/Send.java" 2>"$work/log.javac" || { cat "$work/log.javac"; exit 2; }
java -cp "$work:$jars" -Dlog4j2.configurationFile="$work/log4j2.xml" Send
for _ in $(seq 100); do [ -s "$root/parts" ] && break; sleep 0.1; done
echo "seen:     $(cat "$root/parts")"
echo "expected: local0.info started, local0.err the disk is full, local0.info stopped"
[ "$(wc -l <"$root/parts")" = 1 ] && grep -q '^local0.info started<131>1 .*the disk is full<134>1 .*stopped$' "$root/parts" ||
  { echo "the behaviour has changed"; exit 1; }
