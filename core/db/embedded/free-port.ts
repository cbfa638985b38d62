import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Ports below those of Kubernetes services, and those that Linux, macOS and Windows give to outgoing connections. */
const lowest = 20_000;
const beyond = 30_000;

/**
 * Finds a free port of 127.0.0.1; another process may take it before it is used. It is none that the system may
 * give to an outgoing connection, so a server can also be restarted on its port.
 */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(lowest, beyond);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${lowest} to ${beyond - 1} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
