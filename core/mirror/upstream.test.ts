import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { createDeadline } from '../runtime/deadline.ts';
import { authorizeByBasic } from './authorization.ts';
import { createGuardedClient } from './guarded-client.ts';
import { openUpstream, type UpstreamOptions } from './upstream.ts';

async function startServer(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return new URL(`http://127.0.0.1:${address.port}`);
}

/** Creates the client of a process, and a function that opens upstreams with it as runs do. */
function createOpener(base: URL) {
  const client = createGuardedClient({ guard: () => true, count: () => undefined });
  onTestFinished(() => client.close());
  return (options: Partial<UpstreamOptions> = {}) => {
    const upstream = openUpstream({
      ...{ client, base, signal: new AbortController().signal, authorization: authorizeByBasic(undefined) },
      ...options,
    });
    return (path: string) =>
      upstream.get(new URL(path, base), {}, async ({ status, body }) => {
        for await (const _ of body);
        return status;
      });
  };
}

it('an upstream is asked for nothing more once the time of a run is over', async () => {
  const asked: string[] = [];
  const base = await startServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('x');
  });
  const open = createOpener(base);
  expect(await open({ endsAt: Date.now() + 600_000 })('/in-time')).toBe(200);
  await expect(open({ endsAt: Date.now() - 1 })('/too-late')).rejects.toMatchObject({
    code: 'mirror.tooLong',
  });
  expect(asked).toEqual(['/in-time']);
});

it('two runs of a process have two requests open at one host, and not four', async () => {
  const open = new Set<ServerResponse>();
  let most = 0;
  const base = await startServer((request, response) => {
    if (request.url === '/probe') return response.end();
    open.add(response);
    most = Math.max(most, open.size);
    if (open.size === 2) void answerBoth();
  });
  /** Answers once a request by another connection has come and gone: a third one of the runs would be here by then. */
  async function answerBoth() {
    await fetch(new URL('/probe', base));
    for (const response of open) response.end('x');
    open.clear();
  }
  const openRun = createOpener(base);
  const runs = [openRun(), openRun()];
  const paths = Array.from({ length: 8 }, (_, at) => `/${at}`);
  const statuses = await Promise.all(runs.flatMap((get) => paths.map((path) => get(path))));
  expect(statuses.filter((status) => status === 200)).toHaveLength(16);
  expect(most).toBe(2);
});

it('the time of a request begins when it is sent, not while it waits for a connection', async () => {
  const held: ServerResponse[] = [];
  let haveBothCome: (() => void) | undefined;
  const both = new Promise<void>((resolve) => {
    haveBothCome = resolve;
  });
  const base = await startServer((request, response) => {
    // The CDN of the registry is the host whose connections are held.
    if (request.url === '/redirected') return response.writeHead(307, { location: '/file' }).end();
    if (request.url === '/file') return response.end('x');
    held.push(response);
    if (held.length === 2) haveBothCome?.();
  });
  const openRun = createOpener(base);
  const large = ['/large', '/larger'].map((path) => openRun()(path));
  await both;
  const requestMs = 4_000;
  const waiting = openRun({ requestMs })('/redirected');
  waiting.catch(() => undefined);
  // Begun after that of the request, so its own would be over by now.
  const { signal } = createDeadline(requestMs, []);
  await once(signal, 'abort');
  for (const response of held) response.end('x');
  expect(await Promise.all([...large, waiting])).toEqual([200, 200, 200]);
  await expect(openRun({ requestMs: 100 })('/held')).rejects.toMatchObject({
    code: 'upstream.invalid',
    message: expect.stringContaining('takes more than'),
  });
}, 30_000);

it('a pause that a host wants holds for every run of the process, except those asked for later', async () => {
  let asked = 0;
  const base = await startServer((_, response) => {
    asked += 1;
    response.writeHead(429, { 'retry-after': '3600' }).end();
  });
  const openRun = createOpener(base);
  const busy = { code: 'upstream.busy' };
  await expect(openRun()('/first')).rejects.toMatchObject(busy);
  await expect(openRun()('/second')).rejects.toMatchObject(busy);
  expect(asked).toBe(1);
  await expect(openRun({ pausesSince: Date.now() + 1 })('/asked-for')).rejects.toMatchObject(busy);
  expect(asked).toBe(2);
});
