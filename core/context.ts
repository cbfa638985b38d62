import { join, resolve } from 'node:path';
import { prepareDraftFolder } from './blobs/drafts.ts';
import type { BlobStore } from './blobs/port.ts';
import { withinRoom } from './blobs/within-room.ts';
import { createChartWork } from './chart-work/chart-work.ts';
import { usesS3 } from './config/object-store.ts';
import type { Config } from './config/settings.ts';
import { abandonedAfter } from './drivers/blobs.ts';
import type { DatabaseOptions } from './drivers/database.ts';
import { openQueue } from './drivers/queue.ts';
import { openStorage } from './drivers/storage.ts';
import { createAcceptedPlanCache } from './jobs/accepted-plans.ts';
import { createCompositionSlots } from './jobs/composition-slots.ts';
import { createJobWatch } from './jobs/job-events.ts';
import type { JobDeps } from './jobs/jobs.ts';
import { createResolvedSourceCache } from './jobs/resolved-sources.ts';
import type { JobLinks } from './jobs/view.ts';
import { createInFlight, type InFlight } from './read-cache/in-flight.ts';
import { createResponseCache, type ResponseCache } from './read-cache/response-cache.ts';
import { createSpaceStates } from './read-cache/space-state.ts';
import { createCheckedBlobs } from './registry/checked-blobs.ts';
import type { RegistryDeps } from './registry/registry.ts';
import { createIndexes, type Indexes } from './repository/indexes.ts';
import { createConcurrencyLimiter } from './runtime/concurrency.ts';
import { makeDataFolder } from './runtime/data-folder.ts';
import { createFreeSpaceGuard, type FreeSpaceGuard } from './runtime/free-space.ts';
import type { Log } from './runtime/log.ts';
import { createReadinessCheck, type PartState } from './runtime/readiness.ts';
import { createShutdownHooks, type ShutdownHooks } from './runtime/shutdown-hooks.ts';
import { createOutlineStore } from './validation/outlines.ts';
import { createPreviewer } from './validation/previewer.ts';
import { createValidator } from './validation/validator.ts';
import { createGuard } from './webhooks/guard.ts';
import { createSender, type Sender } from './webhooks/send.ts';

/** Rewrites of metadata or values that one process does at once. */
const maxRewrites = 2;

/** Uploads that one process looks into at once; as many as keep two cores busy, since all of them are on its disk already. */
const maxInspections = 2;

/** Options of a process that are not in its configuration. */
export interface ContextOptions extends DatabaseOptions {
  /** Paths of the HTTP interface, for errors and callbacks of jobs. */
  links: JobLinks;
}

/** Every part of a process, built once from its configuration. */
export interface Context {
  config: Config;
  /** Of the database that was opened: the embedded one has none in the configuration. */
  databaseUrl: string;
  log: Log;
  /** Store of blobs as it is, without the checks that `registry.blobs` makes of what is read. */
  store: BlobStore;
  registry: RegistryDeps;
  /** What is read again and again. */
  answers: ResponseCache;
  /** Bytes of answers that clients have not read yet. */
  inFlight: InFlight;
  /** Of chart repositories. */
  indexes: Indexes;
  jobs: JobDeps;
  sender: Sender;
  /** Where uploads that are too large for memory wait. */
  uploadFolder: string;
  /** On the disk of the data folder. */
  room: FreeSpaceGuard;
  /** Aborts when the process begins to close: streams and waits end then. */
  closing: AbortSignal;
  /** Resolves, with the reason, when this process can do nothing any more and had better be started again. */
  failed: Promise<string>;
  /** Which parts can be reached now; answers within seconds, also when one of them does not. */
  checkParts(): Promise<Record<string, PartState>>;
  /** Ends streams and waits, so that requests in flight can finish. */
  beginClosing(): void;
  /** Closes everything in the reverse of the order in which it was opened. */
  close(): Promise<void>;
}

/**
 * Opens what a configuration asks for; which driver stands behind a port only `core/open/` knows.
 * @throws {StartError} with a line for the operator
 */
export async function createContext(config: Config, log: Log, options: ContextOptions): Promise<Context> {
  const closers = createShutdownHooks(log);
  try {
    return await openContext(config, log, options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function openContext(
  config: Config,
  log: Log,
  options: ContextOptions,
  closers: ShutdownHooks,
): Promise<Context> {
  // First, because a folder that cannot be written to is found without starting anything.
  await makeDataFolder(resolve(config.dataDir));
  const storage = await openStorage(config, log, closers, options);
  const { url, db, listener, locks } = storage;
  const room = createFreeSpaceGuard(resolve(config.dataDir), config.storageReserve);
  // A bucket has a disk of its own.
  const store = usesS3(config) ? storage.blobs : withinRoom(storage.blobs, room);
  const blobs = createCheckedBlobs({ db, blobs: store }, log);
  const uploadFolder = join(resolve(config.dataDir), 'uploads');
  await prepareDraftFolder(uploadFolder, abandonedAfter(config));
  const queue = await openQueue(config, log, closers, url);
  const watch = await createJobWatch(listener);
  closers.add('watch', () => watch.close());
  const sender = createSender({ allow: config.webhookAllow, timeoutMs: config.webhookTimeout * 1000 });

  const limits = {
    packed: config.limitPacked,
    unpacked: config.limitUnpacked,
    file: config.limitFile,
    entries: config.limitEntries,
  };
  const states = createSpaceStates(db);
  const inFlight = createInFlight(config.answerMemory);
  const validator = createValidator(createOutlineStore(db, blobs), limits);
  closers.add('validator', () => validator.close());
  const charts = createChartWork(limits);
  closers.add('charts', () => charts.close());
  const previewer = createPreviewer(blobs, limits);
  closers.add('previewer', () => previewer.close());
  return {
    config,
    databaseUrl: url,
    log,
    store,
    registry: {
      db,
      blobs,
      locks,
      limits,
      charts,
      inspecting: createConcurrencyLimiter(maxInspections),
      rewriting: createConcurrencyLimiter(maxRewrites),
      checkArchive: validator.checkArchive,
      autoCreateSpaces: config.autoCreateSpaces,
      overwriting: config.overwriting,
    },
    answers: createResponseCache(states, config.cacheSize, inFlight),
    inFlight,
    indexes: createIndexes(db, states, config.indexCache, () => inFlight.admit()),
    jobs: {
      db,
      blobs,
      locks,
      queue,
      watch,
      acceptedPlans: createAcceptedPlanCache(),
      compositionSlots: createCompositionSlots(),
      charts,
      resolvedSources: createResolvedSourceCache(),
      limits,
      validator,
      previewer,
      guard: createGuard(config.webhookAllow),
      links: options.links,
      queueLimit: config.queueLimit,
      onQueueError: (error, ids) => log.warn({ error, ids }, 'not put on the queue; the sweep will'),
    },
    sender,
    uploadFolder,
    room,
    closing: closers.closing,
    failed: closers.failed,
    checkParts: createReadinessCheck({
      database: () => db.query('SELECT 1'),
      queue: () => queue.ping(),
      blobs: () => blobs.ping(),
      disk: async () => ((await room.isShort()) ? 'full' : 'up'),
    }),
    beginClosing: () => closers.beginShutdown(),
    close: () => closers.close(),
  };
}
