import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSender, type SenderOptions, type SendResult } from './send.ts';

/**
 * Starts a server on loopback until the test ends. Tests of refusals count connections, since a refused call
 * makes none.
 */
async function listen(
  server: Server,
  host = '127.0.0.1',
): Promise<{ port: number; connections: () => number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const close = async () => {
    if (!server.listening) return;
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  onTestFinished(close);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return { port: address.port, connections: () => connections, close };
}

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

async function serve(answer: RequestListener, host?: string) {
  const seen: Seen[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    seen.push({ method: req.method, url: req.url, headers: req.headers, body });
    answer(req, res);
  });
  return { ...(await listen(server, host)), seen };
}

function call(url: string, options: Partial<SenderOptions> = {}, signal?: AbortSignal): Promise<SendResult> {
  const sender = createSender({ allow: ['127.0.0.0/8'], timeoutMs: 5000, ...options });
  return sender.send({ url, headers: { 'webhook-id': 'abc' }, body: '{"name":"größe"}' }, signal);
}

const answer =
  (status: number, location?: string): RequestListener =>
  (_req, res) =>
    res.writeHead(status, location === undefined ? {} : { location }).end();

describe('a call', () => {
  it('sends a webhook as one POST with the exact body and headers', async () => {
    const hook = await serve(answer(204));
    expect(await call(`http://127.0.0.1:${hook.port}/hook?a=1`)).toEqual({ ok: true, status: 204 });
    expect(hook.seen).toHaveLength(1);
    expect(hook.seen[0]).toMatchObject({ method: 'POST', url: '/hook?a=1', body: '{"name":"größe"}' });
    expect(hook.seen[0]?.headers).toMatchObject({
      'webhook-id': 'abc',
      'content-type': 'application/json',
      connection: 'close',
    });
  });

  it.each([400, 404, 410, 500, 503])('fails a call on status %i, and reports it', async (status) => {
    const hook = await serve(answer(status));
    const result = await call(`http://127.0.0.1:${hook.port}/`);
    expect(result).toEqual({ ok: false, status, error: `Answered ${status}; only 2xx counts as received.` });
  });

  it('makes a new connection for each call, so that each is checked', async () => {
    const hook = await serve(answer(200));
    const sender = createSender({ allow: ['127.0.0.0/8'], timeoutMs: 5000 });
    const url = `http://127.0.0.1:${hook.port}/`;
    for (let n = 0; n < 3; n += 1)
      expect((await sender.send({ url, headers: {}, body: '{}' })).ok).toBe(true);
    expect(hook.connections()).toBe(3);
  });

  it('ignores proxies of the environment', async () => {
    const hook = await serve(answer(200));
    const proxy = await serve(answer(502));
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])
      vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`);
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    expect(await call(`http://127.0.0.1:${hook.port}/`)).toEqual({ ok: true, status: 200 });
    expect(proxy.connections()).toBe(0);
  });

  it('reports a refused connection without the address', async () => {
    const result = await call('http://127.0.0.1:1/');
    expect(result).toEqual({ ok: false, error: 'The connection was refused.' });
  });

  it.each([
    ['closes without an answer', (socket: Socket) => socket.end(), 'connection was'],
    ['does not speak HTTP', (socket: Socket) => socket.end('220 mail.example.com ESMTP\r\n'), 'not HTTP'],
  ])('fails when the host %s', async (_what, act, error) => {
    const { port } = await listen(
      createTcpServer((socket) => act(socket.on('error', () => socket.destroy()))),
    );
    const result = await call(`http://127.0.0.1:${port}/`);
    expect(result).toMatchObject({ ok: false, error: expect.stringContaining(error) });
  });

  it('fails a call to a host that does not speak TLS', async () => {
    const hook = await serve(answer(200));
    const result = await call(`https://127.0.0.1:${hook.port}/`);
    expect(result).toEqual({ ok: false, error: 'The host does not speak TLS as it should.' });
    expect(hook.seen).toEqual([]);
  });

  it('rejects a call that its signal aborts', async () => {
    const controller = new AbortController();
    const hook = await serve(() => controller.abort(new Error('shutting down')));
    await expect(call(`http://127.0.0.1:${hook.port}/`, {}, controller.signal)).rejects.toThrow(
      'shutting down',
    );
  });
});

