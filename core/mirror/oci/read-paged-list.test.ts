import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Upstream } from '../upstream.ts';
import { readPagedList } from './read-paged-list.ts';

const first = new URL('https://registry.example/v2/a/tags/list');

/** Reads the tags of an upstream whose pages are given, each with the address of the next. */
async function read(pages: { tags: unknown[]; next?: string }[]) {
  const asked: string[] = [];
  const upstream: Upstream = {
    async get(url, _headers, read) {
      const page = pages[asked.length];
      asked.push(url.href);
      return read({
        status: 200,
        headers: page?.next === undefined ? {} : { link: `<${page.next}>; rel="next"` },
        body: Readable.from([Buffer.from(JSON.stringify({ tags: page?.tags }))]),
      });
    },
  };
  const pick = (item: unknown) => (typeof item === 'string' ? item : undefined);
  const items = await readPagedList(upstream, { url: first, scope: '', key: 'tags', pick });
  return { items, asked };
}

const invalid = { code: 'upstream.invalid' };

describe('readPages', () => {
  it('reads one page with as many items as a list may have, and refuses one more', async () => {
    const tags = Array.from({ length: 200_000 }, (_, index) => String(index));
    expect((await read([{ tags }])).items).toHaveLength(200_000);
    await expect(read([{ tags: [...tags, 'x'] }])).rejects.toMatchObject(invalid);
    await expect(read([{ tags, next: '?last=x' }, { tags: ['x'] }])).rejects.toMatchObject(invalid);
  });

  it('keeps what is picked of each page, in their order', async () => {
    const { items, asked } = await read([
      { tags: ['a', 1, { b: 'b' }], next: 'http://registry.example/v2/a/tags/list?last=a' },
      { tags: [null, 'c'] },
    ]);
    expect(items).toEqual(['a', 'c']);
    expect(asked[1]).toBe(`${first.href}?last=a`);
  });

  it.each(['https://elsewhere.example/v2/', 'https://registry.example//elsewhere.example/v2/'])(
    'follows no next page to another host: %s',
    async (next) => {
      await expect(read([{ tags: ['a'], next }, { tags: ['b'] }])).rejects.toMatchObject(invalid);
    },
  );
});
