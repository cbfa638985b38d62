import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { authorizeByBasic } from './authorization.ts';
import { openUpstream } from './upstream.ts';

it('an upstream is asked for nothing more once the time of a run is over', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('x');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const base = new URL(`http://127.0.0.1:${address.port}`);
  const open = (endsAt: number) =>
    openUpstream({
      ...{ base, authorization: authorizeByBasic(undefined), guard: () => true, endsAt },
      ...{ signal: new AbortController().signal, count: () => undefined },
    });
  const get = async (path: string, endsAt: number) => {
    const upstream = open(endsAt);
    try {
      return await upstream.get(new URL(path, base), {}, async ({ status }) => status);
    } finally {
      await upstream.close();
    }
  };
  expect(await get('/in-time', Date.now() + 600_000)).toBe(200);
  await expect(get('/too-late', Date.now() - 1)).rejects.toMatchObject({ code: 'mirror.tooLong' });
  expect(asked).toEqual(['/in-time']);
});
