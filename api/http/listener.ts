import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Log } from '../../core/log.ts';
import type { ReadReady } from './answers.ts';
import { createKnownReads } from './known-reads.ts';
import type { App } from './mount.ts';

/** What a server does with requests: those that are known are answered, the others go to the routes. */
export function createListener(app: App, log: Log): RequestListener {
  const reads = createKnownReads(log);
  const route = getRequestListener(
    (request, node) =>
      app.fetch(request, { ...node, noteRead: (read: ReadReady) => reads.note(node.incoming, read) }),
    // For a client of HTTP/1.0, which need not say whom it takes this for.
    { hostname: 'localhost' },
  );
  return (incoming, outgoing) => {
    const byRoute = () => void route(incoming, outgoing);
    if (!reads.answer(incoming, outgoing, byRoute)) byRoute();
  };
}
