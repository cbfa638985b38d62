import { getEventListeners, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { collectGarbage } from '../../test/support/garbage-collection.ts';
import { createDeadline } from './deadline.ts';

describe('a deadline', () => {
  it('aborts a deadline after its timeout, also after a garbage collection', async () => {
    const deadline = createDeadline(50, [new AbortController().signal]);
    const aborted = once(deadline.signal, 'abort');
    const collecting = setInterval(collectGarbage, 5);
    await aborted;
    clearInterval(collecting);
    expect(deadline.signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('does not abort by its timeout while it is paused, and begins it anew when it is restarted', async () => {
    const [paused, later] = [createDeadline(50, []), createDeadline(100, [])];
    paused.pause();
    await once(later.signal, 'abort');
    expect(paused.signal.aborted).toBe(false);
    paused.restart();
    await once(paused.signal, 'abort');
    expect(paused.signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('aborts a deadline with the reason of the first signal that aborts', () => {
    const [first, other] = [new AbortController(), new AbortController()];
    const { signal } = createDeadline(60_000, [first.signal, other.signal]);
    other.abort(new Error('gone'));
    first.abort(new Error('closing'));
    expect(signal.reason).toMatchObject({ message: 'gone' });
    expect(createDeadline(60_000, [first.signal]).signal.reason).toMatchObject({ message: 'closing' });
  });

  it('removes its listeners from a signal that outlives the deadline', () => {
    const { signal } = new AbortController();
    for (let round = 0; round < 100; round += 1) createDeadline(60_000, [signal]).dispose();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const outlived = new AbortController();
    createDeadline(60_000, [signal, outlived.signal]);
    outlived.abort();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
