import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:net';
import { StartError } from '../core/runtime/startup-error.ts';
import { createWebServer, type WebServer, type WebServerOptions } from './tls/web-server.ts';

/** Server that listens on an address. */
export interface ListeningServer {
  /** `http://127.0.0.1:8099`, or `https://` with a certificate. */
  url: string;
  /** Passed to helper processes, which then accept connections on the same address. */
  server: Server;
  /**
   * Stops accepting connections, waits for open requests, and cuts off the rest after the timeout.
   * @param timeoutMs milliseconds
   */
  close(timeoutMs: number): Promise<void>;
}

/**
 * Listens on an address and serves requests there.
 * @param address `host:port`, or `:port` for every interface
 * @param setting name of the setting that holds the address, for error messages
 * @throws {StartError} when the address cannot be listened on, or the certificate cannot be used
 */
export async function listen(
  listener: RequestListener,
  address: string,
  setting: string,
  options: WebServerOptions,
): Promise<ListeningServer> {
  const web = await createWebServer(listener, options);
  const bound = await bind(web.server, address, setting);
  const { hostname } = parseListen(address);
  const shownHost =
    hostname === undefined || hostname === '0.0.0.0' || hostname === '::' ? '127.0.0.1' : hostname;
  const scheme = options.certificate ? 'https' : 'http';
  return {
    url: `${scheme}://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${bound}`,
    server: web.server,
    close: (timeoutMs) => drainServer(web, timeoutMs),
  };
}

/** Binds a server to an address. @returns the port */
function bind(server: Server, address: string, setting: string): Promise<number> {
  const { hostname, port } = parseListen(address);
  server.listen(port, hostname);
  return new Promise<number>((resolve, reject) => {
    server.once('listening', () => {
      const boundAddress = server.address();
      resolve(typeof boundAddress === 'object' && boundAddress !== null ? boundAddress.port : port);
    });
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new StartError(`cannot listen on ${address}: ${explainListenError(error, setting)}`)),
    );
  });
}

/**
 * Checks that an address is free, before anything slow is started. The address is released again, so another program
 * may still take it before `listen` is called; `listen` reports that.
 * @throws {StartError} when the address cannot be listened on
 */
export async function assertFree(address: string, setting: string): Promise<void> {
  const server = createServer();
  await bind(server, address, setting);
  await new Promise((resolve) => server.close(resolve));
}

/**
 * Takes over another process's server at once. The system gives each connection to one of the processes; without a
 * listener it would wait forever.
 */
export function listenOnSharedServer(web: WebServer, listening: Server): void {
  web.server.listen(listening);
}

function explainListenError(error: NodeJS.ErrnoException, setting: string): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `another program listens there; choose another address with ${setting}`;
    case 'EACCES':
      return `this user may not take that port (EACCES); choose one from 1024 on with ${setting}`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return `this machine has no such address (${error.code}); choose an address of this machine, or :PORT for all, with ${setting}`;
    case 'EAFNOSUPPORT':
      return `this machine has no addresses of that kind (EAFNOSUPPORT); choose another with ${setting}`;
    default:
      return `${error.code ?? error.message}; choose another address with ${setting}`;
  }
}

/** Splits an address. Without a host, Node listens on every interface, IPv6 included. */
function parseListen(address: string): { hostname: string | undefined; port: number } {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  return { hostname: host === '' ? undefined : host, port: Number(address.slice(at + 1)) };
}

/** Ends a server within a timeout, as `ListeningServer.close` says. */
export function drainServer({ server, endHandshakes }: WebServer, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cutOffTimer = setTimeout(() => server.closeAllConnections(), timeoutMs);
    // Node keeps a connection open for the next request even when its response was sent after the close.
    const idleTimer = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearTimeout(cutOffTimer);
      clearInterval(idleTimer);
      resolve();
    });
    endHandshakes();
    server.closeIdleConnections();
  });
}
