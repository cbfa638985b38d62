import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { onTestFinished } from 'vitest';

/** Call that a receiver got. */
export interface ReceivedCall {
  id: string;
  type: string;
  headers: Record<string, string>;
  body: string;
  event: { type: string; timestamp: string; data: Record<string, unknown> };
}

/** Receiver of webhooks: a real server, which keeps its calls. */
export interface Receiver {
  url: string;
  calls: ReceivedCall[];
  /** Waits until some calls are there. @returns the first of them */
  called(times: number, matches?: (call: ReceivedCall) => boolean): Promise<ReceivedCall[]>;
  /** Changes the answers from now on. */
  answer(status: number | (() => number)): void;
  /** Has each answer wait from now on; its call is counted before. */
  delay(wait: () => Promise<void>): void;
}

/**
 * Starts a receiver that answers 204 until it is told otherwise. The receiver is closed after the test.
 * @param end registers what is called at the end; by default the end of the current test
 */
export async function startReceiver(end: (close: () => void) => void = onTestFinished): Promise<Receiver> {
  const calls: ReceivedCall[] = [];
  let statusOf = () => 204;
  let wait = () => Promise.resolve();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const entries = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    const headers: Record<string, string> = Object.fromEntries(entries);
    const event = JSON.parse(body);
    calls.push({ id: headers['webhook-id'] ?? '', type: event.type, headers, body, event });
    server.emit('called');
    await wait();
    response.writeHead(statusOf()).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  end(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/hook?token=hidden`,
    calls,
    async called(times, matches = () => true) {
      while (calls.filter(matches).length < times) await once(server, 'called');
      return calls.filter(matches).slice(0, times);
    },
    answer(status) {
      statusOf = typeof status === 'number' ? () => status : status;
    },
    delay(next) {
      wait = next;
    },
  };
}

/** Whether a call is signed with a secret. The library of Standard Webhooks verifies it. */
export function isSignedWith(secret: string, { body, headers }: ReceivedCall): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}
