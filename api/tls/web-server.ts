import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Log } from '../../core/runtime/log.ts';
import { watchClients } from '../http/watch-clients.ts';
import { type CertificateFiles, readCertificate } from './certificate.ts';
import { watchCertificate } from './watch-certificate.ts';

/** Server of HTTP or HTTPS that does not listen yet. */
export interface WebServer {
  server: HttpServer | HttpsServer;
  /** Closes connections that have not agreed on TLS, which the server does not count among its own. */
  endHandshakes(): void;
}

/** Options of a server. */
export interface WebServerOptions {
  /** Milliseconds without progress after which a client's connection is closed. */
  clientTimeoutMs: number;
  /** Files of the certificate for HTTPS; undefined for HTTP. */
  certificate?: CertificateFiles | undefined;
  log: Log;
}

/**
 * Creates a server of HTTP, or of HTTPS where there is a certificate. The certificate is renewed from its files.
 * @throws {StartError} for a certificate that cannot be used
 */
export async function createWebServer(
  listener: RequestListener,
  { clientTimeoutMs, certificate, log }: WebServerOptions,
): Promise<WebServer> {
  if (!certificate) {
    const server = createHttpServer(listener);
    watchClients(server, clientTimeoutMs);
    return { server, endHandshakes: () => undefined };
  }
  const current = await readCertificate(certificate);
  const server = createHttpsServer({ ...current.options, handshakeTimeout: clientTimeoutMs }, listener);
  watchClients(server, clientTimeoutMs);
  watchCertificate(server, certificate, current, log);
  return { server, endHandshakes: trackHandshakes(server) };
}

/** Keeps the connections that have not agreed on TLS. @returns closes them */
function trackHandshakes(server: HttpsServer): () => void {
  const pending = new Map<string, Socket>();
  const peerOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    pending.set(peer, socket);
    socket.once('close', () => {
      if (pending.get(peer) === socket) pending.delete(peer);
    });
  });
  server.on('secureConnection', (socket) => pending.delete(peerOf(socket)));
  return () => {
    for (const socket of pending.values()) socket.destroy();
  };
}