describe('the timeout of a call', () => {
  const late = 'No complete answer within 0.2 s.';

  it('aborts a call before there is a connection', async () => {
    const controller = new AbortController();
    const resolve = () => {
      controller.abort(new Error('shutting down'));
      return new Promise<never>(() => undefined);
    };
    // The timeout is far beyond the test's, so only the abort can end the call.
    const result = call('http://hook.test/', { timeoutMs: 600_000, resolve }, controller.signal);
    await expect(result).rejects.toThrow('shutting down');
  });

  it('ends a call to a host that never answers', async () => {
    const { port } = await listen(createTcpServer(() => undefined));
    expect(await call(`http://127.0.0.1:${port}/`, { timeoutMs: 200 })).toEqual({ ok: false, error: late });
  });

  it('ends a call whose answer begins well and is never complete', async () => {
    const hook = await serve((_req, res) => res.writeHead(200).write('begun'));
    const result = await call(`http://127.0.0.1:${hook.port}/`, { timeoutMs: 2_000 });
    const error = 'No complete answer within 2 s.';
    expect(result).toEqual({ ok: false, status: 200, error });
  });

  it('ends a call whose name is never resolved', async () => {
    const resolve = () => new Promise<never>(() => undefined);
    expect(await call('http://hook.test/', { timeoutMs: 200, resolve })).toEqual({ ok: false, error: late });
  });

  it('ends a TLS handshake that is never answered', async () => {
    const { port } = await listen(createTcpServer(() => undefined));
    expect(await call(`https://127.0.0.1:${port}/`, { timeoutMs: 200 })).toEqual({ ok: false, error: late });
  });
});

describe('an answer that streams for ever', () => {
  it('counts an endless response by its status, and closes its connection after 4 KiB', async () => {
    let sent = 0;
    const closed = new EventEmitter();
    const hook = await serve((_req, res) => {
      const more = () => {
        do sent += 1024;
        while (res.write(Buffer.alloc(1024)) && !res.destroyed);
      };
      res.on('drain', more).on('close', () => closed.emit('closed'));
      more();
    });
    const end = once(closed, 'closed');
    expect(await call(`http://127.0.0.1:${hook.port}/`)).toEqual({ ok: true, status: 200 });
    // The kernel buffers some bytes on both sides; without the limit the body would go on until the timeout.
    await end;
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });
});

describe('the guard', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['a decimal spelling', '2130706433'],
    ['a hexadecimal spelling', '0x7f000001'],
    ['an octal spelling', '0177.0.0.1'],
    ['a short spelling', '127.1'],
    ['a trailing dot', '127.0.0.1.'],
    ['full-width digits', '１２７.0.0.1'],
    ['zero', '0'],
    ['a mapped address', '[::ffff:127.0.0.1]'],
    ['a name', 'localhost'],
    ['a name in capitals', 'LOCALHOST'],
  ])('refuses loopback as %s: no connection is made', async (_what, host) => {
    const hook = await serve(answer(200), '::');
    const result = await call(`http://${host}:${hook.port}/`, { allow: [] });
    expect(result).toEqual({
      ok: false,
      error: expect.stringContaining('not set to call it'),
      permanent: true,
    });
    expect(hook.connections()).toBe(0);
  });

  it('refuses [::1] when only IPv4 loopback is allowed', async () => {
    const hook = await serve(answer(200), '::1');
    expect(await call(`http://[::1]:${hook.port}/`)).toMatchObject({ ok: false });
    expect(hook.connections()).toBe(0);
    expect(await call(`http://[::1]:${hook.port}/`, { allow: ['::1/128'] })).toEqual({
      ok: true,
      status: 200,
    });
  });

  it('lets a name through when a setting allows the range', async () => {
    const hook = await serve(answer(200));
    expect(await call(`http://localhost:${hook.port}/`)).toEqual({ ok: true, status: 200 });
  });

  it('the guard refuses over TLS as well', async () => {
    const { port, connections } = await listen(createTcpServer());
    expect(await call(`https://localhost:${port}/`, { allow: [] })).toMatchObject({ ok: false });
    expect(connections()).toBe(0);
  });

  it('connects to the address that was checked: a name is resolved once', async () => {
    const hook = await serve(answer(200));
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '127.0.0.1' : '127.0.0.9', family: 4 }];
    };
    expect(await call(`http://rebind.test:${hook.port}/`, { resolve })).toEqual({ ok: true, status: 200 });
    expect(asked).toBe(1);
  });

  it('tries of several addresses only those it lets through', async () => {
    const refused = await serve(answer(200), '127.0.0.2');
    const both = async () => ['127.0.0.2', '127.0.0.3'].map((address) => ({ address, family: 4 }));
    const options = { allow: ['127.0.0.3/32'], resolve: both };
    // Nobody listens at this port of the allowed address, so falling back to the refused one would be a success.
    expect(await call(`http://both.test:${refused.port}/`, options)).toMatchObject({ ok: false });
    expect(refused.connections()).toBe(0);
  });

  it('the guard refuses a name without addresses', async () => {
    expect(await call('http://none.test/', { resolve: async () => [] })).toMatchObject({ ok: false });
  });
});

