import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

/** Fault of a proxy at one request. */
export type ProxyFault =
  /** Answers by itself. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string }
  /** Closes the connection without an answer; with `forward` once the registry has answered. */
  | { kind: 'reset'; forward?: boolean }
  /** Keeps the request, and never answers. */
  | { kind: 'silence' }
  /** Closes the connection after some bytes of the registry's answer. */
  | { kind: 'cut'; bytes: number }
  /** Stops after some bytes of the registry's answer, until a promise resolves. */
  | { kind: 'pause'; bytes: number; until: Promise<void> };

/** Chooses the fault of a request, by its method and path. */
export type DecideFault = (
  request: Pick<FaultyProxy['requests'][number], 'method' | 'path' | 'headers'>,
) => ProxyFault | undefined;

/** Proxy before a registry, with faults. */
export interface FaultyProxy {
  url: string;
  /** Requests so far, those with a fault too. */
  requests: { method: string; path: string; headers: IncomingMessage['headers'] }[];
  /** Gives the next requests a fault each, in this order; `undefined` lets one pass. */
  plan(...faults: (ProxyFault | undefined)[]): void;
  /** Decides about each request for which no fault is planned; undefined for none. */
  decide(next: DecideFault | undefined): void;
  /** Closes the connections of all clients. */
  breakOff(): void;
}

/**
 * Starts a proxy on loopback that passes requests on, unless a fault is planned. The proxy is closed after the test.
 */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const planned: (ProxyFault | undefined)[] = [];
  const requests: FaultyProxy['requests'] = [];
  let decide: DecideFault | undefined;
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    requests.push({ method, path, headers });
    const fault = planned.shift() ?? decide?.({ method, path, headers });
    if (fault?.kind === 'silence') return;
    if (fault?.kind === 'answer') {
      incoming.resume();
      outgoing.writeHead(fault.status, fault.headers).end(fault.body);
    } else if (fault?.kind === 'reset' && !fault.forward) incoming.socket.destroy();
    else passOn(target, incoming, outgoing, fault);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    plan: (...faults) => planned.push(...faults),
    decide(next) {
      decide = next;
    },
    breakOff: () => server.closeAllConnections(),
  };
}

function passOn(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: ProxyFault | undefined,
): void {
  const { method, headers } = incoming;
  const passed = request(new URL(incoming.url ?? '/', target), { method, headers }, async (answer) => {
    if (fault?.kind === 'reset') return incoming.socket.destroy();
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    try {
      let sent = 0;
      for await (const chunk of answer) {
        let rest: Buffer = chunk;
        const bound = fault?.kind === 'cut' || fault?.kind === 'pause' ? fault.bytes : undefined;
        if (bound !== undefined && sent < bound && sent + rest.length >= bound) {
          outgoing.write(rest.subarray(0, bound - sent));
          rest = rest.subarray(bound - sent);
          sent = bound;
          if (fault?.kind === 'cut') return outgoing.destroy();
          if (fault?.kind === 'pause') await fault.until;
        }
        sent += rest.length;
        if (!outgoing.write(rest)) await once(outgoing, 'drain');
      }
      outgoing.end();
    } catch {
      outgoing.destroy();
    }
  });
  passed.on('error', () => outgoing.destroy());
  outgoing.on('close', () => passed.destroy());
  incoming.pipe(passed);
}
