import { join, resolve } from 'node:path';
import { type Access, createAccess } from './access/access.ts';
import type { KeyRing } from './access/keys.ts';
import { createRegistryTokens, registryService } from './access/registry-tokens.ts';
import { createTokenUses, type TokenUses } from './access/token-uses.ts';
import { type AuditQueue, createAuditQueue } from './audit/queue.ts';
import { prepareDraftFolder } from './blobs/drafts.ts';
import type { BlobStore } from './blobs/port.ts';
import { withFreeSpaceGuard } from './blobs/with-free-space-guard.ts';
import { createPartsCheck } from './check-parts.ts';
import { readChartLimits } from './config/chart-limits.ts';
import { usesS3 } from './config/object-store.ts';
import type { Config } from './config/settings.ts';
import { abandonedAfterMs } from './drivers/blobs.ts';
import type { DatabaseOptions } from './drivers/database.ts';
import { openSealer } from './drivers/keys.ts';
import { openQueue } from './drivers/queue.ts';
import { openStorage } from './drivers/storage.ts';
import type { IconCache } from './icons/icon-cache.ts';
import { createJobDeps } from './jobs/job-deps.ts';
import { createJobWatch } from './jobs/job-events.ts';
import type { JobDeps } from './jobs/jobs.ts';
import type { JobLinks } from './jobs/view.ts';
import { createJobCounter } from './metrics/count-jobs.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { addCacheAndPoolMetrics, createCacheMeters } from './metrics/read-parts.ts';
import { createOciDeps, type OciDeps } from './oci/oci.ts';
import { createThreads } from './open-threads.ts';
import { createPullLog, type PullLog } from './pulls/pull-log.ts';
import { createInFlight, type InFlight } from './read-cache/in-flight.ts';
import { createResponseCache, type ResponseCache } from './read-cache/response-cache.ts';
import { createSpaceStates } from './read-cache/space-state.ts';
import { type BlobCache, createBlobCache } from './registry/blob-cache.ts';
import { createCheckedBlobs } from './registry/checked-blobs.ts';
import type { UploadDeps } from './registry/publish-batch.ts';
import { createRegistryDeps } from './registry-deps.ts';
import { createDownloads, type DownloadCache } from './repository/downloads.ts';
import { createIndexes, type Indexes } from './repository/indexes.ts';
import { makeDataFolder } from './runtime/data-folder.ts';
import { createFreeSpaceGuard, type FreeSpaceGuard } from './runtime/free-space.ts';
import type { Log } from './runtime/log.ts';
import type { FoundParts } from './runtime/readiness.ts';
import { createShutdownHooks, type ShutdownHooks } from './runtime/shutdown-hooks.ts';
import { watchStuckThreads } from './runtime/threads/stuck-threads.ts';
import { createTracing, type Tracing } from './runtime/tracing.ts';
import { createUpstreams } from './upstreams.ts';
import type { Sender } from './webhooks/send.ts';

/** Options of a process that are not in its configuration. */
export interface ContextOptions extends DatabaseOptions {
  /** Paths of the HTTP interface, for errors and callbacks of jobs. */
  links: JobLinks;
}

/** Parts of a process, created once from its configuration. */
export interface Context {
  config: Config;
  /** URL of the opened database; the configuration has none of the embedded one. */
  databaseUrl: string;
  log: Log;
  /** Blob store without the checks that `registry.blobs` makes of reads. */
  store: BlobStore;
  registry: UploadDeps;
  oci: OciDeps;
  /** Rights of callers as they are now. */
  access: Access;
  /** Keys that seal secrets and sign registry tokens. */
  keys: KeyRing;
  /** Refusals and log-ins on their way to the audit. */
  audit: AuditQueue;
  /** Response cache of lists, metadata and values. */
  answers: ResponseCache;
  /** Files of versions by their addresses. */
  downloads: DownloadCache;
  /** Small blobs in memory, for downloads. */
  blobCache: BlobCache;
  /** Bytes of responses that clients have not read yet. */
  inFlight: InFlight;
  /** Cached indexes of chart repositories. */
  indexes: Indexes;
  jobs: JobDeps;
  sender: Sender;
  /** Counts and measures of this process. */
  metrics: Metrics;
  tracing: Tracing;
  /** Downloads by day, on their way to the database. */
  pulls: PullLog;
  /** Last uses of tokens, on their way to the database. */
  tokenUses: TokenUses;
  /** Icons by their web address; absent where none are fetched. */
  icons: IconCache | undefined;
  /** Folder for uploads that are too large for memory. */
  uploadFolder: string;
  /** Guard of the free space on the disk of the data folder. */
  room: FreeSpaceGuard;
  /** Aborts when the process begins to close; streams and waits end then. */
  closing: AbortSignal;
  /** Resolves with the reason when this process can no longer work and should be restarted. */
  failed: Promise<string>;
  /** Checks which parts can be reached; answers within seconds, also when one of them hangs. */
  checkParts(): Promise<FoundParts>;
  /** Ends streams and waits, so that running requests can finish. */
  beginClosing(): void;
  /** Closes all parts, the last opened first. */
  close(): Promise<void>;
}

