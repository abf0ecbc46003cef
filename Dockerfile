# docker build -t concentrator .        (or: buildah bud --format docker -t concentrator .)
#
# The forwarder: takes the place of Sekoia.io's, with the same mounts, variables and ports; samples/docker-compose.yml runs it.
# Both base images are pinned; a new one is a change of this file. linux/amd64 and linux/arm64: the SDK runs on the builder's
# own architecture and compiles for the other.

ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0.401-noble
# Holds glibc, OpenSSL, the certificate authorities and nothing else: no shell, no package manager.
ARG BASE=mcr.microsoft.com/dotnet/runtime-deps:10.0.12-noble-chiseled

FROM --platform=$BUILDPLATFORM ${SDK} AS build
ARG TARGETARCH=amd64
WORKDIR /source
COPY global.json .editorconfig Directory.Build.props Directory.Packages.props ./
COPY Concentrator/ Concentrator/
RUN case "$TARGETARCH" in amd64) rid=linux-x64 ;; arm64) rid=linux-arm64 ;; *) echo "no build for $TARGETARCH" >&2; exit 1 ;; esac \
    && dotnet publish Concentrator -c Release -r "$rid" -o /image/usr/local/bin

# The one capability an unprivileged forwarder needs: ports below 1024. It lies on the file, since a container gives none to
# a user who is not root.
RUN command -v setcap >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends libcap2-bin; } \
    && setcap cap_net_bind_service=+ep /image/usr/local/bin/concentrator \
    && install -d -m 0700 -o 10514 -g 10514 /image/var/spool/rsyslog /image/var/spool/concentrator \
    && install -d -m 0755 -o 10514 -g 10514 /image/run/concentrator

FROM ${BASE}
COPY --from=build /image/ /

# Nothing is written but what the configuration names and the spool: the root file system can be read-only. Without
# diagnostics the runtime makes no files in /tmp either.
ENV DOTNET_EnableDiagnostics=0
USER 10514:10514
VOLUME /var/spool/rsyslog
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s --retries=3 CMD ["/usr/local/bin/concentrator", "health"]
ENTRYPOINT ["/usr/local/bin/concentrator"]
CMD ["run"]
