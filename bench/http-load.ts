import { connect } from 'node:net';

/** Result of a load. */
export interface Load {
  perSecond: number;
  /** Milliseconds within which half of the responses, and 99 of 100, were complete. */
  p50: number;
  p99: number;
  /** Number of responses other than 200. */
  failed: number;
}

/** Size of a load. */
export interface LoadOptions {
  connections: number;
  seconds: number;
  /** Content encoding that the client accepts, besides `identity`. */
  encoding?: string;
  /** `Authorization` header of each request. */
  authorization?: string;
  /** `Accept` header of each request. */
  accept?: string;
}

/** Lists the headers of each request. */
export function headersOf({ encoding = 'identity', authorization, accept }: LoadOptions): [string, string][] {
  const all = { 'Accept-Encoding': encoding, Authorization: authorization, Accept: accept };
  return Object.entries(all).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
}

/**
 * Requests paths repeatedly on open connections, and counts. It does little with responses, since it shares the
 * machine with the registry: the next request follows when the announced length has arrived.
 */
export async function load(url: string, paths: readonly string[], options: LoadOptions): Promise<Load> {
  const times: number[] = [];
  let failed = 0;
  const headers = headersOf(options)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const startedAt = performance.now();
  const end = startedAt + options.seconds * 1000;
  await Promise.all(
    Array.from({ length: options.connections }, (_, index) =>
      drive(url, paths, { first: index, end, headers }, (ms, ok) => {
        times.push(ms);
        if (!ok) failed += 1;
      }),
    ),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  times.sort((remaining, right) => remaining - right);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN;
  return { perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99), failed };
}

function drive(
  url: string,
  paths: readonly string[],
  { first, end, headers }: { first: number; end: number; headers: string },
  onAnswer: (ms: number, ok: boolean) => void,
): Promise<void> {
  const { hostname, port, host } = new URL(url);
  return new Promise((resolve, reject) => {
    let next = first;
    let sentAt = 0;
    let remaining = -1;
    let ok = false;
    const ask = () => {
      if (performance.now() >= end) {
        socket.destroy();
        resolve();
        return;
      }
      sentAt = performance.now();
      const path = paths[next++ % paths.length];
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`);
    };
    const receive = (bytes: Buffer, size: number) => {
      let at = 0;
      if (remaining === -1) {
        // The registry's headers are short, so they arrive in one chunk.
        const head = bytes.subarray(0, size).indexOf('\r\n\r\n') + 4;
        const text = bytes.toString('latin1', 0, head);
        ok = text.startsWith('HTTP/1.1 200');
        remaining = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
        at = head;
      }
      remaining -= size - at;
      if (remaining > 0) return true;
      remaining = -1;
      onAnswer(performance.now() - sentAt, ok);
      ask();
      return true;
    };
    const socket = connect({
      host: hostname,
      port: Number(port),
      onread: {
        buffer: Buffer.alloc(1024 * 1024),
        callback: (size, bytes) => receive(Buffer.from(bytes.buffer), size),
      },
    });
    socket.on('connect', ask);
    socket.on('error', reject);
  });
}
