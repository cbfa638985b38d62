import type { RequestListener, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { InFlight } from '../../core/read-cache/in-flight.ts';
import type { Log } from '../../core/runtime/log.ts';
import type { ReadReady } from './cached-response.ts';
import { createBodyHolder } from './hold-body.ts';
import type { App } from './mount-routes.ts';
import { createKnownReads } from './read-fast-path.ts';
import type { RequestGuard } from './request-guard.ts';

/**
 * Creates the listener of a server: requests that are known are answered, the others go to the routes.
 * @param guard finds the fault of a request that is to be refused; the routes answer with it
 */
export function createListener(
  app: App,
  log: Log,
  inFlight: InFlight,
  guard: RequestGuard = () => undefined,
): RequestListener {
  const bodies = createBodyHolder(inFlight);
  const reads = createKnownReads(log, bodies);
  const route = getRequestListener(
    (request, node) =>
      app.fetch(request, {
        ...node,
        noteRead: (read: ReadReady) => reads.note(node.incoming, read),
        holdBody: (body: Uint8Array) => bodies.hold(node.outgoing, body),
        refused: guard(node.incoming),
      }),
    // For a client of HTTP/1.0, which need not say whom it takes this for.
    { hostname: 'localhost' },
  );
  return (incoming, outgoing) => {
    const byRoute = () => {
      route(incoming, outgoing).then(
        () => bodies.holdRest(outgoing),
        (error: unknown) => cutOff(outgoing, error),
      );
    };
    if (guard(incoming) || !reads.answer(incoming, outgoing, byRoute)) byRoute();
  };

  /** Nothing that is thrown here may get past: it would end the process. */
  function cutOff(outgoing: ServerResponse, error: unknown): void {
    log.error({ error }, 'an answer could not be sent');
    outgoing.destroy();
  }
}
