import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { createApp } from '../api/app.ts';
import { createRequestListener } from '../api/http/listener.ts';
import { createLogTo } from '../core/runtime/log.ts';
import { startEmbedded } from './support/embedded.ts';
import { runCli, whenServing } from './support/process.ts';

/** Starts `serve` behind this machine as a trusted proxy, and records its output. */
async function start() {
  const dataDir = await mkdtemp(join(tmpdir(), 'registry-log-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const child = runCli(['serve'], {
    DATA_DIR: dataDir,
    LISTEN: '127.0.0.1:0',
    TRUSTED_PROXIES: '127.0.0.0/8',
  });
  const lines: string[] = [];
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  // The last lines may be read after the process has ended.
  const closed = once(child, 'close');
  const served = await whenServing(child, 'serve');
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) await served.end('SIGKILL', true);
  });
  return { served, lines, closed };
}

it('the log of requests names client, agent and error, routed or not, and no credentials, queries or probes', async () => {
  const { served, lines, closed } = await start();
  const send = async (id: string, path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${served.url}${path}`, {
      headers: {
        'X-Request-Id': id,
        'X-Forwarded-For': '198.51.100.1, 192.0.2.7',
        'User-Agent': 'Helm/4.2.0',
        Authorization: 'Basic hidden-credential',
        Cookie: 'session=hidden-cookie',
        ...headers,
      },
    });
    await response.arrayBuffer();
    return response.status;
  };
  expect((await fetch(`${served.url}/api/v1/spaces?space=lib`, { method: 'POST' })).status).toBe(201);
  expect(await send('routed', '/lib/index.yaml?hidden-query')).toBe(200);
  // The second is answered from memory, without routing.
  expect(await send('repeated', '/lib/index.yaml?hidden-query')).toBe(200);
  expect(await send('missing', '/api/v1/spaces/none')).toBe(404);
  expect(await send('foreign', '/v2/', { 'X-Forwarded-Host': 'evil.example' })).toBe(403);
  expect(await send('long', '/api/charts', { 'User-Agent': 'x'.repeat(4000) })).toBe(404);
  for (const path of ['/healthz', '/readyz', '/health']) expect(await send('probe', path)).toBe(200);
  const refused = { method: 'DELETE', headers: { 'X-Request-Id': 'refused-probe' } };
  const { status: refusedStatus } = await fetch(`${served.url}/readyz`, refused);
  expect(refusedStatus).toBeGreaterThanOrEqual(400);
  expect(await served.end('SIGTERM')).toBe(0);
  await closed;

  const requests = new Map(
    lines
      .map((line) => JSON.parse(line))
      .filter(({ msg }) => msg === 'request')
      .map((entry) => [entry.request, entry]),
  );
  const client = { client: '192.0.2.7', agent: 'Helm/4.2.0' };
  expect(requests.get('routed')).toMatchObject({ ...client, path: '/lib/index.yaml', status: 200 });
  expect(requests.get('repeated')).toMatchObject({
    ...client,
    path: '/lib/index.yaml',
    status: 200,
  });
  expect(requests.get('routed')).not.toHaveProperty('code');
  expect(requests.get('missing')).toMatchObject({ ...client, status: 404, code: 'space.notFound' });
  expect(requests.get('foreign')).toMatchObject({ ...client, status: 403, code: 'host.forbidden' });
  // Probes that succeed would fill the log; one that fails is in it.
  expect(requests.has('probe')).toBe(false);
  expect(requests.get('refused-probe')).toMatchObject({ path: '/readyz', status: refusedStatus });
  expect(requests.get('long').agent).toBe('x'.repeat(200));
  expect(lines.join('\n')).not.toContain('hidden');
});

it('an error is 499 in the log and in the metrics only if its client caused it by disconnecting', async () => {
  const registry = await startEmbedded({}, { worker: false });
  onTestFinished(() => registry.close());
  await registry.upload('lib', { name: 'web' });
  const lines: object[] = [];
  const log = createLogTo('info', { write: (line: string) => void lines.push(JSON.parse(line)) });
  const context = { ...registry.context, log };
  const config = { ...context.config, metricsListen: '127.0.0.1:9464' };
  const server = createServer(createRequestListener(createApp(context), { ...context, config }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/api/v1/spaces/lib/charts`;
  const expectLogged = (id: string, line: object) =>
    expect
      .poll(() => lines.filter((each) => 'request' in each && each.request === id && 'status' in each), {
        timeout: 30_000,
      })
      .toEqual([expect.objectContaining(line)]);
  const lockWaits = "datname = current_database() AND wait_event_type = 'Lock'";

  /** Sends a request that waits for a lock, and disconnects. @param end what happens before the lock is released */
  const disconnect = async (target: string, init: RequestInit, end: () => Promise<void>) => {
    const client = new AbortController();
    const gone = new Promise<void>((resolve) => {
      server.once('request', (_, outgoing) => void outgoing.once('close', resolve));
    });
    await registry.db.transaction(async (tx) => {
      await tx.query('LOCK TABLE versions IN ACCESS EXCLUSIVE MODE');
      const sent = fetch(target, { ...init, signal: client.signal });
      sent.catch(() => undefined);
      const waiting = () => registry.db.query(`SELECT FROM pg_stat_activity WHERE ${lockWaits}`);
      await expect.poll(waiting, { timeout: 20_000 }).toHaveLength(1);
      client.abort();
      await expect(sent).rejects.toThrow();
      await gone;
      await end();
    });
  };

  // The dry run is left out before its turn, since its client has gone.
  const recipe = {
    save: { chart: 'shop', version: '1.0.0' },
    configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
  };
  const dryRun = { method: 'POST', headers: { 'X-Request-Id': 'gone' }, body: JSON.stringify(recipe) };
  await disconnect(`${url}?dryRun=true`, dryRun, async () => undefined);
  await expectLogged('gone', { status: 499, code: 'service.busy' });

  // PostgreSQL ends the statement, whether the client is there or not.
  await disconnect(`${url}/web/versions`, { headers: { 'X-Request-Id': 'outage' } }, async () => {
    await registry.db.query(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE ${lockWaits}`);
    await expectLogged('outage', { status: 503, code: 'service.unavailable' });
  });

  const arrived = once(server, 'request');
  const cut = request(url, { method: 'POST', headers: { 'X-Request-Id': 'cut', 'Content-Length': 100 } });
  cut.on('error', () => undefined);
  cut.write('{');
  await arrived;
  cut.destroy();
  await expectLogged('cut', { status: 499, code: 'request.incomplete' });

  const counted = async () => {
    const metrics = await context.metrics.read();
    return metrics
      .filter(({ name }) => name.endsWith('http_requests_total'))
      .flatMap(({ values }) => values.map(({ labels, value }) => `${labels.code} ${value}`))
      .sort();
  };
  await expect.poll(counted).toEqual(['499 2', '503 1']);
});
