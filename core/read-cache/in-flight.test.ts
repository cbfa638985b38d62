import { describe, expect, it } from 'vitest';
import { createInFlight } from './in-flight.ts';

describe('bytes in flight', () => {
  it('count a body once, however many are sent it, until the last has it', () => {
    const inFlight = createInFlight(1_000);
    const body = new Uint8Array(600);
    const releases = [inFlight.hold(body), inFlight.hold(body), inFlight.hold(new Uint8Array(100))];
    expect(inFlight.bytes()).toBe(700);
    releases[0]?.();
    expect(inFlight.bytes()).toBe(700);
    releases[1]?.();
    expect(inFlight.bytes()).toBe(100);
  });

  it('keep further answers from being made while they are too many', () => {
    const inFlight = createInFlight(1_000);
    const release = inFlight.add(1_001);
    expect(() => inFlight.admit()).toThrow(expect.objectContaining({ code: 'service.busy', retryAfter: 5 }));
    release();
    expect(() => inFlight.admit()).not.toThrow();
  });
});