/**
 * Opens all parts of a configuration; only `core/drivers/` knows the driver behind a port.
 * @throws {StartError} with a line for the operator
 */
export async function createContext(config: Config, log: Log, options: ContextOptions): Promise<Context> {
  const shutdownHooks = createShutdownHooks(log);
  try {
    return await openContext(config, log, options, shutdownHooks);
  } catch (error) {
    await shutdownHooks.close();
    throw error;
  }
}

async function openContext(
  config: Config,
  log: Log,
  options: ContextOptions,
  shutdownHooks: ShutdownHooks,
): Promise<Context> {
  shutdownHooks.add('watch of threads', watchStuckThreads(log, shutdownHooks));
  // First: an unwritable folder is found before anything starts.
  await makeDataFolder(resolve(config.dataDir));
  const storage = await openStorage(config, log, shutdownHooks, options);
  const { url, db, listener, locks } = storage;
  const { keys, sealer } = await openSealer(config, db, log, options);
  const room = createFreeSpaceGuard(resolve(config.dataDir), config.storageReserve);
  // A bucket has a disk of its own, so the guard is for the folder only.
  const store = usesS3(config) ? storage.blobs : withFreeSpaceGuard(storage.blobs, room);
  const blobs = createCheckedBlobs({ db, blobs: store }, log);
  const uploadFolder = await openUploadFolder(config);
  const queue = await openQueue(config, log, shutdownHooks, url);
  const watch = await createJobWatch(listener);
  shutdownHooks.add('watch', () => watch.close());
  const metrics = createMetrics();
  const tracing = createTracing();
  const caches = createCacheMeters();
  const { sender, icons, readDocument } = createUpstreams(config, metrics);

  const audit = createAuditQueue(db, log);
  shutdownHooks.add('audit', () => audit.close());
  const pulls = createPullLog(db, log);
  shutdownHooks.add('pulls', () => pulls.close());
  const tokenUses = createTokenUses(db, log);
  shutdownHooks.add('uses of tokens', () => tokenUses.close());
  const limits = readChartLimits(config);
  const states = createSpaceStates(db);
  const inFlight = createInFlight(config.answerMemory);
  addCacheAndPoolMetrics(metrics, { db, inFlight, caches });
  const { validator, charts, previewer } = createThreads(db, blobs, limits, shutdownHooks);
  const registry = createRegistryDeps(config, { db, blobs, locks, limits, charts, inFlight }, caches.files);
  return {
    config,
    databaseUrl: url,
    log,
    store,
    registry,
    oci: createOciDeps(registry, {
      expirySeconds: config.ociExpiry,
      nestedCharts: config.nestedCharts,
      admit: inFlight.admitInTurn,
    }),
    audit,
    pulls,
    tokenUses,
    access: createAccess(db, states, {
      config,
      log,
      registryTokens: createRegistryTokens(keys, { service: registryService }),
      readDocument,
      noteAttempt: (method, outcome) => {
        metrics.tally('auth_attempts_total', { method, outcome }).value += 1;
      },
      noteTokenUse: (tokenId) => tokenUses.note(tokenId),
    }),
    keys,
    answers: createResponseCache(states, config.cacheSize, inFlight, caches.responses),
    downloads: createDownloads(states, caches.downloads),
    blobCache: createBlobCache(
      { db, blobs },
      {
        maxBytes: config.blobCache,
        admit: inFlight.admit,
        addUnsent: inFlight.addUnsent,
        meter: caches.blobs,
      },
    ),
    inFlight,
    indexes: createIndexes(registry, states, config.indexCache, () => inFlight.admit(), caches.indexes),
    jobs: createJobDeps(config, log, {
      db,
      blobs,
      locks,
      queue,
      watch,
      charts,
      limits,
      validator,
      previewer,
      sealer,
      links: options.links,
      countEnd: createJobCounter(metrics),
      tracing,
      closing: shutdownHooks.closing,
    }),
    sender,
    metrics,
    tracing,
    icons,
    uploadFolder,
    room,
    ...lifecycleOf(shutdownHooks),
    checkParts: createPartsCheck({ db, queue, blobs, room }),
  };
}

async function openUploadFolder(config: Config): Promise<string> {
  const folder = join(resolve(config.dataDir), 'uploads');
  await prepareDraftFolder(folder, abandonedAfterMs(config));
  return folder;
}

function lifecycleOf(shutdownHooks: ShutdownHooks) {
  return {
    closing: shutdownHooks.closing,
    failed: shutdownHooks.failed,
    beginClosing: () => shutdownHooks.beginShutdown(),
    close: () => shutdownHooks.close(),
  };
}
