# The published binary on a small base. It is built outside, so that the image holds no compiler and needs no SDK image:
#
#   dotnet publish Concentrator -c Release -o publish
#   docker build -t concentrator .
#   docker run -v ./concentrator.json:/etc/concentrator/concentrator.json:ro -p 6514:6514 concentrator
#
# The process is not root: listen on ports from 1024, or give the container NET_BIND_SERVICE. Share the *directory* of
# HAProxy's socket with the HAProxy container, never the socket file itself, which is a new one after each start.
FROM debian:12-slim

# TLS is OpenSSL's; the authorities are for the relay.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libssl3 \
    && rm -rf /var/lib/apt/lists/*

COPY publish/concentrator /usr/local/bin/concentrator

# A single-file program unpacks nothing, and this one writes only where its configuration says.
ENV DOTNET_EnableDiagnostics=0
USER 10514:10514
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/concentrator"]
CMD ["run"]
