import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

const mebibyte = 1024 * 1024;

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded(
    { clientTimeout: 3, answerMemory: 40 * mebibyte, cacheSize: 0 },
    { worker: false },
  );
  // Bytes that gzip cannot make fewer, as many as a system takes of an answer at once several times over.
  const templates = Object.fromEntries(
    Array.from({ length: 4 }, (_, index) => [`templates/${index}.yaml`, randomBytes(4 * mebibyte)]),
  );
  for (const name of ['one', 'two', 'three']) {
    const answer = await registry.upload('lib', await packChart({ name, files: templates }));
    expect(answer.status).toBe(201);
  }
});
afterAll(() => registry.close());

/** Sends a request and reads nothing of what is answered. */
async function ask(text: string): Promise<Socket> {
  const { hostname, port } = new URL(registry.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.pause();
  await once(socket, 'connect');
  socket.write(text.replaceAll('\n', '\r\n'));
  return socket;
}

const get = (path: string) => ask(`GET ${path} HTTP/1.1\nHost: localhost\n\n`);
const templatesOf = (chart: string) => `/api/lib/charts/${chart}/1.0.0/templates`;
const held = () => registry.context.inFlight.bytes();

describe('a client that does not read', () => {
  it('is ended after a time, and what it was sent is let go', async () => {
    const sockets = await Promise.all([get(templatesOf('one')), get('/lib/charts/one-1.0.0.tgz')]);
    await expect.poll(held).toBeGreaterThan(20 * mebibyte);
    await expect.poll(held, { timeout: 30_000 }).toBe(0);
    // Bytes that had reached it are there; the rest never comes.
    for (const socket of sockets) {
      socket.resume();
      await once(socket, 'close');
    }
  });

  it('makes others wait only for what would have to be made', async () => {
    const unread = await Promise.all([get(templatesOf('one')), get(templatesOf('two'))]);
    await expect.poll(held).toBeGreaterThan(40 * mebibyte);
    const refused = await registry.request(templatesOf('three'));
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect((await registry.request('/healthz')).status).toBe(200);
    expect((await registry.api('/spaces')).status).toBe(200);
    for (const socket of unread) socket.destroy();
    await expect.poll(held).toBe(0);
    const answer = await registry.request(templatesOf('three'));
    expect(Object(await answer.json()).templates).toHaveLength(4);
  });

  it('leaves nothing behind when it goes before its answer was made', async () => {
    for (const chart of ['one', 'two']) (await get(templatesOf(chart))).destroy();
    expect((await registry.request(templatesOf('three'))).status).toBe(200);
    await expect.poll(held).toBe(0);
    expect((await registry.request(templatesOf('one'))).status).toBe(200);
  });

  it('is one that stops sending, too', async () => {
    const socket = await ask(
      'PUT /v2/lib/one/manifests/1 HTTP/1.1\nHost: localhost\nContent-Length: 100\n\n{',
    );
    socket.resume();
    await once(socket, 'close');
  });
});

describe('a client that is slow', () => {
  it('gets all of a download that takes longer than the limit', async () => {
    const socket = await get('/lib/charts/two-1.0.0.tgz');
    let bytes = 0;
    let rest = 0;
    for await (const chunk of socket) {
      if (bytes === 0) rest = Number(/content-length: (\d+)/i.exec(String(chunk))?.[1]);
      bytes += chunk.length;
      if (bytes > rest) break;
      // As a link of three megabytes a second would have it.
      await new Promise((resolve) => setTimeout(resolve, chunk.length / 3_000));
    }
    expect(bytes).toBeGreaterThan(16 * mebibyte);
  });

  it('may wait for what the server has to do', async () => {
    const recipe = {
      save: { chart: 'made', version: '1.0.0' },
      configs: { package: { independent: true, space: 'lib', chart: 'one', version: '1.0.0' } },
    };
    const answer = await registry.orchestrate('lib', recipe, { Prefer: 'wait=5' });
    expect(answer.status).toBe(202);
  });
});
