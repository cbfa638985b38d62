import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createFairLimiter, WaitAbandoned } from './fair-limiter.ts';

/** Creates a limiter whose work ends when the test says so. */
function createFixture() {
  const limiter = createFairLimiter({ waiting: 'works', maxPerSpace: 3, maxTotal: 4 }, 2);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const run = (space: string, name: string, client?: TestResponse) =>
    limiter.run(
      space,
      () => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.push(resolve));
      },
      client,
    );
  const end = async () => {
    ends.shift()?.();
    // The next work begins before other events are handled.
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { run, begun, end };
}

class TestResponse extends EventEmitter {
  destroyed = false;
  disconnect(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

describe('the fair limiter', () => {
  it('the fair limiter runs few works at a time, and serves spaces in turn', async () => {
    const { run, begun, end } = createFixture();
    for (const name of ['a1', 'a2', 'a3', 'a4']) void run('a', name);
    void run('b', 'b1');
    expect(begun).toEqual(['a1', 'a2']);
    for (let n = 0; n < 3; n += 1) await end();
    expect(begun).toEqual(['a1', 'a2', 'a3', 'b1', 'a4']);
  });

  it('the fair limiter refuses works beyond those that may wait, and names the registry for no space', async () => {
    const { run } = createFixture();
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) void run('', name);
    await expect(run('', 'a6')).rejects.toMatchObject({
      code: 'service.busy',
      message: expect.stringMatching(/^The registry has too many works\./),
    });
    void run('b', 'b1');
    await expect(run('c', 'c1')).rejects.toMatchObject({ code: 'service.busy' });
  });

  it('a client that disconnects leaves the queue at once, and its place is free', async () => {
    const { run, begun, end } = createFixture();
    for (const name of ['a1', 'a2']) void run('a', name);
    const [gone, present] = [new TestResponse(), new TestResponse()];
    const left = run('a', 'left', gone);
    for (const name of ['a3', 'a4']) void run('a', name, present);
    await expect(run('a', 'a5')).rejects.toMatchObject({ code: 'service.busy' });
    gone.disconnect();
    await expect(left).rejects.toBeInstanceOf(WaitAbandoned);
    void run('a', 'a5');
    for (let n = 0; n < 3; n += 1) await end();
    expect(begun).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
    expect(present.listenerCount('close')).toBe(0);
  });

  it('the fair limiter does no work for a client that has disconnected already', async () => {
    const { run, begun } = createFixture();
    const gone = new TestResponse();
    gone.disconnect();
    await expect(run('a', 'a1', gone)).rejects.toBeInstanceOf(WaitAbandoned);
    expect(begun).toEqual([]);
  });
});
