import { once } from 'node:events';
import { createServer, request } from 'node:http';

/** Proxy in front of several API processes that sends each request to the next one. */
export interface Balancer {
  url: string;
  close(): Promise<void>;
}

/** Starts a balancer over API processes on a free port of loopback. */
export async function startBalancer(urls: readonly string[]): Promise<Balancer> {
  let requests = 0;
  const server = createServer((incoming, answer) => {
    requests += 1;
    const target = new URL(incoming.url ?? '/', urls[requests % urls.length]);
    const outgoing = request(target, { method: incoming.method, headers: incoming.headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
      response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
