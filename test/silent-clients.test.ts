import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

const mebibyte = 1024 * 1024;

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded(
    { clientTimeout: 3, answerMemory: 40 * mebibyte, cacheSize: 0 },
    { worker: false },
  );
  // Bytes that do not compress, several times the size of the kernel's send buffer.
  const templates = Object.fromEntries(
    Array.from({ length: 4 }, (_, index) => [`templates/${index}.yaml`, randomBytes(4 * mebibyte)]),
  );
  for (const name of ['one', 'two', 'three']) {
    const answer = await registry.upload('lib', await packChart({ name, files: templates }));
    expect(answer.status).toBe(201);
  }
});
afterAll(() => registry.close());

/** Sends a request and reads nothing of the response. */
async function ask(text: string, url = registry.url): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.pause();
  await once(socket, 'connect');
  socket.write(text.replaceAll('\n', '\r\n'));
  return socket;
}

const get = (path: string, url?: string) => ask(`GET ${path} HTTP/1.1\nHost: localhost\n\n`, url);
const templatesOf = (chart: string) => `/api/lib/charts/${chart}/1.0.0/templates`;
const heldBytes = () => registry.context.inFlight.bytes();

it('a connection is kept for the next request longer than a proxy keeps it idle', async () => {
  const answer = await fetch(`${registry.url}/healthz`);
  expect(answer.headers.get('keep-alive')).toBe('timeout=75');
});

describe('a client that does not read', () => {
  it('a client that does not read is disconnected after the timeout, and its responses are freed', async () => {
    const sockets = await Promise.all([get(templatesOf('one')), get('/lib/charts/one-1.0.0.tgz')]);
    await expect.poll(heldBytes).toBeGreaterThan(20 * mebibyte);
    await expect.poll(heldBytes, { timeout: 30_000 }).toBe(0);
    // The client can read the bytes that it has received, and then the connection ends.
    for (const socket of sockets) {
      socket.resume();
      await once(socket, 'close');
    }
  });

  it('a client that does not read delays only responses that need memory', async () => {
    // None is disconnected by the timeout meanwhile.
    const { databaseUrl, dataDir } = registry.context.config;
    const lenient = await startEmbedded(
      { clientTimeout: 600, answerMemory: 40 * mebibyte, cacheSize: 0, databaseUrl, dataDir },
      { worker: false },
    );
    onTestFinished(() => lenient.close());
    const heldBytes = () => lenient.context.inFlight.bytes();
    const unread = await Promise.all(['one', 'two'].map((chart) => get(templatesOf(chart), lenient.url)));
    await expect.poll(heldBytes).toBeGreaterThan(40 * mebibyte);
    const refused = await lenient.request(templatesOf('three'));
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect((await lenient.request('/healthz')).status).toBe(200);
    expect((await lenient.api('/spaces')).status).toBe(200);
    for (const socket of unread) socket.destroy();
    await expect.poll(heldBytes).toBe(0);
    const answer = await lenient.request(templatesOf('three'));
    expect(Object(await answer.json()).templates).toHaveLength(4);
  });

  it('a client that disconnects before its response is rendered leaves no memory in use', async () => {
    for (const chart of ['one', 'two']) (await get(templatesOf(chart))).destroy();
    expect((await registry.request(templatesOf('three'))).status).toBe(200);
    await expect.poll(heldBytes).toBe(0);
    expect((await registry.request(templatesOf('one'))).status).toBe(200);
  });

  it('a client that stops sending its body is disconnected', async () => {
    const socket = await ask(
      'PUT /v2/lib/one/manifests/1 HTTP/1.1\nHost: localhost\nContent-Length: 100\n\n{',
    );
    socket.resume();
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });
});

describe('a client that is slow', () => {
  it('a slow client gets all of a download that takes longer than the timeout', async () => {
    const socket = await get('/lib/charts/two-1.0.0.tgz');
    let bytes = 0;
    let rest = 0;
    for await (const chunk of socket) {
      if (bytes === 0) rest = Number(/content-length: (\d+)/i.exec(String(chunk))?.[1]);
      bytes += chunk.length;
      if (bytes > rest) break;
      // Read at three megabytes a second.
      await new Promise((resolve) => setTimeout(resolve, chunk.length / 3_000));
    }
    expect(bytes).toBeGreaterThan(16 * mebibyte);
  });

  it('a client may wait for a job longer than the timeout', async () => {
    const recipe = {
      save: { chart: 'made', version: '1.0.0' },
      configs: { package: { independent: true, space: 'lib', chart: 'one', version: '1.0.0' } },
    };
    const answer = await registry.orchestrate('lib', recipe, { Prefer: 'wait=5' });
    expect(answer.status).toBe(202);
  });
});
