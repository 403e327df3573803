# The image of Sluice: docs/deploy-containers.md.
#   docker build -t sluice:0.1.0 --build-arg REVISION="$(git rev-parse HEAD)" .
ARG BASE=docker.io/library/debian:trixie-slim

FROM ${BASE} AS build
WORKDIR /sluice
COPY scripts/packages scripts/install-deps scripts/
RUN scripts/install-deps build
COPY CMakeLists.txt CMakePresets.json ./
COPY scripts/build scripts/
COPY scripts/debian scripts/debian
COPY src src
RUN scripts/build image && strip build/image/sluice
# What the binary is linked to is installed below; what is compiled into it leaves no other trace.
COPY scripts/sbom scripts/
RUN readelf -d build/image/sluice | sed -n 's,.*(NEEDED).*\[\(.*\)\],*/\1,p' | xargs dpkg -S | \
      cut -d: -f1 | sort -u >run-packages && \
    scripts/sbom --list $(sed -n 's/^build //p' scripts/packages) >build-packages
COPY config config
RUN chmod -R u=rwX,go=rX config

FROM ${BASE}
# That of CMakeLists.txt: the build ends where they differ.
ARG VERSION=0.1.0
# Up here, since buildah goes by it for what RUN makes, not for a LABEL.
ARG REVISION=unknown
# What is made gets this date where it is given, in seconds: the same inputs make the same files.
ARG SOURCE_DATE_EPOCH
RUN --mount=type=bind,from=build,source=/sluice,target=/build \
    apt-get update -q && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
      ca-certificates $(cat /build/run-packages) && \
    apt-get clean && rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/cache/ldconfig/* /var/log/* && \
    groupadd --gid 10001 sluice && \
    useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
      --shell /usr/sbin/nologin sluice && \
    install -m 755 /build/build/image/sluice /usr/bin/sluice && \
    { test "$(sluice --version)" = "$VERSION" || \
      { echo "VERSION is $VERSION, but this is sluice $(sluice --version)" >&2; exit 1; }; } && \
    install -d /usr/share/doc/sluice && \
    install -m 644 /build/scripts/debian/copyright /usr/share/doc/sluice/copyright && \
    /build/scripts/sbom "$VERSION" /build/build-packages >/usr/share/doc/sluice/sbom.spdx.json
COPY --from=build /sluice/config /etc/sluice

LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="Streams Kafka topics into HTTP APIs and commits only what was answered" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# By number: Kubernetes does not know of a name whether it is root's.
USER 10001:10001
EXPOSE 9464
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/sluice"]
