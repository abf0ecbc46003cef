#!/usr/bin/env bash
# A Java exception makes one syslog message a line of its stack, from a program called "at".
#
# What: Logback 1.2.11's SyslogAppender (Debian 12) sends each line of a stack as a message with a header of its own, but without the tag that its
#   pattern gives the first one: `<131>Nov 28 01:02:03 host <TAB>at Main.run(Main.java:7)`. rsyslog 8.2302 reads a tag: program `#011at`.
# Why it matters: 50 errors for one; none says which service it came from, and a filter by program keeps the first line alone.
# Expected: the tag in each message (`stackTracePattern` can have one; its default is a TAB), or the stack inside the message.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when there is no JDK or the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
command -v javac >/dev/null || { echo "there is no JDK"; exit 2; }
work=$(mktemp -d)
trap 'kill ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" bookworm "$root" liblogback-java libslf4j-java rsyslog || exit 2
grep -E '^(liblogback-java|rsyslog) ' "$root/packages"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/rsyslog.conf" <<CONF
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="$port")
template(name="parts" type="string" string="%syslogseverity-text% program %programname%:%msg%\n")
action(type="omfile" file="/parts" template="parts")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
for _ in $(seq 100); do grep -q "$(printf ':%04X ' "$port")" /proc/net/udp && break; sleep 0.1; done
cat >"$work/Main.java" <<'JAVA'
public class Main {
    public static void main(String[] arguments) throws Exception {
        org.slf4j.LoggerFactory.getLogger("example").error("cannot pay", new IllegalStateException("no money"));
        ((ch.qos.logback.classic.LoggerContext) org.slf4j.LoggerFactory.getILoggerFactory()).stop();
    }
}
JAVA
cat >"$work/logback.xml" <<XML
<configuration>
  <appender name="syslog" class="ch.qos.logback.classic.net.SyslogAppender">
    <syslogHost>127.0.0.1</syslogHost><port>$port</port><facility>LOCAL0</facility>
    <suffixPattern>billing: %msg</suffixPattern>
  </appender>
  <root level="INFO"><appender-ref ref="syslog"/></root>
</configuration>
XML
java=$root/usr/share/java
jars=$java/slf4j-api.jar:$java/logback-core.jar:$java/logback-classic.jar
javac -cp "$jars" -d "$work" "$work/Main.java" 2>"$work/log.javac" || { cat "$work/log.javac"; exit 2; }
java -cp "$work:$jars" Main
for _ in $(seq 100); do [ "$(wc -l <"$root/parts" 2>/dev/null || echo 0)" -ge 3 ] && break; sleep 0.1; done
cat "$root/parts"
grep -q '^err program billing: cannot pay$' "$root/parts" && grep -q '^err program #011at: Main.main(Main.java:3)$' "$root/parts" || { echo "the behaviour has changed"; exit 1; }
