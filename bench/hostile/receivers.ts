import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** Server whose receivers hold up the caller. */
export interface HostileReceivers {
  urls: readonly string[];
  close(): void;
}

const answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  /** Never answers. */
  silent: (request) => request.resume(),
  /** Does not even read the call. */
  deaf: () => undefined,
  /** Answers with a body that does not end. */
  endless: (request, response) => {
    request.resume();
    const chunk = Buffer.alloc(65_536, 'x');
    const send = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', send);
    };
    send();
  },
  /** Answers with a byte a second. */
  dripping: (request, response) => {
    request.resume();
    const timer = setInterval(() => response.write('x'), 1_000);
    response.once('close', () => clearInterval(timer));
  },
  /** Leads to itself. */
  circular: (request, response) => {
    request.resume();
    response.writeHead(307, { Location: '/circular' }).end();
  },
  /** Ends the connection. */
  rude: (request) => request.socket.destroy(),
};

/** Starts receivers that are silent, endless or rude, on loopback. */
export async function startHostileReceivers(): Promise<HostileReceivers> {
  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    const answer = answers[(request.url ?? '').slice(1)];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    urls: Object.keys(answers).map((name) => `http://127.0.0.1:${port}/${name}`),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
