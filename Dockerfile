# Builds the program, and an image that has only what it needs to run `api`, `worker` and `migrate`:
# the embedded PostgreSQL of `serve` stays out.
# To pin it by digest: docker build --build-arg NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:...
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
FROM ${NODE_IMAGE} AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM base AS build
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY api api
COPY cli cli
COPY core core
COPY worker worker
RUN npm run build

FROM base AS modules
RUN npm ci --ignore-scripts --omit=dev --omit=optional

FROM base
# Uploads in flight are kept in DATA_DIR. An address of loopback would be reached by nobody here.
ENV NODE_ENV=production DATA_DIR=/data LISTEN=:8099
RUN groupadd --gid 10001 registry \
 && useradd --uid 10001 --gid registry --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin registry \
 && install --directory --owner=registry --group=registry /data
COPY migrations migrations
COPY --from=modules /app/node_modules node_modules
COPY --from=build /app/dist dist
# By number, so that an orchestrator can tell that it is not root.
USER 10001:10001
VOLUME /data
EXPOSE 8099
STOPSIGNAL SIGTERM
# As a list: a shell in between would keep signals to itself. The program starts no others, so nothing has to be reaped;
# give `--init` where a signal in the first second must count as well, which process 1 does not hear by default.
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["api"]
