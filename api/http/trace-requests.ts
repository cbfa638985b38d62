import type { RequestListener } from 'node:http';
import { maskTokens } from '../../core/runtime/mask-tokens.ts';
import type { Tracing } from '../../core/runtime/tracing.ts';

/** Wraps a listener so that each request is a span. A span continues that of the client. */
export function traceRequests(listener: RequestListener, tracing: Tracing): RequestListener {
  if (!tracing.isOn) return listener;
  return (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    const parent = headers.traceparent;
    const end = tracing.begin(
      {
        name: method,
        kind: 'server',
        parent: typeof parent === 'string' ? parent : undefined,
        // Queries may be private, and tokens in paths are.
        attributes: { 'http.request.method': method, 'url.path': maskTokens(url.replace(/\?.*/, '')) },
      },
      () => listener(incoming, outgoing),
    );
    outgoing.once('close', () =>
      end({
        attributes: { 'http.response.status_code': outgoing.statusCode },
        failed: outgoing.statusCode >= 500,
      }),
    );
  };
}
