import { z } from 'zod';
import {
  address,
  bucketName,
  endpoint,
  flag,
  hostNames,
  oneOf,
  postgresUrl,
  ranges,
  redisUrl,
  seconds,
  spaceName,
  webAddress,
  wholeNumber,
} from './shapes.ts';

/** One setting: its place in the YAML file, its environment variable, what it accepts and what it is for. */
export interface Setting<T> {
  /** Dotted path in the YAML file. */
  key: string;
  env: string;
  schema: z.ZodType<T>;
  default: T;
  /** One sentence for the table in docs/configuration.md and the example file. */
  doc: string;
  /** True when the value must not be shown. */
  secret?: boolean;
}

function setting<T>(definition: Setting<T>): Setting<T> {
  return definition;
}

const mebibyte = 1024 * 1024;

/** Every setting there is. The table in docs/configuration.md, `config.example.yaml` and the checks at start are made from this list. */
export const settings = {
  listen: setting({
    key: 'listen',
    env: 'LISTEN',
    schema: address,
    default: '127.0.0.1:8099',
    doc: 'Address to serve on. `:8099` is every interface.',
  }),
  publicUrl: setting({
    key: 'public.url',
    env: 'PUBLIC_URL',
    schema: webAddress,
    default: '',
    doc: 'Address by which clients reach the registry through a proxy, such as `https://charts.example.com`: its host is answered, and its pages may write.',
  }),
  allowedHosts: setting<string[]>({
    key: 'allowed.hosts',
    env: 'ALLOWED_HOSTS',
    schema: hostNames,
    default: [],
    doc: 'Host names (comma-separated) that are answered, beside those of `PUBLIC_URL` and of this machine. Where it is empty, every host is answered unless `LISTEN` is on loopback.',
  }),
  apiProcesses: setting({
    key: 'api.processes',
    env: 'API_PROCESSES',
    schema: wholeNumber(1, 64),
    default: 1,
    doc: 'Processes in which `serve` and `api` answer requests, all on that address: as many cores can do so at once. Each has caches and connections of its own. More than one pays from four cores on.',
  }),
  managerName: setting({
    key: 'manager.name',
    env: 'MANAGER_NAME',
    schema: z.literal('simple', 'expected simple'),
    default: 'simple',
    doc: 'Accepted for files of the original registry; there is one manager.',
  }),
  resourceLocker: setting({
    key: 'manager.parameters.resourcelocker',
    env: 'RESOURCE_LOCKER',
    schema: z.string(),
    default: 'postgresql',
    doc: 'Accepted for files of the original registry; locks are in PostgreSQL in every case.',
  }),
  storageDriver: setting({
    key: 'manager.parameters.storagedriver',
    env: 'STORAGE_DRIVER',
    schema: oneOf('filesystem', 's3', 'minio'),
    default: 'filesystem',
    doc: 'Where archives are kept: `filesystem` is below the data folder, `s3` (or `minio`) is the bucket below. `S3_ENDPOINT` alone switches to it too.',
  }),
  dataDir: setting({
    key: 'manager.parameters.rootdirectory',
    env: 'DATA_DIR',
    schema: z.string().min(1),
    default: './data',
    doc: 'Folder of the embedded PostgreSQL, of archives and of uploads in progress.',
  }),
  storageReserve: setting({
    key: 'storage.reserve',
    env: 'STORAGE_RESERVE',
    schema: wholeNumber(0, 1024 * 1024 * mebibyte),
    default: 128 * mebibyte,
    doc: 'Bytes that must stay free on the disk of the data folder. Uploads and recipes that would use them are answered 503 `storage.full`; reads and deletes continue. The embedded PostgreSQL needs them for its log. 0 for none.',
  }),
  trial: setting({
    key: 'trial',
    env: 'TRIAL',
    schema: flag,
    default: false,
    doc: 'Whether this is a trial: only then does it start with one of the example passwords of `docker-compose.yml`.',
  }),
  s3Endpoint: setting<string>({
    key: 'manager.parameters.endpoint',
    env: 'S3_ENDPOINT',
    schema: endpoint,
    default: '',
    doc: 'Object store of the archives: MinIO or any S3, `http://minio:9000` or `https://s3.eu-central-1.amazonaws.com`.',
  }),
  s3Secure: setting({
    key: 'manager.parameters.secure',
    env: 'S3_SECURE',
    schema: flag,
    default: false,
    doc: 'Whether to use TLS where `S3_ENDPOINT` does not begin with `http://` or `https://`.',
  }),
  s3Bucket: setting<string>({
    key: 'manager.parameters.bucket',
    env: 'S3_BUCKET',
    schema: bucketName,
    default: '',
    doc: 'Bucket of the object store, of this registry alone: garbage collection deletes blobs that its own database does not reference. `helm-registry migrate` makes it if it may; everything else only checks that it is there.',
  }),
  s3AccessKey: setting<string>({
    key: 'manager.parameters.accesskey',
    env: 'S3_ACCESS_KEY',
    schema: z.string(),
    default: '',
    doc: 'Access key of the object store.',
    secret: true,
  }),
  s3SecretKey: setting<string>({
    key: 'manager.parameters.secretkey',
    env: 'S3_SECRET_KEY',
    schema: z.string(),
    default: '',
    doc: 'Secret key of the object store.',
    secret: true,
  }),
  s3Region: setting({
    key: 'manager.parameters.region',
    env: 'S3_REGION',
    schema: z.string().min(1),
    default: 'us-east-1',
    doc: 'Region of the bucket. The default is that of MinIO.',
  }),
  s3PathStyle: setting({
    key: 'manager.parameters.pathstyle',
    env: 'S3_PATH_STYLE',
    schema: flag,
    default: true,
    doc: 'Whether the bucket is named in the path (`host/bucket`) and not in the host name (`bucket.host`).',
  }),
  s3Redirect: setting({
    key: 'manager.parameters.redirect',
    env: 'S3_REDIRECT',
    schema: flag,
    default: false,
    doc: 'Whether a download is answered with a redirect to a signed address of the object store, which its clients must be able to reach.',
  }),
  s3PublicEndpoint: setting<string>({
    key: 'manager.parameters.publicendpoint',
    env: 'S3_PUBLIC_ENDPOINT',
    schema: endpoint,
    default: '',
    doc: 'Address of the object store for those redirects, where clients reach it by another than `S3_ENDPOINT`.',
  }),
  lockTimeout: setting({
    key: 'manager.parameters.locktimeout',
    env: 'LOCK_TIMEOUT',
    schema: wholeNumber(0, 600_000),
    default: 1000,
    doc: 'Milliseconds a writer waits for a lock before it is answered 423.',
  }),
  databaseUrl: setting<string>({
    key: 'database.url',
    env: 'DATABASE_URL',
    schema: postgresUrl,
    default: '',
    doc: 'PostgreSQL to use. Empty starts the embedded one.',
    secret: true,
  }),
  databasePool: setting({
    key: 'database.pool',
    env: 'DATABASE_POOL',
    schema: wholeNumber(2, 500),
    default: 10,
    doc: 'Connections a process keeps to PostgreSQL, beside the few of its queue.',
  }),
  redisUrl: setting<string>({
    key: 'redis.url',
    env: 'REDIS_URL',
    schema: redisUrl,
    default: '',
    doc: 'Redis that carries the queue. Registries that share one need a database of it each (`redis://HOST:6379/1`). Empty keeps the queue in PostgreSQL.',
    secret: true,
  }),
  orchestrationWait: setting({
    key: 'orchestration.wait',
    env: 'ORCHESTRATION_WAIT',
    schema: seconds(0),
    default: 0,
    doc: 'Seconds that the answer to a recipe waits for its job before it is 202; `Prefer: wait=N` overrides it.',
  }),
  orchestrationValues: setting<'merge' | 'replace' | 'literal'>({
    key: 'orchestration.values',
    env: 'ORCHESTRATION_VALUES',
    schema: oneOf('merge', 'replace', 'literal'),
    default: 'merge',
    doc: 'How configuration gets into values.yaml when a recipe does not say: `merge`, `replace` or `literal`.',
  }),
  workerConcurrency: setting({
    key: 'worker.concurrency',
    env: 'WORKER_CONCURRENCY',
    schema: wholeNumber(1, 64),
    default: 16,
    doc: 'Slots of a worker: jobs that it runs at once. They mostly wait for the database and the disk.',
  }),
  workerListen: setting<string>({
    key: 'worker.listen',
    env: 'WORKER_LISTEN',
    schema: address,
    default: '',
    doc: 'Address on which a `worker` process answers `/healthz` and `/readyz`. Empty for none.',
  }),
  apiSources: setting({
    key: 'api.sources',
    env: 'API_SOURCES',
    schema: wholeNumber(0, 16_384 * mebibyte),
    default: 128 * mebibyte,
    doc: 'Bytes of prepared charts that an `api` process keeps in memory, so that it composes recipes inline that clients wait for (`Prefer: wait`). 0 leaves every recipe to workers.',
  }),
  queueLimit: setting({
    key: 'queue.limit',
    env: 'QUEUE_LIMIT',
    schema: wholeNumber(1, 1_000_000),
    default: 10_000,
    doc: 'Maximum of unfinished jobs; a further recipe is answered 503 with `Retry-After`. Recipes accepted at the same moment may exceed it by a few.',
  }),
  shutdownTimeout: setting({
    key: 'shutdown.timeout',
    env: 'SHUTDOWN_TIMEOUT',
    schema: seconds(1),
    default: 8,
    doc: 'Maximum of seconds that a process takes to end after SIGTERM. Running requests and jobs get three quarters of them; unfinished jobs are then released to other workers.',
  }),
  gcInterval: setting({
    key: 'gc.interval',
    env: 'GC_INTERVAL',
    schema: wholeNumber(0, 31_536_000),
    default: 3600,
    doc: 'Seconds between two garbage collections of orphaned blobs. 0 for none but `helm-registry gc`.',
  }),
  gcGrace: setting({
    key: 'gc.grace',
    env: 'GC_GRACE',
    schema: wholeNumber(0, 31_536_000),
    default: 3600,
    doc: 'Seconds that an orphaned blob is kept, so that running downloads can finish.',
  }),
  ociExpiry: setting({
    key: 'oci.expiry',
    env: 'OCI_EXPIRY',
    schema: wholeNumber(60, 31_536_000),
    default: 86_400,
    doc: 'Seconds after which garbage collection ends an idle OCI upload session, and deletes an OCI blob that no manifest has referenced.',
  }),
  cacheSize: setting({
    key: 'cache.size',
    env: 'CACHE_SIZE',
    schema: wholeNumber(0, 16_384 * mebibyte),
    default: 64 * mebibyte,
    doc: 'Bytes of the response cache of a process: lists, metadata and values.',
  }),
  indexCache: setting({
    key: 'index.cache',
    env: 'INDEX_CACHE',
    schema: wholeNumber(0, 65_536 * mebibyte),
    default: 128 * mebibyte,
    doc: 'Bytes of chart repository indexes that a process caches; one of 15,000 versions takes about 20 MiB. One that does not fit is read from the database each time.',
  }),
  indexFormat: setting<'json' | 'yaml'>({
    key: 'index.format',
    env: 'INDEX_FORMAT',
    schema: oneOf('json', 'yaml'),
    default: 'json',
    doc: 'How `index.yaml` is written for clients that do not say with `Accept`: `json`, which is YAML too and which Helm loads several times faster, or `yaml`, with a line for each version.',
  }),
  answerMemory: setting({
    key: 'answers.memory',
    env: 'ANSWER_MEMORY',
    schema: wholeNumber(mebibyte, 65_536 * mebibyte),
    default: 256 * mebibyte,
    doc: 'Bytes of responses that a process holds for clients that have not read them yet. While there are more, lists, documents and indexes that are not cached are answered 503 with `Retry-After`.',
  }),
  clientTimeout: setting({
    key: 'client.timeout',
    env: 'CLIENT_TIMEOUT',
    schema: seconds(1),
    default: 60,
    doc: 'Seconds without progress after which a client is disconnected that neither reads nor sends. A transfer that moves may take as long as it takes.',
  }),
  autoCreateSpaces: setting({
    key: 'spaces.autocreate',
    env: 'SPACES_AUTOCREATE',
    schema: flag,
    default: true,
    doc: 'Whether an upload into a space that does not exist creates it.',
  }),
  overwriting: setting<'mutable' | 'immutable'>({
    key: 'spaces.overwriting',
    env: 'SPACES_OVERWRITING',
    schema: oneOf('mutable', 'immutable'),
    default: 'mutable',
    doc: 'Policy of a new space: `mutable` lets existing versions be replaced, rewritten and deleted, `immutable` does not. `PATCH /api/v1/spaces/{space}` changes it for one space.',
  }),
  rootSpace: setting<string>({
    key: 'spaces.root',
    env: 'SPACES_ROOT',
    schema: spaceName,
    default: '',
    doc: 'Space that is at the root as well, as it was with ChartMuseum without tenants: `/index.yaml`, `/charts/...`, `/api/charts`. An API creates it at start if it does not exist. Empty for none.',
  }),
  limitPacked: setting({
    key: 'limits.packed',
    env: 'LIMIT_PACKED',
    schema: wholeNumber(1024, 1024 * mebibyte),
    default: 20 * mebibyte,
    doc: 'Bytes of an archive as it is uploaded.',
  }),
  limitUnpacked: setting({
    key: 'limits.unpacked',
    env: 'LIMIT_UNPACKED',
    schema: wholeNumber(1024, 4096 * mebibyte),
    default: 100 * mebibyte,
    doc: "Bytes of an archive unpacked (Helm's own limit).",
  }),
  limitFile: setting({
    key: 'limits.file',
    env: 'LIMIT_FILE',
    schema: wholeNumber(1024, 1024 * mebibyte),
    default: 5 * mebibyte,
    doc: "Bytes of one file in an archive (Helm's own limit).",
  }),
  limitEntries: setting({
    key: 'limits.entries',
    env: 'LIMIT_ENTRIES',
    schema: wholeNumber(1, 1_000_000),
    default: 10_000,
    doc: 'Entries of one archive, those of archives inside it included.',
  }),
  limitBlob: setting({
    key: 'limits.blob',
    env: 'LIMIT_BLOB',
    // Five gibibytes are what S3 takes in one request.
    schema: wholeNumber(1024, 5 * 1024 * mebibyte),
    default: 1024 * mebibyte,
    doc: 'Bytes of a blob of the OCI interface. Archives of charts have the limits above as well.',
  }),
  limitRecipe: setting({
    key: 'limits.recipe',
    env: 'LIMIT_RECIPE',
    schema: wholeNumber(1024, 64 * mebibyte),
    default: mebibyte,
    doc: 'Bytes of a recipe, and of metadata or values that are sent as JSON.',
  }),
  webhookAllow: setting<string[]>({
    key: 'webhooks.allow',
    env: 'WEBHOOK_ALLOW',
    schema: ranges,
    default: [],
    doc: 'Address ranges (CIDR, comma-separated) that callbacks may reach although they are not public.',
  }),
  webhookTimeout: setting({
    key: 'webhooks.timeout',
    env: 'WEBHOOK_TIMEOUT',
    schema: seconds(1),
    default: 15,
    doc: 'Maximum of seconds that one webhook call takes.',
  }),
  logLevel: setting<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'>({
    key: 'log.level',
    env: 'LOG_LEVEL',
    schema: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    default: 'info',
    doc: 'Least severe log lines that are written: `trace`, `debug`, `info`, `warn`, `error` or `silent`.',
  }),
};

export type SettingName = keyof typeof settings;
export type Config = Readonly<{
  [Name in SettingName]: (typeof settings)[Name] extends Setting<infer T> ? T : never;
}>;
