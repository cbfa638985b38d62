import { z } from 'zod';
import { createGuard } from '../webhooks/guard.ts';

/** One setting: its place in the YAML file, its environment variable, what it accepts and what it is for. */
export interface Setting<T> {
  /** Dotted path in the YAML file. */
  key: string;
  env: string;
  schema: z.ZodType<T>;
  default: T;
  /** One sentence for the README's table and the example file. */
  doc: string;
  /** True when the value must not be shown. */
  secret?: boolean;
}

function setting<T>(definition: Setting<T>): Setting<T> {
  return definition;
}

// Environment variables are text, YAML has types: both are accepted everywhere.
const wholeNumber = (min: number, max: number) =>
  z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], 'expected a whole number')
    .pipe(z.number().int().min(min).max(max));
const seconds = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\d+(\.\d+)?$/)
        .transform(Number),
    ],
    'expected a number of seconds',
  )
  .pipe(z.number().min(0).max(3600));
const flag = z.union(
  [z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')],
  'expected true or false',
);
const list = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
]);
function areRanges(ranges: string[]): boolean {
  try {
    createGuard(ranges);
    return true;
  } catch {
    return false;
  }
}

const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, 'expected postgres://user:password@host:port/database');
const redisUrl = z.string().regex(/^rediss?:\/\//, 'expected redis://host:port');
const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]]*):\d{1,5}$/, 'expected host:port or :port')
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'expected a port up to 65535');

const mebibyte = 1024 * 1024;

/** Every setting there is. The README's table, `config.example.yaml` and the checks at start are made from this list. */
export const settings = {
  listen: setting({
    key: 'listen',
    env: 'LISTEN',
    schema: address,
    default: '127.0.0.1:8099',
    doc: 'Address to serve on. `:8099` is every interface.',
  }),
  managerName: setting({
    key: 'manager.name',
    env: 'MANAGER_NAME',
    schema: z.literal('simple'),
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
    schema: z.literal('filesystem'),
    default: 'filesystem',
    doc: 'Where archives are kept. `filesystem` is below the data folder.',
  }),
  dataDir: setting({
    key: 'manager.parameters.rootdirectory',
    env: 'DATA_DIR',
    schema: z.string().min(1),
    default: './data',
    doc: 'Folder of the embedded PostgreSQL, of archives and of uploads in flight.',
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
    doc: 'Redis that carries the queue. Empty keeps the queue in PostgreSQL.',
    secret: true,
  }),
  orchestrationWait: setting({
    key: 'orchestration.wait',
    env: 'ORCHESTRATION_WAIT',
    schema: seconds,
    default: 0,
    doc: 'Seconds an orchestration is waited for before the answer is 202; `Prefer: wait=N` overrides it.',
  }),
  orchestrationValues: setting<'merge' | 'replace' | 'literal'>({
    key: 'orchestration.values',
    env: 'ORCHESTRATION_VALUES',
    schema: z.enum(['merge', 'replace', 'literal']),
    default: 'merge',
    doc: 'How configuration lands in values.yaml when a recipe does not say: `merge`, `replace` or `literal`.',
  }),
  workerConcurrency: setting({
    key: 'worker.concurrency',
    env: 'WORKER_CONCURRENCY',
    schema: wholeNumber(1, 64),
    default: 4,
    doc: 'Jobs one worker process has in hand at once.',
  }),
  autoCreateSpaces: setting({
    key: 'spaces.autocreate',
    env: 'SPACES_AUTOCREATE',
    schema: flag,
    default: true,
    doc: 'Whether an upload into a space that does not exist creates it.',
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
    schema: list.refine(areRanges, 'expected ranges such as 10.0.0.0/8, separated by commas'),
    default: [],
    doc: 'Address ranges (CIDR, comma-separated) that callbacks may reach although they are not public.',
  }),
  webhookTimeout: setting({
    key: 'webhooks.timeout',
    env: 'WEBHOOK_TIMEOUT',
    schema: seconds.pipe(z.number().min(1)),
    default: 15,
    doc: 'Seconds one call may take.',
  }),
  logLevel: setting<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'>({
    key: 'log.level',
    env: 'LOG_LEVEL',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
    doc: 'Least severe log lines that are written: `trace`, `debug`, `info`, `warn`, `error` or `silent`.',
  }),
};

export type SettingName = keyof typeof settings;
export type Config = Readonly<{
  [Name in SettingName]: (typeof settings)[Name] extends Setting<infer T> ? T : never;
}>;
