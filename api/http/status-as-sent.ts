import type { ServerResponse } from 'node:http';
import { isRegistryError } from '../../core/errors.ts';
import { WaitAbandoned } from '../../core/runtime/threads/fair-limiter.ts';

/** Status of an error that its client caused by disconnecting; nginx logs it so. */
const clientGoneStatus = 499;

/**
 * Finds the status of a response for metrics and the log. It is 499 for work that was left out, and for a body that
 * ended early, since the client has disconnected. Another error counts as it is, though nobody sees it: in an outage
 * clients time out before the registry answers, and operators must see it.
 */
export function statusAsSent(
  outgoing: Pick<ServerResponse, 'destroyed'> | undefined,
  status: number,
  error: unknown,
): number {
  if (!outgoing?.destroyed) return status;
  const isByClient = error instanceof WaitAbandoned || isRegistryError(error, 'request.incomplete');
  return isByClient ? clientGoneStatus : status;
}
