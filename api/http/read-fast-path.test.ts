import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createInFlight } from '../../core/read-cache/in-flight.ts';
import { createLog } from '../../core/runtime/log.ts';
import type { CachedBody, ReadCachedBody } from './env.ts';
import { createBodyHolder } from './hold-body.ts';
import { createReadFastPath } from './read-fast-path.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server whose route answers `routed N`, and remembers to read what `read` gives. */
async function startServer(read: ReadCachedBody) {
  const reads = createReadFastPath(createLog('silent'), createBodyHolder(createInFlight(1_000_000)));
  let routed = 0;
  const server = createServer((incoming, outgoing) => {
    const route = () => {
      reads.remember(incoming, read);
      outgoing.end(`routed ${++routed}`);
    };
    if (!reads.answer(incoming, outgoing, route)) route();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close().closeAllConnections());
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

describe('a request that is known', () => {
  it('is answered what is read at that moment, without being routed', async () => {
    let text = 'first';
    const ask = await startServer(async () => ready(text));
    expect(await (await ask('/a?b')).text()).toBe('routed 1');
    expect(await (await ask('/a?b')).text()).toBe('first');
    text = 'second';
    const answer = await ask('/a?b', { headers: { 'X-Request-Id': 'mine' } });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      etag: '"1"',
      'content-type': 'text/plain',
      'content-length': '6',
      'x-request-id': 'mine',
    });
    expect(await answer.text()).toBe('second');
  });

  it('is one with the same path, query and preferences, and only when it asks to read', async () => {
    const ask = await startServer(async () => ready('read'));
    await ask('/a');
    const texts: string[] = [];
    for (const [path, init] of [
      ['/a', {}],
      ['/a?x=1', {}],
      ['/b', {}],
      ['/a', { headers: { Accept: 'application/yaml' } }],
      ['/a', { headers: { 'Accept-Encoding': 'br' } }],
      ['/a', { method: 'POST' }],
    ] as const)
      texts.push(await (await ask(path, init)).text());
    expect(texts).toEqual(['read', 'routed 2', 'routed 3', 'routed 4', 'routed 5', 'routed 6']);
  });

  it('is answered 304 where the client has it', async () => {
    const ask = await startServer(async () => ready('read', '"7"'));
    await ask('/a');
    const answer = await ask('/a', { headers: { 'If-None-Match': 'W/"7", "6"' } });
    expect([answer.status, answer.headers.get('etag'), answer.headers.get('content-type')]).toEqual([
      304,
      '"7"',
      null,
    ]);
    expect((await ask('/a', { headers: { 'If-None-Match': '"6"' } })).status).toBe(200);
  });

  it('goes to its route when there is nothing to be read any more, or reading fails', async () => {
    const answers: (() => Promise<CachedBody>)[] = [
      async () => ready('gone', ''),
      () => Promise.reject(new Error('down')),
    ];
    const ask = await startServer(async () => {
      const next = answers.shift();
      const found = await (next?.() ?? ready('read'));
      return found.etag === '' ? { ...found, etag: undefined } : found;
    });
    const texts: string[] = [];
    for (let time = 0; time < 4; time += 1) texts.push(await (await ask('/a')).text());
    expect(texts).toEqual(['routed 1', 'routed 2', 'routed 3', 'read']);
  });
});
