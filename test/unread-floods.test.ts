import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

const mebibyte = 1024 * 1024;
const bound = 40 * mebibyte;
const requests = 40;

/** Bytes of a large file; two of them are larger than the kernel's send buffer. */
const large = 4 * mebibyte;

let registry: EmbeddedRegistry;
const sockets: Socket[] = [];
beforeAll(async () => {
  // Clients that read nothing stay, so that what is held stays too, and is known once all are answered.
  registry = await startEmbedded(
    { clientTimeout: 600, answerMemory: bound, cacheSize: 0 },
    { worker: false },
  );
});
afterAll(() => registry.close());
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await expect.poll(heldBytes).toBe(0);
});

const heldBytes = () => registry.context.inFlight.bytes();

async function publish(chart: Parameters<typeof packChart>[0]): Promise<void> {
  const response = await registry.upload('lib', await packChart(chart));
  expect([response.status, await response.text()]).toMatchObject([201, expect.any(String)]);
}

/** Sends a request over a connection of its own, and reads the status of the response and nothing else. */
async function readStatus(text: string): Promise<number> {
  const { hostname, port } = new URL(registry.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(text);
  const statusLine = 'HTTP/1.1 200';
  for (;;) {
    const head: Buffer | null = socket.read(statusLine.length);
    if (head) return Number(head.toString().slice(-3));
    await once(socket, 'readable');
  }
}

const get = (path: string) => readStatus(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);

/** Sends all requests together, and checks that what their responses hold stays within a limit. */
async function checkHeld(send: (index: number) => Promise<number>, maxHeld: number): Promise<void> {
  const statuses = await Promise.all(Array.from({ length: requests }, (_, index) => send(index)));
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect(heldBytes()).toBeGreaterThan(bound);
  expect(heldBytes()).toBeLessThan(maxHeld);
}

it('40 unread requests for templates of different versions hold the bound, and two more responses', async () => {
  const template = Buffer.alloc(large, '#');
  const files = { 'templates/a.yaml': template, 'templates/b.yaml': template };
  for (let n = 0; n < requests; n += 1) await publish({ name: 'templates', version: `1.0.${n}`, files });
  // Templates are sent in base64, and two threads read them.
  const response = (2 * large * 4) / 3 + mebibyte;
  await checkHeld((n) => get(`/api/lib/charts/templates/1.0.${n}/templates`), bound + 2 * response);
});

it('40 unread requests for different pages hold the bound, and eight more pages', async () => {
  const description = 'd'.repeat(900_000);
  for (let n = 0; n < 20; n += 1)
    await publish({ name: 'pages', version: `1.0.${n}`, manifest: { description } });
  const page = (n: number) => `start=${n % 8}&limit=${8 + Math.floor(n / 8)}`;
  await checkHeld(
    (n) => get(`/api/v1/spaces/lib/charts/pages/metadata?${page(n)}`),
    bound + 8 * 12 * (description.length + 1_000),
  );
});

it('40 unread dry runs hold the bound, and one more response', async () => {
  const files = { 'values.yaml': `text: ${'v'.repeat(large)}\n` };
  for (const name of ['parent', 'child']) await publish({ name, files });
  const recipe = {
    save: { chart: 'made', version: '1.0.0' },
    configs: {
      package: { independent: true, space: 'lib', chart: 'parent', version: '1.0.0' },
      below: { package: { independent: true, space: 'lib', chart: 'child', version: '1.0.0' } },
    },
  };
  const body = JSON.stringify(recipe);
  const head = [
    'POST /api/v1/spaces/lib/charts?dryRun=true HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  await checkHeld(() => readStatus(`${head.join('\r\n')}\r\n\r\n${body}`), bound + 2 * large + mebibyte);
});
