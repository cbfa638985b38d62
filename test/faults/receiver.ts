import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { errorText } from './error-text.ts';

const event = z.object({ type: z.string(), data: z.object({ id: z.uuid(), state: z.string() }) });

/** Delivery, as the receiver saw it. */
export interface Received {
  job: string;
  /** State of the job in the call. */
  state: string;
  calls: number;
  /** Calls answered 2xx. */
  accepted: number;
}

/** Server for callbacks. */
export interface Receiver {
  url: string;
  secret: string;
  /** Deliveries by their id, which every attempt carries. */
  received: ReadonlyMap<string, Received>;
  /** Calls with a bad signature, or with another body than an earlier call of the same id. */
  faults: readonly string[];
  /** Makes the receiver accept every later first call, except of the first two deliveries. */
  acceptAll(): void;
  close(): void;
}

/** Number of deliveries of which one is refused at its first call. */
const oneIn = 5;

/**
 * Starts a receiver that refuses some first calls, by 500 or a reset connection. Always refused are those of the
 * first two deliveries.
 */
export async function startReceiver(): Promise<Receiver> {
  const secret = `whsec_${Buffer.from('the receiver of the faults run, 32').toString('base64')}`;
  const verifier = new Webhook(secret);
  const received = new Map<string, Received>();
  const bodies = new Map<string, string>();
  const faults: string[] = [];
  let acceptsAll = false;

  const recordCall = (id: string, headers: IncomingMessage['headers'], body: string): Received => {
    const text = (name: string) => String(headers[name]);
    verifier.verify(body, {
      'webhook-id': id,
      'webhook-timestamp': text('webhook-timestamp'),
      'webhook-signature': text('webhook-signature'),
    });
    if ((bodies.get(id) ?? body) !== body) throw new Error('it said something else before');
    bodies.set(id, body);
    const { data } = event.parse(JSON.parse(body));
    const known = received.get(id) ?? { job: data.id, state: data.state, calls: 0, accepted: 0 };
    received.set(id, known);
    return known;
  };

  const server = createServer(async (request, response) => {
    const id = String(request.headers['webhook-id']);
    try {
      const delivery = recordCall(id, request.headers, await readBody(request));
      delivery.calls += 1;
      const place = [...received.keys()].indexOf(id);
      const refused = delivery.calls === 1 && (place < 2 || (!acceptsAll && place % oneIn === 0));
      if (refused && place % 2 === 0) return void response.writeHead(500).end();
      if (refused) return void request.destroy();
      delivery.accepted += 1;
      response.writeHead(204).end();
    } catch (error) {
      // A worker that is killed during a call leaves a partial request, which is not a fault.
      if (!request.complete) return;
      faults.push(`${id}: ${errorText(error)}`);
      response.writeHead(400).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    secret,
    received,
    faults,
    acceptAll() {
      acceptsAll = true;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
