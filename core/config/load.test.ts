import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFolder } from '../runtime/package-info.ts';
import { exampleSettings } from './describe.ts';
import { loadConfig } from './load.ts';
import { type SettingName, settings } from './settings.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registry-config-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(text: string, environment: Record<string, string> = {}) {
  const file = join(folder, 'config.yaml');
  await writeFile(file, text);
  return loadConfig(environment, file);
}

/** Values other than the defaults, of the same type. */
const others: Partial<Record<SettingName, unknown>> = {
  listen: '0.0.0.0:80',
  access: 'guarded',
  tlsCert: '/etc/registry/tls.crt',
  tlsKey: '/etc/registry/tls.key',
  tokenMaxDays: 30,
  adminPasswordFile: '/run/secrets/admin',
  authKeysFile: '/etc/helm-registry/keys',
  publicUrl: 'https://charts.example',
  allowedHosts: ['charts.example'],
  trustedProxies: ['10.0.0.0/8'],
  storageDriver: 's3',
  dataDir: '/srv/charts',
  s3Endpoint: 'http://minio:9000',
  s3Bucket: 'charts',
  s3AccessKey: 'key',
  s3SecretKey: 'secret',
  s3Region: 'eu-central-1',
  s3PublicEndpoint: 'https://charts.example',
  resourceLocker: 'memory',
  databaseUrl: 'postgres://u:p@db/charts',
  redisUrl: 'redis://redis:6379/1',
  orchestrationValues: 'literal',
  workerListen: ':8100',
  metricsListen: '127.0.0.1:9100',
  indexFormat: 'yaml',
  overwriting: 'immutable',
  nestedCharts: 'store',
  rootSpace: 'stable',
  webhookAllow: ['10.0.0.0/8'],
  logLevel: 'warn',
  oidcIssuer: 'https://login.example',
  oidcClientId: 'charts',
  oidcClientSecret: 'client-secret',
  oidcScopes: ['openid', 'email'],
  oidcNameClaim: 'email',
  oidcGroupsClaim: 'roles',
  oidcAdminGroup: 'admins',
};

/** Settings with one accepted value, by themselves or beside the others. */
const fixed: readonly string[] = ['managerName', 'oidcClientSecretFile'];

function changed(name: string, value: unknown): unknown {
  if (fixed.includes(name)) return value;
  const other = Object.entries(others).find(([key]) => key === name)?.[1];
  if (other !== undefined) return other;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  throw new Error(`the test has no other value for ${name}`);
}

describe('config.example.yaml', () => {
  it('config.example.yaml is generated from the settings', async () => {
    expect(await readFile(new URL('config.example.yaml', packageFolder), 'utf8')).toBe(exampleSettings());
  });

  it('reads every line of config.example.yaml, unchanged and edited', async () => {
    const text = exampleSettings();
    const defaults = Object.entries(settings).map(([name, setting]) => [name, setting.default]);
    expect(await load(text)).toEqual(Object.fromEntries(defaults));
    const wanted = defaults.map(([name, value]) => [name, changed(String(name), value)]);
    expect(await load(edit(text))).toEqual(Object.fromEntries(wanted));
  });
});

/** Changes the value in every line that has one, as a user would: by its key and the keys above it. */
function edit(text: string): string {
  const path: string[] = [];
  const edited = new Set<string>();
  const lines = text.split('\n').map((line) => {
    const [, indent, key, value] = /^( *)([a-z]+):(.*)$/.exec(line) ?? [];
    if (indent === undefined || key === undefined) return line;
    path.splice(indent.length / 2, path.length, key);
    if (value === '') return line;
    const found = Object.entries(settings).find(([, setting]) => setting.key === path.join('.'));
    if (!found) throw new Error(`${path.join('.')} is no setting`);
    edited.add(found[0]);
    return `${indent}${key}: ${JSON.stringify(changed(found[0], found[1].default))}`;
  });
  expect(edited).toEqual(new Set(Object.keys(settings)));
  return lines.join('\n');
}

