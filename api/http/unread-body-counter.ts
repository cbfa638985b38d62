import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { byteLengthOf, type ResponseBody } from '../../core/read-cache/body.ts';
import type { InFlight } from '../../core/read-cache/in-flight.ts';

/** Largest body in bytes that is not counted: the system's socket buffers take that much. */
const maxUncountedBytes = 64 * 1024;

type Outgoing = EventEmitter & { destroyed: boolean };

/** Counts the bodies that clients have not read yet. */
export interface UnreadBodyCounter {
  /** Counts a body until the client has read it or disconnects. */
  hold(outgoing: Outgoing, body: ResponseBody): void;
  /** Counts the unread part of a response whose body `hold` has not counted. */
  holdRest(outgoing: ServerResponse): void;
}

/** Creates the counter of one server's response bodies. */
export function createUnreadBodyCounter(inFlight: InFlight): UnreadBodyCounter {
  const holding = new WeakSet<EventEmitter>();
  return {
    hold(outgoing, body) {
      // A client that has disconnected emits no further `close`, so its body would never be released.
      if (byteLengthOf(body) <= maxUncountedBytes || outgoing.destroyed) return;
      holding.add(outgoing);
      outgoing.once('close', inFlight.hold(body));
    },
    holdRest(outgoing) {
      const remaining = outgoing.writableLength;
      if (remaining <= maxUncountedBytes || holding.has(outgoing) || outgoing.destroyed) return;
      outgoing.once('close', inFlight.add(remaining));
    },
  };
}
