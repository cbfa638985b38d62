import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { errorText } from './error-text.ts';

const event = z.object({ type: z.string(), data: z.object({ id: z.uuid(), state: z.string() }) });

/** One delivery as its receiver saw it. */
export interface Received {
  job: string;
  /** The state that the call tells of. */
  state: string;
  calls: number;
  /** Calls answered 2xx. */
  taken: number;
}

/** A server that callbacks go to. */
export interface Receiver {
  url: string;
  secret: string;
  /** By the delivery's id, which every attempt carries. */
  received: ReadonlyMap<string, Received>;
  /** Calls that were not signed as they should be, or said something else than the call before under the same id. */
  faults: readonly string[];
  /** From now on every call is taken, but those of the first two deliveries. */
  takeAll(): void;
  close(): void;
}

/** Deliveries of which one is not taken at its first call. */
const oneIn = 5;

/** Starts one that does not take every first call: some it answers 500, some it hangs up on, the first two among them. */
export async function startReceiver(): Promise<Receiver> {
  const secret = `whsec_${Buffer.from('the receiver of the faults run, 32').toString('base64')}`;
  const verifier = new Webhook(secret);
  const received = new Map<string, Received>();
  const bodies = new Map<string, string>();
  const faults: string[] = [];
  let takesAll = false;

  const take = (id: string, headers: IncomingMessage['headers'], body: string): Received => {
    const text = (name: string) => String(headers[name]);
    verifier.verify(body, {
      'webhook-id': id,
      'webhook-timestamp': text('webhook-timestamp'),
      'webhook-signature': text('webhook-signature'),
    });
    if ((bodies.get(id) ?? body) !== body) throw new Error('it said something else before');
    bodies.set(id, body);
    const { data } = event.parse(JSON.parse(body));
    const known = received.get(id) ?? { job: data.id, state: data.state, calls: 0, taken: 0 };
    received.set(id, known);
    return known;
  };

  const server = createServer(async (request, response) => {
    const id = String(request.headers['webhook-id']);
    try {
      const delivery = take(id, request.headers, await readBody(request));
      delivery.calls += 1;
      const place = [...received.keys()].indexOf(id);
      const refused = delivery.calls === 1 && (place < 2 || (!takesAll && place % oneIn === 0));
      if (refused && place % 2 === 0) return void response.writeHead(500).end();
      if (refused) return void request.destroy();
      delivery.taken += 1;
      response.writeHead(204).end();
    } catch (error) {
      // A worker that is killed while it calls leaves half a call, which is nobody's fault.
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
    takeAll() {
      takesAll = true;
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