describe('a file of settings', () => {
  it.each([
    ['a key twice', 'api:\n  processes: 2\nlisten: ":1"\napi:\n  sources: 1\n', /:4:1: api occurs twice/],
    ['a key twice, quoted', 'listen: ":1"\n"listen": ":2"\n', /:2:1: listen occurs twice/],
    [
      'a key twice further down',
      'worker:\n  concurrency: 1\n  concurrency: 2\n',
      /:3:3: concurrency occurs twice/,
    ],
    [
      'a key twice in braces',
      'worker: { concurrency: 1, concurrency: 2 }\n',
      /:1:27: concurrency occurs twice/,
    ],
    [
      'a key nested and dotted',
      'worker:\n  concurrency: 1\nworker.concurrency: 2\n',
      /:3:1: .*twice, first at .*:2:3/,
    ],
    ['an unknown key', 'lisen: ":1"\n', /:1:1: unknown key lisen; did you mean listen\?/],
    [
      'an unknown key further down',
      'worker:\n  concurency: 1\n',
      /:2:3: unknown key .*did you mean worker\.concurrency/,
    ],
    ['a list', '- listen\n', /must be a mapping/],
    ['a scalar for a mapping', 'worker: 4\n', /:1:1: worker must be a mapping/],
    [
      'a number out of range',
      'worker:\n  concurrency: 65\n',
      /:2:3: worker\.concurrency \(65\): expected a whole number from 1 to 64/,
    ],
    ['a number for an address', 'listen: 8099\n', /expected host:port or :port/],
    ['two documents', 'listen: ":1"\n---\nlisten: ":2"\n', /:2:1: a second document/],
    ['no YAML', 'api: [\n', /:\d+:\d+: this is not YAML/],
    ['an alias without an anchor', 'listen: *none\n', /:1:9: this alias has no anchor/],
    [
      'an alias inside what it refers to',
      'database: &all\n  url: *all\n',
      /:2:8: this alias stands inside what it refers to/,
    ],
    ['a list that holds itself', 'listen: &all [*all]\n', /:1:15: this alias stands inside/],
    [
      'aliases that multiply',
      `listen: [&a [${'x,'.repeat(9)}], &b [${'*a,'.repeat(9)}], &c [${'*b,'.repeat(9)}], ${'*c,'.repeat(9)}]\n`,
      /:1:1: aliases of aliases make too much/,
    ],
    ['an unknown tag', 'listen: !env PORT\n', /:1:9: this tag is unknown; remove it/],
    ['an anchor without a value', 'listen: &none\n', /:1:14: this anchor has no value; quote/],
    ['an unknown directive', '%SET x\n---\nlisten: ":1"\n', /:1:1: Unknown directive %SET/],
    ['another version of YAML', '%YAML 3.0\n---\nlisten: ":1"\n', /:1:7: Unsupported YAML version 3\.0/],
  ])('a file of settings with %s is refused with its place', async (_, text, message) => {
    await expect(load(text)).rejects.toThrow(message);
  });

  it.each(['"postgres://u:hidden@h/d', '*hidden', '!hidden', '&hidden', '@hidden'])(
    'refuses a file of settings without quoting the secret in %s',
    async (value) => {
      const error = await load(`database:\n  url: ${value}\n`).catch(String);
      expect(error).toMatch(/:\d:\d+: this /);
      expect(error).not.toContain('hidden');
    },
  );

  it('reads a file of settings without values, an empty one, and YAML 1.1 switches', async () => {
    expect(await load('')).toMatchObject({ listen: '127.0.0.1:8099' });
    expect(await load('# nothing\n---\n')).toMatchObject({ listen: '127.0.0.1:8099' });
    expect(await load('database:\n  url:\nworker:\nspaces: { autocreate: no }\n')).toMatchObject({
      databaseUrl: '',
      autoCreateSpaces: false,
    });
  });

  it('refuses a file of settings that is not UTF-8, before a password is read wrongly', async () => {
    const file = join(folder, 'latin1.yaml');
    await writeFile(file, Buffer.from('database:\n  url: "postgres://u:caf\xe9@h/d"\n', 'latin1'));
    await expect(loadConfig({}, file)).rejects.toThrow(/latin1\.yaml is not UTF-8/);
  });

  it('reads aliases in a file of settings', async () => {
    expect(await load('worker:\n  concurrency: &n 3\napi:\n  processes: *n\n')).toMatchObject({
      workerConcurrency: 3,
      apiProcesses: 3,
    });
  });

  it('names a file of settings that is missing', async () => {
    await expect(loadConfig({}, join(folder, 'none.yaml'))).rejects.toThrow(/there is no file .*none\.yaml/);
  });
});

it.each([
  [{ API_PROCESSES: 'abc' }, 'API_PROCESSES ("abc"): expected a whole number from 1 to 64'],
  [{ API_PROCESSES: '0' }, 'expected a whole number from 1 to 64'],
  [{ API_PROCESSES: '1.5' }, 'expected a whole number from 1 to 64'],
  [{ API_PROCESSES: '0x10' }, 'expected a whole number from 1 to 64'],
  [{ SHUTDOWN_TIMEOUT: '0' }, 'expected a number of seconds from 1 to 3600'],
  [{ DATABASE_URL: 'postgres://u:p#x@h/d' }, 'percent-encoded'],
])('a variable that does not fit is refused in a sentence: %j', async (environment, message) => {
  await expect(loadConfig(environment)).rejects.toThrow(message);
});

describe('OIDC_CLIENT_SECRET_FILE', () => {
  const provider = { OIDC_ISSUER: 'https://login.example', OIDC_CLIENT_ID: 'charts' };
  const loadWith = async (text: string, more: Record<string, string> = {}) => {
    const file = join(folder, 'client-secret');
    await writeFile(file, text);
    return loadConfig({ ...provider, OIDC_CLIENT_SECRET_FILE: file, ...more });
  };

  it.each(['secret of the client', 'secret of the client\n', 'secret of the client\r\n'])(
    'OIDC_CLIENT_SECRET_FILE has the secret in its line: %j',
    async (text) => {
      expect((await loadWith(text)).oidcClientSecret).toBe('secret of the client');
    },
  );

  it('OIDC_CLIENT_SECRET_FILE is refused beside OIDC_CLIENT_SECRET, when it is empty, and when it is missing', async () => {
    await expect(loadWith('x', { OIDC_CLIENT_SECRET: 'y' })).rejects.toThrow(/remove one of the two/);
    await expect(loadWith('\n')).rejects.toThrow(/client-secret is empty/);
    const missing = { ...provider, OIDC_CLIENT_SECRET_FILE: join(folder, 'none') };
    await expect(loadConfig(missing)).rejects.toThrow(/none cannot be read \(ENOENT\)/);
  });
});

it.each([
  ['off', 0],
  ["'off'", 0],
  ['7', 7],
])('jobs are kept for days, or for ever: %s', async (text, days) => {
  expect((await load(`jobs:\n  keep: ${text}\n`)).jobsKeep).toBe(days);
});

it.each(['0', '-1', '1.5', 'never'])('a number of days that is none is refused: %s', async (value) => {
  await expect(loadConfig({ JOBS_KEEP: value })).rejects.toThrow('JOBS_KEEP');
});
