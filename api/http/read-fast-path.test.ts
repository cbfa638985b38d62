import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { createInFlight } from '../../core/read-cache/in-flight.ts';
import { createLog } from '../../core/runtime/log.ts';
import type { CachedBody, ReadCachedBody } from './env.ts';
import { createReadFastPath } from './read-fast-path.ts';
import { createUnreadBodyCounter } from './unread-body-counter.ts';

/** Starts a server whose route answers `routed N` and remembers `read` for the fast path. */
async function startServer(read: ReadCachedBody) {
  const reads = createReadFastPath(
    createLog('silent'),
    createUnreadBodyCounter(createInFlight(1_000_000)),
    { addressOf: () => '192.0.2.1' },
    undefined,
  );
  let routed = 0;
  const server = createServer((incoming, outgoing) => {
    const route = () => {
      reads.remember(incoming, read, undefined);
      outgoing.end(`routed ${++routed}`);
    };
    if (!reads.answer(incoming, outgoing, route)) route();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => server.close().closeAllConnections());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, init);
}

function ready(text: string, etag: string | undefined = '"1"'): CachedBody {
  return {
    body: new TextEncoder().encode(text),
    etag,
    contentHeaders: { 'Content-Type': 'text/plain' },
    headers: etag === undefined ? {} : { ETag: etag },
  };
}

it('answers a repeated GET with the current document, without routing it', async () => {
  let text = 'first';
  const get = await startServer(async () => ready(text));
  expect(await (await get('/a?b')).text()).toBe('routed 1');
  expect(await (await get('/a?b')).text()).toBe('first');
  text = 'second';
  const answer = await get('/a?b', { headers: { 'X-Request-Id': 'mine' } });
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    etag: '"1"',
    'content-type': 'text/plain',
    'content-length': '6',
    'x-request-id': 'mine',
  });
  expect(await answer.text()).toBe('second');
});

it('routes requests with another path, query, Accept, Accept-Encoding or method', async () => {
  const get = await startServer(async () => ready('read'));
  await get('/a');
  const texts: string[] = [];
  for (const [path, init] of [
    ['/a', {}],
    ['/a?x=1', {}],
    ['/b', {}],
    ['/a', { headers: { Accept: 'application/yaml' } }],
    ['/a', { headers: { 'Accept-Encoding': 'br' } }],
    ['/a', { method: 'POST' }],
  ] as const)
    texts.push(await (await get(path, init)).text());
  expect(texts).toEqual(['read', 'routed 2', 'routed 3', 'routed 4', 'routed 5', 'routed 6']);
});

it('answers a repeated GET with 304 when If-None-Match has the current ETag', async () => {
  const get = await startServer(async () => ready('read', '"7"'));
  await get('/a');
  const answer = await get('/a', { headers: { 'If-None-Match': 'W/"7", "6"' } });
  expect([answer.status, answer.headers.get('etag'), answer.headers.get('content-type')]).toEqual([
    304,
    '"7"',
    null,
  ]);
  expect((await get('/a', { headers: { 'If-None-Match': '"6"' } })).status).toBe(200);
});

it('routes a repeated GET whose document is gone or cannot be read', async () => {
  const answers: (() => Promise<CachedBody>)[] = [
    async () => ready('gone', ''),
    () => Promise.reject(new Error('down')),
  ];
  const get = await startServer(async () => {
    const next = answers.shift();
    const found = await (next?.() ?? ready('read'));
    return found.etag === '' ? { ...found, etag: undefined } : found;
  });
  const texts: string[] = [];
  for (let time = 0; time < 4; time += 1) texts.push(await (await get('/a')).text());
  expect(texts).toEqual(['routed 1', 'routed 2', 'routed 3', 'read']);
});
