import { clientCodes, isRegistryError } from '../errors.ts';
import type { Call } from '../transport/call.ts';
import { computeBackOffMs, delayAfterError, sleep } from '../transport/retries.ts';
import type { Transport } from '../transport/transport.ts';
import { streamEvents } from './event-stream.ts';

/** Event of a stream that is resumed where it breaks. */
export interface ResumedEvent {
  type: string;
  /** Undefined where the stream tells alone how far it is, as at its begin. */
  data: string | undefined;
}

/** Connections in a row that may fail; with the delays between them, half a minute and more. */
const maxFailedConnections = 10;

/** Longest delay before the next connection, in milliseconds. */
const maxDelayMs = 5_000;

/**
 * Yields the events of a stream, and reopens it where it ends or breaks off. A reopened stream resumes after the last
 * event.
 * @throws {RegistryError} once ten connections in a row have failed, at once for what no repetition mends, and where
 *   the first connection brings nothing (`isStreamBlockedError`); the reason of the call's signal
 */
export async function* resumeEvents(transport: Transport, call: Call): AsyncGenerator<ResumedEvent, void> {
  let lastEventId = '';
  let failures = 0;
  let silentEnds = 0;
  for (;;) {
    try {
      silentEnds += 1;
      for await (const event of streamEvents(transport, call, lastEventId)) {
        const { id, type, data } = event;
        lastEventId = id;
        failures = 0;
        silentEnds = 0;
        yield { type, data };
      }
    } catch (error) {
      failures += 1;
      const isUseless = lastEventId === '' && isStreamBlockedError(error);
      const delay = delayAfterError(error, failures, maxDelayMs);
      if (isUseless || failures >= maxFailedConnections || delay === undefined) throw error;
      await sleep(delay, call.signal);
      continue;
    }
    await sleep(computeBackOffMs(silentEnds, maxDelayMs), call.signal);
  }
}

/** Whether an error says that streams do not pass a proxy, while other requests may. */
export function isStreamBlockedError(error: unknown): boolean {
  if (isRegistryError(error, clientCodes.timeout)) return true;
  return isRegistryError(error, clientCodes.foreign) && error.status < 400;
}
