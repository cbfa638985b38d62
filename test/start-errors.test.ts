import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertSupported } from '../core/db/server-version.ts';
import { cliOutput } from './support/process.ts';
import { startPostgres } from './support/servers/postgres.ts';
import { canStartRedis, runRedis } from './support/servers/redis.ts';

let folder: string;
let postgres: Awaited<ReturnType<typeof startPostgres>>;
/** Server that answers every connection as a web server would. */
let web: Server;
let webPort: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registry-start-'));
  postgres = await startPostgres();
  web = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'));
  }).listen(0, '127.0.0.1');
  await once(web, 'listening');
  const address = web.address();
  webPort = typeof address === 'object' ? (address?.port ?? 0) : 0;
});
afterAll(async () => {
  web.close();
  await postgres.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a command that cannot start. @returns its single line on standard error */
async function fail(command: string, environment: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await cliOutput([command], {
    DATA_DIR: folder,
    LISTEN: '127.0.0.1:0',
    ...environment,
  });
  expect(code).toBe(1);
  // Neither output has a stack trace.
  expect(stdout + stderr).not.toContain('    at ');
  expect(stdout + stderr).not.toContain('"stack"');
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).not.toContain('hidden');
  return stderr;
}

describe('a start without its database', () => {
  const url = (change: Partial<URL>) => Object.assign(new URL(postgres.url), change).href;
  it.each([
    [
      'a wrong password',
      'serve',
      (): Partial<URL> => ({ password: 'hidden' }),
      /does not accept user and password/,
    ],
    ['no password', 'migrate', (): Partial<URL> => ({ password: '' }), /DATABASE_URL has none/],
    [
      'an unknown database',
      'api',
      (): Partial<URL> => ({ pathname: '/none' }),
      /does not exist \(3D000\): create it/,
    ],
    [
      'an unknown host',
      'worker',
      (): Partial<URL> => ({ hostname: 'none.invalid' }),
      /check the host in DATABASE_URL/,
    ],
    ['a closed port', 'gc', (): Partial<URL> => ({ port: '1' }), /nothing listens there \(ECONNREFUSED\)/],
    [
      'TLS refused',
      'verify',
      (): Partial<URL> => ({ search: '?sslmode=verify-full' }),
      /does not support TLS: remove sslmode/,
    ],
    [
      'another program',
      'serve',
      (): Partial<URL> => ({ port: String(webPort) }),
      /does not speak as PostgreSQL does/,
    ],
  ] as const)(
    'a start without its database gives advice about %s (%s)',
    async (_, command, change, message) => {
      const line = await fail(command, { DATABASE_URL: url(change()) });
      expect(line).toMatch(/^helm-registry: cannot reach PostgreSQL at DATABASE_URL: /);
      expect(line).toMatch(message);
    },
  );

  it('a start with a PostgreSQL that is too old reports the oldest version', () => {
    expect(() => assertSupported(140_011)).toThrow(/is version 14, and 15 is the oldest/);
    expect(() => assertSupported(150_000)).not.toThrow();
  });
});

describe.skipIf(!canStartRedis())(
  'a start without its queue (left out where there is no redis-server)',
  () => {
    let redis: Awaited<ReturnType<typeof runRedis>>;
    let port: string;
    beforeAll(async () => {
      redis = await runRedis(['--save', '', '--requirepass', 'right', '--databases', '2']);
      port = new URL(redis.url).port;
      expect((await cliOutput(['migrate'], { DATABASE_URL: postgres.url })).code).toBe(0);
    });
    afterAll(() => redis.dispose());

    it.each([
      [
        'a wrong password',
        'serve',
        (): string => `redis://:hidden@127.0.0.1:${port}`,
        /does not accept user and password/,
      ],
      [
        'no password',
        'worker',
        (): string => `redis://127.0.0.1:${port}`,
        /asks for a password and REDIS_URL has none/,
      ],
      ['a closed port', 'api', (): string => 'redis://127.0.0.1:1', /nothing listens there \(ECONNREFUSED\)/],
      ['an unknown host', 'api', (): string => 'redis://none.invalid', /check the host in REDIS_URL/],
      ['another program', 'worker', (): string => `redis://127.0.0.1:${webPort}`, /REDIS_URL/],
      [
        'a database too many',
        'api',
        (): string => `redis://:right@127.0.0.1:${port}/9`,
        /no database of that number/,
      ],
      ['TLS where there is none', 'api', (): string => `rediss://:right@127.0.0.1:${port}`, /rediss:\/\//],
    ] as const)('a start without its queue gives advice about %s (%s)', async (_, command, url, message) => {
      const line = await fail(command, { DATABASE_URL: postgres.url, REDIS_URL: url() });
      expect(line).toMatch(/^helm-registry: cannot reach Redis at REDIS_URL: /);
      expect(line).toMatch(message);
    });
  },
);

describe('a start without its object store', () => {
  it.each([
    ['a closed port', 'serve', (): string => 'http://127.0.0.1:1', /nothing listens there \(ECONNREFUSED\)/],
    ['an unknown host', 'migrate', (): string => 'http://none.invalid', /check the host in S3_ENDPOINT/],
    [
      'another program',
      'migrate',
      (): string => `http://127.0.0.1:${webPort}`,
      /does not answer as an object store does/,
    ],
  ] as const)(
    'a start without its object store gives advice about %s (%s)',
    async (_, command, endpoint, message) => {
      const line = await fail(command, {
        DATABASE_URL: postgres.url,
        S3_ENDPOINT: endpoint(),
        S3_BUCKET: 'charts',
        S3_ACCESS_KEY: 'key',
        S3_SECRET_KEY: 'hidden',
      });
      expect(line).toMatch(/object store|S3_ENDPOINT/);
      expect(line).toMatch(message);
    },
  );
});

describe('a start with an address, file or folder that cannot be used', () => {
  it.each([
    ['serve', 'LISTEN', {}],
    ['api', 'LISTEN', { DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/d' }],
    ['worker', 'WORKER_LISTEN', { DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/d' }],
  ] as const)('%s reports a port in use before it starts anything', async (command, setting, environment) => {
    const dataDir = join(folder, `taken-${command}`);
    const line = await fail(command, {
      ...environment,
      DATA_DIR: dataDir,
      [setting]: `127.0.0.1:${webPort}`,
    });
    expect(line).toContain(
      `cannot listen on 127.0.0.1:${webPort}: another program listens there; choose another address with ${setting}`,
    );
    expect(existsSync(dataDir)).toBe(false);
  });

  it.each([
    ['serve', {}],
    ['api', { DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/d' }],
  ])(
    '%s on an address of the network needs ACCESS, and says what to choose',
    async (command, environment) => {
      for (const listen of [':0', '0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'charts.example:0']) {
        const line = await fail(command, { ...environment, LISTEN: listen });
        expect(line).toMatch(/set ACCESS=guarded to .*, or ACCESS=open to /);
      }
    },
  );

  it.each([{ PUBLIC_URL: 'https://charts.example.com' }, { ALLOWED_HOSTS: 'localhost,charts.example.com' }])(
    'loopback behind a proxy needs ACCESS: %j',
    async (environment) => {
      const line = await fail('serve', environment);
      expect(line).toMatch(/charts\.example\.com.* can be reached .*set ACCESS=guarded to /);
    },
  );

  it.each(['open', 'guarded'])('an address of the network is accepted with ACCESS=%s', async (access) => {
    const line = await fail('api', {
      DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/d',
      LISTEN: ':0',
      ACCESS: access,
    });
    expect(line).not.toContain('ACCESS');
  });

  it('serve reports a value of ACCESS that is none', async () => {
    expect(await fail('serve', { ACCESS: 'closed' })).toMatch(
      /ACCESS \("closed"\): expected one of open, guarded/,
    );
  });

  it('migrate reports a file of keys that is not there, and one with a key that is too short', async () => {
    const file = join(folder, 'keys');
    const environment = { DATABASE_URL: postgres.url, AUTH_KEYS_FILE: file };
    expect(await fail('migrate', environment)).toContain(
      `AUTH_KEYS_FILE: there is no file ${file}; make one with`,
    );
    await writeFile(file, `a:${Buffer.from('hidden').toString('base64')}`, { mode: 0o600 });
    expect(await fail('migrate', environment)).toContain(
      `AUTH_KEYS_FILE: ${file}, line 1: the key has 6 bytes`,
    );
  });

  it('serve reports an address that this machine does not have', async () => {
    expect(await fail('serve', { LISTEN: '192.0.2.1:80', ACCESS: 'open' })).toMatch(
      /this machine has no such address/,
    );
  });

  it.each(['serve', 'migrate', 'gc', 'verify'])(
    '%s reports a missing configuration file',
    async (command) => {
      const file = join(folder, 'none.yaml');
      const { code, stderr } = await cliOutput([command, '--config', file]);
      expect(code).toBe(1);
      expect(stderr).toBe(
        `helm-registry: there is no file ${file}; give --config the path of one, or leave it out\n`,
      );
    },
  );

  it('serve and worker report a data folder that cannot be made', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    for (const dataDir of [
      join(file, 'data'),
      ...(process.platform === 'linux' ? ['/proc/registry/data', '/proc'] : []),
    ]) {
      expect(await fail('serve', { DATA_DIR: dataDir })).toMatch(
        /cannot write to the data folder .*choose another folder with DATA_DIR/,
      );
      expect(await fail('worker', { DATA_DIR: dataDir, DATABASE_URL: postgres.url })).toMatch(/data folder/);
    }
  });
});
