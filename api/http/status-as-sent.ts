import type { ServerResponse } from 'node:http';

/** Status of an error that was not sent, since its client had disconnected; nginx logs it so. */
const clientGoneStatus = 499;

/**
 * Finds the status of a response for metrics and the log. An error 5xx counts as 499 once its client has disconnected:
 * giving up the work causes such errors, and nobody sees them.
 */
export function statusAsSent(
  outgoing: Pick<ServerResponse, 'destroyed'> | undefined,
  status: number,
): number {
  return outgoing?.destroyed && status >= 500 ? clientGoneStatus : status;
}
