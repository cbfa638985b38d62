import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Clients that send requests and do not read the responses. */
export interface Unread {
  /**
   * Sends the texts of requests over a connection each, at once, and ends the connections after some seconds.
   * @returns the statuses of the responses that have begun
   */
  hold(requests: readonly string[]): Promise<number[]>;
}

/** Milliseconds that an unread response is held. */
const heldMs = 4_000;

/** Creates clients that do not read, for one registry. */
export function createUnread(url: string): Unread {
  const { hostname, port } = new URL(url);
  return {
    async hold(requests) {
      const sockets: Socket[] = [];
      try {
        for (const request of requests) {
          const socket = connect(Number(port), hostname).on('error', () => undefined);
          sockets.push(socket);
          await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
          socket.write(request);
        }
        await wait(heldMs);
        return sockets.flatMap(readStatus);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
    },
  };
}

/** Writes a GET request. */
export function getText(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

/** Writes a POST request with a body in JSON. */
export function postText(path: string, body: string): string {
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json`;
  return `${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function readStatus(socket: Socket): number[] {
  const head: Buffer | null = socket.read('HTTP/1.1 200'.length);
  return head ? [Number(head.toString().slice(-3))] : [];
}
