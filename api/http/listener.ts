import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Log } from '../../core/log.ts';
import type { ReadReady } from './answers.ts';
import { createKnownReads } from './known-reads.ts';
import type { App } from './mount.ts';
import type { RequestGuard } from './request-guard.ts';

/**
 * Creates the listener of a server: requests that are known are answered, the others go to the routes.
 * @param guard finds the fault of a request that is to be refused; the routes answer with it
 */
export function createListener(app: App, log: Log, guard: RequestGuard = () => undefined): RequestListener {
  const reads = createKnownReads(log);
  const route = getRequestListener(
    (request, node) =>
      app.fetch(request, {
        ...node,
        noteRead: (read: ReadReady) => reads.note(node.incoming, read),
        refused: guard(node.incoming),
      }),
    // For a client of HTTP/1.0, which need not say whom it takes this for.
    { hostname: 'localhost' },
  );
  return (incoming, outgoing) => {
    const byRoute = () => void route(incoming, outgoing);
    if (guard(incoming) || !reads.answer(incoming, outgoing, byRoute)) byRoute();
  };
}
