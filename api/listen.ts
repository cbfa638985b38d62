import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import type { Server } from 'node:net';
import { StartError } from '../core/runtime/startup-error.ts';
import { watchClients } from './http/watch-clients.ts';

/** A server that listens. */
export interface ListeningServer {
  /** `http://127.0.0.1:8099` */
  url: string;
  /** For other processes to listen with. */
  server: Server;
  /**
   * Takes no new connections, lets what is in flight finish, and cuts off what has not by then.
   * @param timeoutMs milliseconds
   */
  close(timeoutMs: number): Promise<void>;
}

/**
 * Serves on an address.
 * @param address `host:port`, or `:port` for every interface
 * @param setting that names the address, for whoever has to choose another
 * @param clientTimeoutMs milliseconds without progress after which a client's connection is ended
 * @throws {StartError} when the address cannot be listened on
 */
export async function listen(
  listener: RequestListener,
  address: string,
  setting: string,
  clientTimeoutMs: number,
): Promise<ListeningServer> {
  const { hostname, port } = parseListen(address);
  const server = createServer(listener);
  watchClients(server, clientTimeoutMs);
  server.listen(port, hostname);
  const bound = await new Promise<number>((resolve, reject) => {
    server.once('listening', () => {
      const boundAddress = server.address();
      resolve(typeof boundAddress === 'object' && boundAddress !== null ? boundAddress.port : port);
    });
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new StartError(`cannot listen on ${address}: ${explain(error, setting)}`)),
    );
  });
  const shownHost =
    hostname === undefined || hostname === '0.0.0.0' || hostname === '::' ? '127.0.0.1' : hostname;
  return {
    url: `http://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${bound}`,
    server,
    close: (timeoutMs) => drain(server, timeoutMs),
  };
}

/**
 * Finds out whether an address can be listened on, before anything is started that takes longer.
 * It is free again when this returns, so a program that takes it meanwhile is still met by `listen`.
 * @throws {StartError} when it cannot be
 */
export async function assertFree(address: string, setting: string): Promise<void> {
  const { close } = await listen(() => undefined, address, setting, 1000);
  await close(0);
}

/** Serves where another process listens already: each connection goes to whichever of them takes it first. */
export async function listenOnSharedServer(
  listener: RequestListener,
  listening: Server,
  clientTimeoutMs: number,
): Promise<Pick<ListeningServer, 'close'>> {
  const server = createServer(listener);
  watchClients(server, clientTimeoutMs);
  await new Promise<void>((resolve) => server.listen(listening, resolve));
  return { close: (timeoutMs) => drain(server, timeoutMs) };
}

function explain(error: NodeJS.ErrnoException, setting: string): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `another program does; choose another address with ${setting}`;
    case 'EACCES':
      return `this user may not take that port (EACCES); choose one from 1024 on with ${setting}`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return `that is no address of this machine (${error.code}); choose one of its own, or :PORT for all, with ${setting}`;
    case 'EAFNOSUPPORT':
      return `this machine has no addresses of that kind (EAFNOSUPPORT); choose another with ${setting}`;
    default:
      return `${error.code ?? error.message}; choose another address with ${setting}`;
  }
}

/** Without a host, Node takes every interface, of IPv6 where there is one. */
function parseListen(address: string): { hostname: string | undefined; port: number } {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  return { hostname: host === '' ? undefined : host, port: Number(address.slice(at + 1)) };
}

function drain(server: HttpServer, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cutOffTimer = setTimeout(() => server.closeAllConnections(), timeoutMs);
    // Node keeps a connection for a next request, also when the answer was given after the close.
    const idleTimer = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearTimeout(cutOffTimer);
      clearInterval(idleTimer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
