import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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

const page = 'docs/operations.md';
const hostOfPage = 'charts.example.com';
const upstreamOfPage = '127.0.0.1:8099';
/** Address of clients; the proxies' own, which is trusted, is 127.0.0.1. */
const clientAddress = '127.0.0.2';
const nginx = '/usr/sbin/nginx';

/** Request to the proxy. */
interface ProxiedRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Starts a guarded registry behind a proxy. */
async function startProxied() {
  const registry = await startGuarded(
    { publicUrl: `https://${hostOfPage}`, trustedProxies: ['127.0.0.1/32'] },
    { worker: false },
  );
  onTestFinished(() => registry.close());
  const folder = await mkdtemp(join(tmpdir(), 'proxy-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return { registry, folder };
}

/** Ends a proxy with its test. */
function endWithTest(proxy: ChildProcess): void {
  const ended = once(proxy, 'exit');
  onTestFinished(async () => {
    proxy.kill('SIGTERM');
    await ended;
  });
}

/**
 * Checks that a proxy passes on what clients say, and says itself who they are.
 * @param readCa reads the certificate that clients trust; it fails while the proxy has none yet
 */
async function checkProxy(
  { registry }: Awaited<ReturnType<typeof startProxied>>,
  { port, readCa, servername }: { port: number; readCa: () => Promise<string>; servername: string },
): Promise<void> {
  const { text: token } = await registry.addToken(await registry.addUser('olga', 'creator'));
  /** Sends a request by the proxy, to the host that clients use. */
  const send = async (path: string, { method = 'GET', headers = {}, body = '' }: ProxiedRequest = {}) => {
    const ca = await readCa();
    return new Promise<{ status: number | undefined; headers: Record<string, unknown>; body: string }>(
      (resolve, reject) => {
        const sent = request(
          {
            ...{
              host: '127.0.0.1',
              localAddress: clientAddress,
              port,
              path,
              method,
              ca,
              servername,
              agent: false,
            },
            headers: { Host: hostOfPage, 'Content-Length': Buffer.byteLength(body), ...headers },
          },
          async (answer) =>
            resolve({ status: answer.statusCode, headers: answer.headers, body: await text(answer) }),
        );
        sent.on('error', reject).end(body);
      },
    );
  };
  const checkHealth = async () => (await send('/healthz')).status;
  await expect.poll(() => checkHealth().catch(() => undefined), { timeout: 30_000 }).toBe(200);
  // Clients get their tokens at the address that they use.
  const { status, headers } = await send('/v2/');
  expect([status, headers['www-authenticate']]).toEqual([
    401,
    expect.stringContaining(`realm="https://${hostOfPage}/v2/token"`),
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
  // A client cannot choose its address: the audit has that of its connection.
  const forged = { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Host': 'evil.example.com' };
  const made = await send('/api/v1/spaces', {
    ...{ method: 'POST', body: '{"name":"forged"}' },
    headers: { Authorization, 'Content-Type': 'application/json', ...forged },
  });
  expect(made.status, made.body).toBe(201);
  const [event] = await registry.db.query<{ address: string }>(
    "SELECT address FROM audit_events WHERE action = 'space.create' AND space = 'forged'",
  );
  expect(event?.address).toBe(clientAddress);
}

it.skipIf(!isAvailable(nginx, ['-v']))(
  'nginx with the configuration of docs/operations.md serves guarded access by TLS (needs nginx)',
  async () => {
    const proxied = await startProxied();
    const { registry, folder } = proxied;
    const port = await findFreePort();
    const { settings } = await makeCertificateFolder();
    const [, server = ''] = /```nginx\n([\s\S]*?)```/.exec(await readDocument(page)) ?? [];
    const configured = server
      .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
      .replace('/etc/nginx/charts.crt', settings.tlsCert)
      .replace('/etc/nginx/charts.key', settings.tlsKey)
      .replace(`http://${upstreamOfPage}`, registry.url);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join('\n');
    await writeFile(
      join(folder, 'nginx.conf'),
      `pid ${folder}/pid;\ndaemon off;\nmaster_process off;\nerror_log ${folder}/error.log;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${configured}\n}\n`,
    );
    endWithTest(spawn(nginx, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' }));
    const readCa = () => readTestPem('first.crt');
    await checkProxy(proxied, { port, readCa, servername: 'localhost' });
  },
);

it.skipIf(!isAvailable('caddy', ['version']))(
  'Caddy with the configuration of docs/operations.md serves guarded access by TLS (needs caddy)',
  async () => {
    const proxied = await startProxied();
    const { registry, folder } = proxied;
    const [port, unused] = [await findFreePort(), await findFreePort()];
    const [, site = ''] = /```\n(charts\.example\.com \{[\s\S]*?)```/.exec(await readDocument(page)) ?? [];
    expect(site).toContain(upstreamOfPage);
    // Ports that need no rights, and a certificate of its own authority in place of a public one.
    const options = `{\n  admin off\n  persist_config off\n  default_bind 127.0.0.1\n  https_port ${port}\n  http_port ${unused}\n  auto_https disable_redirects\n  local_certs\n  skip_install_trust\n  storage file_system ${folder}\n}\n`;
    const configured = site.replace(upstreamOfPage, new URL(registry.url).host);
    const file = join(folder, 'Caddyfile');
    await writeFile(file, `${options}${configured}`);
    endWithTest(spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', file], { stdio: 'ignore' }));
    const readCa = () => readFile(join(folder, 'pki/authorities/local/root.crt'), 'utf8');
    await checkProxy(proxied, { port, readCa, servername: hostOfPage });
  },
);
