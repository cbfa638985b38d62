import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { InFlight } from '../../core/reading/in-flight.ts';

/** Bytes that are not counted: the system takes so much of an answer at once. */
const counted = 64 * 1024;

const holding = new WeakSet<object>();

/** Counts the body of an answer until its client has it, or is gone. */
export function createHoldBody(inFlight: InFlight, outgoing: EventEmitter): (body: Uint8Array) => void {
  return (body) => {
    if (body.length <= counted) return;
    holding.add(outgoing);
    outgoing.once('close', inFlight.hold(body));
  };
}

/** Counts what is left of an answer that was written whole and whose body nobody has counted. */
export function holdRest(inFlight: InFlight, outgoing: ServerResponse): void {
  const left = outgoing.writableLength;
  if (left <= counted || holding.has(outgoing) || outgoing.destroyed) return;
  outgoing.once('close', inFlight.add(left));
}
