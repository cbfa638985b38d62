import { describe, expect, it } from 'vitest';
import { createInFlight } from './in-flight.ts';

describe('bytes in flight', () => {
  it('counts a body in flight once until its last client has it', () => {
    const inFlight = createInFlight(1_000);
    const body = new Uint8Array(600);
    const releases = [inFlight.hold(body), inFlight.hold(body), inFlight.hold(new Uint8Array(100))];
    expect(inFlight.bytes()).toBe(700);
    releases[0]?.();
    expect(inFlight.bytes()).toBe(700);
    releases[1]?.();
    expect(inFlight.bytes()).toBe(100);
  });

  it('refuses to make responses while too many bytes are in flight', () => {
    const inFlight = createInFlight(1_000);
    const release = inFlight.add(1_001);
    expect(() => inFlight.admit()).toThrow(expect.objectContaining({ code: 'service.busy', retryAfter: 5 }));
    release();
    expect(() => inFlight.admit()).not.toThrow();
  });
});
