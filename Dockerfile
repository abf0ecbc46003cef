# docker build -t concentrator .        (or: buildah bud --format docker -t concentrator .)
#
# The forwarder: takes the place of Sekoia.io's, with the same mounts, variables and ports; samples/docker-compose.yml runs it.
# Both base images are pinned; a new one is a change of this file. linux/amd64 and linux/arm64: the SDK runs on the builder's
# own architecture and compiles natively for the other.

ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0.401-noble
# Holds glibc, OpenSSL, the certificate authorities and nothing else: no shell, no package manager.
ARG BASE=mcr.microsoft.com/dotnet/runtime-deps:10.0.12-noble-chiseled

FROM --platform=$BUILDPLATFORM ${SDK} AS build
ARG TARGETARCH=amd64
WORKDIR /source
COPY global.json .editorconfig Directory.Build.props Directory.Packages.props ./
COPY Concentrator/ Concentrator/

# What compiles natively, for this architecture or for the other.
RUN case "$(uname -m)/$TARGETARCH" in \
      x86_64/arm64) cross="gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;; \
      aarch64/amd64) cross="gcc-x86-64-linux-gnu libc6-dev-amd64-cross" ;; \
      x86_64/amd64 | aarch64/arm64) cross= ;; \
      *) echo "no build for $TARGETARCH" >&2; exit 1 ;; \
    esac; \
    dpkg -s clang lld libcap2-bin $cross >/dev/null 2>&1 \
    || { apt-get update -qq && apt-get install -y -qq --no-install-recommends clang lld libcap2-bin $cross; }

# What --version says behind the number, for git stays outside: --build-arg REVISION=$(git rev-parse HEAD)
ARG REVISION=
RUN dotnet publish Concentrator -c Release -r "linux-$(echo "$TARGETARCH" | sed s/amd64/x64/)" -p:SourceRevisionId="$REVISION" -o /published

# The one capability an unprivileged forwarder needs: ports below 1024. It lies on the file, since a container gives none to
# a user who is not root.
RUN install -D /published/concentrator /image/usr/local/bin/concentrator \
    && setcap cap_net_bind_service=+ep /image/usr/local/bin/concentrator \
    && install -d -m 0700 -o 10514 -g 10514 /image/var/spool/rsyslog /image/var/spool/concentrator \
    && install -d -m 0755 -o 10514 -g 10514 /image/run/concentrator

# The symbols of that very binary, to read a crash with: docker build --target symbols --output DIR .
FROM scratch AS symbols
COPY --from=build /published/concentrator.dbg /

FROM ${BASE}
COPY --from=build /image/ /

# Nothing is written but what the configuration names and the spool: the root file system can be read-only.
USER 10514:10514
VOLUME /var/spool/rsyslog
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s --retries=3 CMD ["/usr/local/bin/concentrator", "health"]
ENTRYPOINT ["/usr/local/bin/concentrator"]
CMD ["run"]