describe('redirects', () => {
  it.each([307, 308])('redirects are followed on %i with method, body and headers kept', async (status) => {
    const target = await serve(answer(200));
    const hook = await serve(answer(status, `http://127.0.0.1:${target.port}/moved`));
    expect(await call(`http://127.0.0.1:${hook.port}/`)).toEqual({ ok: true, status: 200 });
    expect(target.seen).toMatchObject([
      { method: 'POST', url: '/moved', body: '{"name":"größe"}', headers: { 'webhook-id': 'abc' } },
    ]);
  });

  it('redirects may be relative', async () => {
    const hook = await serve((req, res) => answer(req.url === '/a' ? 307 : 200, '../b')(req, res));
    expect(await call(`http://127.0.0.1:${hook.port}/a`)).toEqual({ ok: true, status: 200 });
    expect(hook.seen.map(({ url }) => url)).toEqual(['/a', '/b']);
  });

  it.each(['127.0.0.2', '[::ffff:127.0.0.2]', '2130706434'])(
    'redirects to an address that is refused (%s) are refused: nothing arrives there',
    async (host) => {
      const target = await serve(answer(200), '127.0.0.2');
      const hook = await serve(answer(307, `http://${host}:${target.port}/`));
      const result = await call(`http://127.0.0.1:${hook.port}/`, { allow: ['127.0.0.1/32'] });
      expect(result).toEqual({
        ok: false,
        error: expect.stringContaining('not set to call it'),
        permanent: true,
      });
      expect(hook.seen).toHaveLength(1);
      expect(target.connections()).toBe(0);
    },
  );

  it('refuses a redirect to a name with a refused address', async () => {
    const target = await serve(answer(200), '127.0.0.2');
    const hook = await serve(answer(308, `http://inside.test:${target.port}/`));
    const resolve = async () => [{ address: '127.0.0.2', family: 4 }];
    const result = await call(`http://127.0.0.1:${hook.port}/`, { allow: ['127.0.0.1/32'], resolve });
    expect(result.ok).toBe(false);
    expect(target.connections()).toBe(0);
  });

  it.each([300, 301, 302, 303, 304])('fails a redirect with status %i, and says why', async (status) => {
    const target = await serve(answer(200));
    const hook = await serve(answer(status, `http://127.0.0.1:${target.port}/`));
    const result = await call(`http://127.0.0.1:${hook.port}/`);
    expect(result).toMatchObject({
      ok: false,
      status,
      error: expect.stringContaining('Only the redirects 307 and 308'),
    });
    expect(target.connections()).toBe(0);
  });

  it('stops after three redirects', async () => {
    const hook = await serve((req, res) => answer(307, `/${Number(req.url?.slice(1)) + 1}`)(req, res));
    const result = await call(`http://127.0.0.1:${hook.port}/0`);
    expect(result).toEqual({ ok: false, status: 307, error: 'More than 3 redirects in a row.' });
    expect(hook.seen.map(({ url }) => url)).toEqual(['/0', '/1', '/2', '/3']);
  });

  it.each([
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'http://user:pass@127.0.0.1/',
    'http://[',
    `http://127.0.0.1/${'a'.repeat(2048)}`,
  ])('a redirect to %.30s is a failed call', async (location) => {
    const hook = await serve(answer(307, location));
    const result = await call(`http://127.0.0.1:${hook.port}/`);
    expect(result).toMatchObject({
      ok: false,
      status: 307,
      error: expect.stringContaining('The URL it redirects to'),
    });
  });

  it('fails a redirect without a Location', async () => {
    const hook = await serve(answer(308));
    expect(await call(`http://127.0.0.1:${hook.port}/`)).toMatchObject({ ok: false, status: 308 });
  });

  it('applies one timeout to a call and its redirects', async () => {
    const silent = await listen(createTcpServer(() => undefined));
    const hook = await serve(answer(307, `http://127.0.0.1:${silent.port}/`));
    const result = await call(`http://127.0.0.1:${hook.port}/`, { timeoutMs: 200 });
    expect(result).toEqual({ ok: false, error: 'No complete answer within 0.2 s.' });
  });
});
