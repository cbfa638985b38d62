import { expect, it } from 'vitest';
import { readAnnotationLists } from './annotation-lists.ts';

const read = (name: string, text: string) => readAnnotationLists({ [`artifacthub.io/${name}`]: text });
const none = { changes: [], links: [], images: [], screenshots: [] };

it('changes are texts, or have a kind and links', () => {
  const text = `
- plain
- kind: added
  description: a thing
  links: [{ name: issue, url: https://example.org/1 }, { name: no address }]
- kind: fixed
- description: 1.10
- [7]`;
  expect(read('changes', text)).toEqual({
    ...none,
    changes: [
      { description: 'plain', links: [] },
      { kind: 'added', description: 'a thing', links: [{ name: 'issue', url: 'https://example.org/1' }] },
      { description: '1.1', links: [] },
    ],
  });
});

it('links, images and screenshots are read', () => {
  expect(read('links', '- url: https://example.org').links).toEqual([
    { name: 'https://example.org', url: 'https://example.org' },
  ]);
  expect(read('images', '- {name: a, image: "a:1"}\n- b').images).toEqual(['a:1']);
  expect(read('screenshots', '- {title: one, url: "https://example.org/1.png"}').screenshots).toEqual([
    { name: 'one', url: 'https://example.org/1.png' },
  ]);
});

it.each([
  '{',
  'a: 1',
  '',
  '- '.repeat(30_000),
  '['.repeat(60_000),
  `- ${'x'.repeat(64 * 1024)}`,
  'a: &a [*b]',
  `- &a ${'x'.repeat(40_000)}\n- *a`,
])('a text of another kind, or with too much in it, has no entries', (text) => {
  expect(read('changes', text)).toEqual(none);
});

it('a list of nearly 64 KiB is read, and so are its last links', () => {
  const description = 'x'.repeat(60_000);
  expect(read('changes', `- ${description}`).changes).toEqual([{ description, links: [] }]);
  // 9,000 nodes: each link is a map with two keys and two texts.
  const links = '- {name: a, url: "b:c"}\n'.repeat(1_799);
  expect(read('links', links).links).toHaveLength(50);
});

it('lists end after 50 entries, and a name of every object is no annotation', () => {
  expect(read('images', '- image: a\n'.repeat(60)).images).toHaveLength(50);
  expect(readAnnotationLists(JSON.parse('{"__proto__": {"artifacthub.io/links": "- url: x"}}'))).toEqual(
    none,
  );
});
