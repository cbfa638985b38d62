import { describe, expect, it } from 'vitest';
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
  return { revisions, answers, read };
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
