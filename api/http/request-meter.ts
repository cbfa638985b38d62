import type { Metrics, Tally } from '../../core/metrics/metrics.ts';
import { doorOf } from '../access/route-access.ts';

/** Counter of the requests of one route. Its counters are looked up once, so that a repeated read counts in no time. */
export interface RequestMeter {
  /** @param ms milliseconds from the arrival of the request to the head of its answer */
  note(method: string, status: number, ms: number): void;
}

/** Kind of a route for its meter. */
export interface MeteredRoute {
  /** Pattern as the router has it; empty for a path that is none. */
  path: string;
  /** Whether a successful answer is a download. */
  isDownload: boolean;
}

/** Returns the counter of a route. */
export type MeterOf = (route: MeteredRoute) => RequestMeter;

/** Methods that have counters of their own; other methods come from programs that probe the server. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Creates the counters of all routes. */
export function createRequestMeters(metrics: Metrics): MeterOf {
  const meters = new Map<string, RequestMeter>();
  return ({ path, isDownload }) => {
    const key = `${path} ${isDownload}`;
    const known = meters.get(key);
    if (known) return known;
    const meter = createMeter(metrics, findDoorAndRoute(path), isDownload);
    meters.set(key, meter);
    return meter;
  };
}

function createMeter(
  metrics: Metrics,
  { door, route }: { door: string; route: string },
  isDownload: boolean,
): RequestMeter {
  const byMethod = new Map<string, ReturnType<typeof createMethod>>();
  const downloads = isDownload ? metrics.tally('downloads_total', { door }) : undefined;

  function createMethod(method: string) {
    return {
      /** Counters by status. */
      tallies: [] as Tally[],
      durations: metrics.distribution('http_request_duration_seconds', { door, method }),
      countStatus(status: number): Tally {
        return metrics.tally('http_requests_total', { door, route, method, code: String(status) });
      },
    };
  }

  return {
    note(method, status, ms) {
      const name = methods.has(method) ? method : 'other';
      let counted = byMethod.get(name);
      if (!counted) {
        counted = createMethod(name);
        byMethod.set(name, counted);
      }
      let tally = counted.tallies[status];
      if (!tally) {
        tally = counted.countStatus(status);
        counted.tallies[status] = tally;
      }
      tally.value += 1;
      counted.durations.observe(ms / 1000);
      if (downloads && method === 'GET' && (status === 200 || status === 206 || status === 307))
        downloads.value += 1;
    },
  };
}

/** Paths of routes that belong to no interface for charts. */
const otherDoors: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'none'],
  [/^\/(?:healthz|readyz|health)$/, 'health'],
  [/^\/-\//, 'page'],
  [/^\/(?:docs.*|openapi\.json|info)?$/, 'docs'],
];

/** Writes a route as the documents do, `/spaces/{space}` for `/spaces/:space`, and finds its interface. */
function findDoorAndRoute(path: string): { door: string; route: string } {
  const route = path.replaceAll(/:(\w+)(?:\{[^/]*\})?/g, '{$1}');
  const [, other] = otherDoors.find(([pattern]) => pattern.test(path)) ?? [];
  return { door: other ?? doorOf(path), route };
}
