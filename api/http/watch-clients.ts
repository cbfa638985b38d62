import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Bytes that a body must bring a second, on average, once it has had the time limit. */
const minBytesPerSecond = 256;

interface Exchange {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  startedAt: number;
  /** Bytes that the connection had brought by then. */
  bytesBefore: number;
}

/**
 * Ends connections of clients that neither read nor send for a time, or that send next to nothing for ever. What moves may
 * take as long as it takes: Node's own limit for a whole request would end large uploads over slow links. A request that
 * waits for this server is left alone.
 * @param timeoutMs milliseconds without any progress
 */
export function watchClients(server: Server, timeoutMs: number): void {
  const exchanges = new Map<Socket, Exchange>();
  server.requestTimeout = 0;
  server.headersTimeout = timeoutMs;
  // Node calls it when nothing was read and nothing could be written for so long.
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

/** Whether it is the client that has to do something: to read what is written, or to send what is waited for. */
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
  // Bytes that lie here unread are for this server to take.
  if (seconds * 1000 < timeoutMs || !isIncomplete(incoming) || incoming.readableLength > 0) return false;
  return (socket.bytesRead - bytesBefore) / seconds < minBytesPerSecond;
}

function isIncomplete(incoming: IncomingMessage): boolean {
  return !incoming.complete && !incoming.destroyed;
}
