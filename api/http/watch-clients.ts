import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Least average bytes a second of a request body, checked once it has lasted longer than the timeout. */
const minBytesPerSecond = 256;

/**
 * Milliseconds for which an idle connection is kept open for the next request.
 * Proxies and clients keep theirs for up to a minute; if the server closed first, a request on its way would be lost.
 */
const keepAliveMs = 75_000;

interface Exchange {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  startedAt: number;
  /** Bytes that the connection had received when the request began. */
  bytesBefore: number;
}

/**
 * Closes connections of clients that neither read nor send, or send almost nothing. Slow but steady uploads may take
 * as long as they need, so Node's own limit for a whole request is off. A request that waits for this server is left
 * alone.
 * @param timeoutMs milliseconds without any progress
 */
export function watchClients(server: Server, timeoutMs: number): void {
  const exchanges = new Map<Socket, Exchange>();
  server.requestTimeout = 0;
  server.headersTimeout = timeoutMs;
  server.keepAliveTimeout = keepAliveMs;
  // Node emits `timeout` when nothing was read or written for so long.
  server.setTimeout(timeoutMs, (socket) => {
    const exchange = exchanges.get(socket);
    if (!exchange || isClientsTurn(socket, exchange)) socket.destroy();
    else socket.setTimeout(timeoutMs);
  });
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { socket } = incoming;
    const exchange = { incoming, outgoing, startedAt: performance.now(), bytesBefore: socket.bytesRead };
    exchanges.set(socket, exchange);
    outgoing.once('close', () => {
      if (exchanges.get(socket) === exchange) exchanges.delete(socket);
    });
  });
  const trickleTimer = setInterval(() => {
    for (const [socket, exchange] of exchanges)
      if (isTrickling(socket, exchange, timeoutMs)) socket.destroy();
  }, timeoutMs / 4);
  trickleTimer.unref();
  server.once('close', () => clearInterval(trickleTimer));
}

/** Checks whether the client has to act: to read the response, or to send the rest of its request. */
function isClientsTurn(socket: Socket, { incoming, outgoing }: Exchange): boolean {
  if (outgoing.writableLength > 0 || socket.writableLength > 0) return true;
  return isIncomplete(incoming) && incoming.readableLength === 0;
}

function isTrickling(
  socket: Socket,
  { incoming, startedAt, bytesBefore }: Exchange,
  timeoutMs: number,
): boolean {
  const seconds = (performance.now() - startedAt) / 1000;
  // Unread bytes mean that this server, not the client, is slow.
  if (seconds * 1000 < timeoutMs || !isIncomplete(incoming) || incoming.readableLength > 0) return false;
  return (socket.bytesRead - bytesBefore) / seconds < minBytesPerSecond;
}

function isIncomplete(incoming: IncomingMessage): boolean {
  return !incoming.complete && !incoming.destroyed;
}
