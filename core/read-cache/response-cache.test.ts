import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WaitAbandoned } from '../runtime/threads/fair-limiter.ts';
import { createInFlight } from './in-flight.ts';
import { createResponseCache } from './response-cache.ts';
import type { SpaceState } from './space-state.ts';

function createFixture(limit = 1_000_000) {
  const revisions = new Map([['lib', 1]]);
  const states = {
    read: async (space: string): Promise<SpaceState | undefined> => {
      const revision = revisions.get(space);
      return revision === undefined ? undefined : { id: 1, revision, changedAt: '', key: `1-${revision}` };
    },
  };
  let made = 0;
  const answers = createResponseCache(states, limit, createInFlight(limit));
  const read = async (space = 'lib', what = 'list', text = `${space} ${what} ${++made}`) => {
    const { body, etag } = await answers.read(space, what, async () => text);
    return { text: Buffer.from(body).toString(), etag };
  };
  return { revisions, states, answers, read };
}

describe('the response cache', () => {
  it('renders a response once for each state of a space', async () => {
    const { revisions, read } = createFixture();
    expect(await read()).toEqual({ text: 'lib list 1', etag: '"1-1"' });
    expect((await read()).text).toBe('lib list 1');
    expect((await read('lib', 'other')).text).toBe('lib other 3');
    revisions.set('lib', 2);
    expect(await read()).toEqual({ text: 'lib list 4', etag: '"1-2"' });
  });

  it('renders a response once for concurrent readers', async () => {
    const { answers } = createFixture();
    let made = 0;
    const make = async () => `${++made}`;
    await Promise.all(Array.from({ length: 10 }, () => answers.read('lib', 'list', make)));
    expect(made).toBe(1);
  });

  it('the response cache does not cache responses about a missing space', async () => {
    const { revisions, read } = createFixture();
    expect(await read('none')).toEqual({ text: 'none list 1', etag: undefined });
    expect(await read('none')).toEqual({ text: 'none list 2', etag: undefined });
    revisions.set('none', 1);
    expect((await read('none')).etag).toBe('"1-1"');
  });

  it('the response cache does not cache a failure to render', async () => {
    const { answers, read } = createFixture();
    const failing = answers.read('lib', 'list', () => Promise.reject(new Error('down')));
    await expect(failing).rejects.toThrow('down');
    expect((await read()).text).toBe('lib list 1');
  });

  it('the response cache does not cache a provisional response, whose ETag is another one', async () => {
    const { answers } = createFixture();
    const read = (isProvisional: boolean) =>
      answers.read('lib', 'values', async () => ({
        text: `${isProvisional}`,
        tag: isProvisional ? 'early' : '2',
        isProvisional,
      }));
    expect(await read(true)).toMatchObject({ etag: '"1-1-early"' });
    expect(await read(false)).toMatchObject({ etag: '"1-1-2"', body: new TextEncoder().encode('false') });
    expect(await read(true)).toMatchObject({ etag: '"1-1-2"' });
  });

  it('a response counts as in flight while the state of its space is read again', async () => {
    const state: SpaceState = { id: 1, revision: 1, changedAt: '', key: '1-1' };
    const answersOfState: (() => void)[] = [];
    const states = {
      read: () => new Promise<SpaceState>((resolve) => answersOfState.push(() => resolve(state))),
    };
    const inFlight = createInFlight(1_000);
    const answers = createResponseCache(states, 0, inFlight);
    const reading = answers.read('lib', 'list', async () => 'x'.repeat(1_001));
    answersOfState.shift()?.();
    await expect.poll(() => answersOfState.length).toBe(1);
    expect(inFlight.bytes()).toBe(1_001);
    await expect(inFlight.make('other', async () => 'list')).rejects.toMatchObject({ code: 'service.busy' });
    answersOfState.shift()?.();
    await reading;
    await expect.poll(() => inFlight.bytes()).toBe(0);
  });

  it('a document whose client disconnects in the queue is made for the others who wait for it', async () => {
    const { states } = createFixture();
    const inFlight = createInFlight(1_000);
    const answers = createResponseCache(states, 1_000, inFlight);
    const ends: (() => void)[] = [];
    const hold = () => inFlight.make('lib', () => new Promise<void>((resolve) => ends.push(resolve)));
    const held = Array.from({ length: 8 }, hold);
    await expect.poll(() => ends.length).toBe(8);
    const client = Object.assign(new EventEmitter(), { destroyed: false });
    const make = async () => 'list';
    const left = answers.read('lib', 'list', make, { client });
    const shared = answers.read('lib', 'list', make);
    await expect.poll(() => client.listenerCount('close')).toBe(1);
    client.destroyed = true;
    client.emit('close');
    await expect(left).rejects.toBeInstanceOf(WaitAbandoned);
    for (const end of ends) end();
    expect(Buffer.from((await shared).body).toString()).toBe('list');
    await Promise.all(held);
  });

  it('evicts the least recently used responses', async () => {
    const { read } = createFixture(4_000);
    const text = 'x'.repeat(1_000);
    for (const what of ['a', 'b', 'c']) await read('lib', what, text);
    await read('lib', 'a', 'new');
    await read('lib', 'd', text);
    expect((await read('lib', 'a', 'new')).text).toBe(text);
    expect((await read('lib', 'b', 'new')).text).toBe('new');
    expect((await read('lib', 'huge', 'y'.repeat(5_000))).text).toHaveLength(5_000);
    expect((await read('lib', 'huge', 'new')).text).toBe('new');
  });
});
