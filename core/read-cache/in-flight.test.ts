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

  it('admits responses in turn once those that are ready have been counted', async () => {
    const inFlight = createInFlight(1_000);
    let begun = 0;
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const build = async () => {
      begun += 1;
      await finished;
      return 600;
    };
    const send = async () => inFlight.add(await inFlight.make('lib', build));
    const sent = Promise.allSettled(Array.from({ length: 40 }, send));
    await expect.poll(() => begun).toBe(8);
    finish();
    const refused = (await sent).filter(({ status }) => status === 'rejected');
    // The first eight are made together, the others find the bound exceeded.
    expect(refused).toHaveLength(32);
    expect(refused[0]).toMatchObject({ reason: { code: 'service.busy' } });
    expect(begun).toBe(8);
    expect(inFlight.bytes()).toBe(8 * 600);
    await expect(inFlight.admitInTurn()).rejects.toMatchObject({ code: 'service.busy' });
  });

  it('counts unsent bytes until the response itself can have been counted', async () => {
    const inFlight = createInFlight(1_000);
    const release = inFlight.addUnsent(1_001);
    release();
    expect(inFlight.bytes()).toBe(1_001);
    await expect(inFlight.admitInTurn()).resolves.toBeUndefined();
    expect(inFlight.bytes()).toBe(0);
  });
});
