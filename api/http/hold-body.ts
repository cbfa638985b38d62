import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { InFlight } from '../../core/read-cache/in-flight.ts';

/** Bytes that are not counted: the system takes so much of an answer at once. */
const uncountedBytes = 64 * 1024;

type Outgoing = EventEmitter & { destroyed: boolean };

/** Counts the answers of a server until their clients have them. */
export interface BodyHolder {
  /** Counts a body until its client has it, or is gone. */
  hold(outgoing: Outgoing, body: Uint8Array): void;
  /** Counts what is left of an answer that was written whole and whose body nobody has counted. */
  holdRest(outgoing: ServerResponse): void;
}

export function createBodyHolder(inFlight: InFlight): BodyHolder {
  const holding = new WeakSet<EventEmitter>();
  return {
    hold(outgoing, body) {
      // A client that has gone meanwhile does so once: nothing would ever release what was made for it.
      if (body.length <= uncountedBytes || outgoing.destroyed) return;
      holding.add(outgoing);
      outgoing.once('close', inFlight.hold(body));
    },
    holdRest(outgoing) {
      const remaining = outgoing.writableLength;
      if (remaining <= uncountedBytes || holding.has(outgoing) || outgoing.destroyed) return;
      outgoing.once('close', inFlight.add(remaining));
    },
  };
}
