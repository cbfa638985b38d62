import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { findFreePort } from '../core/db/embedded/free-port.ts';
import { readDocument } from './support/documents.ts';
import { startGuarded } from './support/guarded.ts';
import { isAvailable } from './support/servers/program.ts';
import { makeCertificateFolder, readTestPem } from './support/tls.ts';

const nginx = '/usr/sbin/nginx';

it.skipIf(!isAvailable(nginx, ['-v']))(
  'a proxy with the configuration of docs/operations.md serves guarded access by TLS (needs nginx)',
  async () => {
    const registry = await startGuarded(
      { publicUrl: 'https://charts.example.com', trustedProxies: ['127.0.0.0/8', '::1/128'] },
      { worker: false },
    );
    onTestFinished(() => registry.close());
    const { text: token } = await registry.addToken(await registry.addUser('olga', 'creator'));
    const port = await findFreePort();
    const { settings } = await makeCertificateFolder();
    const [, server = ''] = /```nginx\n([\s\S]*?)```/.exec(await readDocument('docs/operations.md')) ?? [];
    const configured = server
      .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
      .replace('/etc/nginx/charts.crt', settings.tlsCert)
      .replace('/etc/nginx/charts.key', settings.tlsKey)
      .replace('http://127.0.0.1:8099', registry.url);
    const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join('\n');
    await writeFile(
      join(folder, 'nginx.conf'),
      `pid ${folder}/pid;\ndaemon off;\nmaster_process off;\nerror_log ${folder}/error.log;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${configured}\n}\n`,
    );
    const proxy = spawn(nginx, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
    const ended = once(proxy, 'exit');
    onTestFinished(async () => {
      proxy.kill('SIGTERM');
      await ended;
    });
    const ca = await readTestPem('first.crt');
    /** Sends a request by the proxy, to the host that clients use. */
    const send = (
      path: string,
      {
        method = 'GET',
        headers = {},
        body = '',
      }: { method?: string; headers?: Record<string, string>; body?: string } = {},
    ) =>
      new Promise<{ status: number | undefined; headers: Record<string, unknown>; body: string }>(
        (resolve, reject) => {
          const sent = request(
            {
              ...{ host: '127.0.0.1', port, path, method, ca, servername: 'localhost', agent: false },
              headers: { Host: 'charts.example.com', 'Content-Length': Buffer.byteLength(body), ...headers },
            },
            async (answer) =>
              resolve({ status: answer.statusCode, headers: answer.headers, body: await text(answer) }),
          );
          sent.on('error', reject).end(body);
        },
      );
    await expect
      .poll(
        () =>
          send('/healthz').then(
            ({ status }) => status,
            () => undefined,
          ),
        { timeout: 30_000 },
      )
      .toBe(200);
    // Clients get their tokens at the address that they use.
    const { status, headers } = await send('/v2/');
    expect([status, headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('realm="https://charts.example.com/v2/token"'),
    ]);
    const Authorization = `Bearer ${token}`;
    const created = await send('/api/v1/spaces', {
      ...{ method: 'POST', body: '{"name":"team"}' },
      headers: { Authorization, 'Content-Type': 'application/json' },
    });
    expect(created.status, created.body).toBe(201);
    // Wrong credentials are refused behind it as elsewhere.
    const wrong = { Authorization: 'Bearer hrt_wrong' };
    expect((await send('/api/v1/spaces', { headers: wrong })).status).toBe(401);
    expect((await send('/api/v1/whoami', { headers: { Authorization } })).body).toContain('olga');
  },
);
