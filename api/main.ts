import { type ServerType, serve } from '@hono/node-server';
import type { Context } from '../core/context.ts';
import { StartError } from '../core/start-error.ts';
import { createApp } from './app.ts';

/** A server that listens. */
export interface ApiServer {
  /** `http://127.0.0.1:8099` */
  url: string;
  /** Takes no new connections, lets what is in flight finish, and cuts off what has not by then. */
  close(): Promise<void>;
}

/** Milliseconds that requests in flight are given when the server closes. */
const drainLimit = 5_000;

/**
 * Serves the interface on the configured address.
 * @throws {StartError} when the address cannot be listened on
 */
export async function startApi(context: Context): Promise<ApiServer> {
  const { hostname, port } = parseListen(context.config.listen);
  const server = serve({
    fetch: createApp(context).fetch,
    port,
    ...(hostname === undefined ? {} : { hostname }),
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.once('listening', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new StartError(`cannot listen on ${context.config.listen}: ${explain(error)}`)),
    );
  });
  const shown =
    hostname === undefined || hostname === '0.0.0.0' || hostname === '::' ? '127.0.0.1' : hostname;
  const url = `http://${shown.includes(':') ? `[${shown}]` : shown}:${bound}`;
  context.log.info({ url }, 'serving');
  return {
    url,
    close() {
      context.beginClosing();
      return drain(server);
    },
  };
}

function explain(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'another program does; choose another address with LISTEN';
  return error.code ?? error.message;
}

/** Without a host, Node takes every interface, of IPv6 where there is one. */
function parseListen(listen: string): { hostname: string | undefined; port: number } {
  const at = listen.lastIndexOf(':');
  const host = listen.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  return { hostname: host === '' ? undefined : host, port: Number(listen.slice(at + 1)) };
}

function drain(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), drainLimit);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    if ('closeIdleConnections' in server) server.closeIdleConnections();
  });
}
