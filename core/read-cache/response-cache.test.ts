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

class TestClient extends EventEmitter {
  destroyed = false;
  disconnect(): void {
    this.destroyed = true;
    this.emit('close');
  }
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

  describe('while all turns are taken', () => {
    /** Creates a cache whose documents wait until the turns end. Readers are known by their clients. */
    async function createQueue() {
      const inFlight = createInFlight(1_000);
      const answers = createResponseCache(createFixture().states, 1_000, inFlight);
      const ends: (() => void)[] = [];
      const hold = () => inFlight.make('lib', () => new Promise<void>((resolve) => ends.push(resolve)));
      const held = Array.from({ length: 8 }, hold);
      await expect.poll(() => ends.length).toBe(8);
      const made: string[] = [];
      const read = async (name: string, client?: TestClient) => {
        const make = async () => {
          made.push(name);
          return name;
        };
        const { body } = await answers.read('lib', name, make, { client });
        return Buffer.from(body).toString();
      };
      /** Reads for a client that waits once this has resolved. */
      const join = async (name: string) => {
        const client = new TestClient();
        const reading = read(name, client);
        reading.catch(() => undefined);
        await expect.poll(() => client.listenerCount('close')).toBe(1);
        return { client, reading };
      };
      const end = async () => {
        for (const each of ends) each();
        await Promise.all(held);
      };
      return { made, read, join, end };
    }

    it('a document keeps its place in the queue when the first of its clients disconnects', async () => {
      const { made, join, end } = await createQueue();
      const first = await join('list');
      const second = await join('list');
      const third = await join('list');
      const later = await join('other');
      first.client.disconnect();
      second.client.disconnect();
      await end();
      expect(await Promise.all([third.reading, later.reading])).toEqual(['list', 'other']);
      expect(made).toEqual(['list', 'other']);
      expect(third.client.listenerCount('close')).toBe(0);
    });

    it('a document keeps its place for a reader that never disconnects', async () => {
      const { made, read, join, end } = await createQueue();
      const { client } = await join('list');
      const shared = read('list');
      // A reader of the same space waits, so the one before it does too.
      const later = await join('other');
      client.disconnect();
      await end();
      expect(await Promise.all([shared, later.reading])).toEqual(['list', 'other']);
      expect(made).toEqual(['list', 'other']);
    });

    it('a document is not made once the last of its clients has disconnected', async () => {
      const { made, join, end } = await createQueue();
      const readers = [await join('list'), await join('list')];
      for (const { client } of readers) client.disconnect();
      for (const { reading } of readers) await expect(reading).rejects.toBeInstanceOf(WaitAbandoned);
      await end();
      expect(made).toEqual([]);
    });
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
