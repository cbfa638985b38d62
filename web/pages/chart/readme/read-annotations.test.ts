import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { hasListAnnotations, readAnnotationLists, readLicense } from './read-annotations.ts';

const read = (name: string, text: string) => readAnnotationLists({ [`artifacthub.io/${name}`]: text }, parse);

it('changes are texts, or have a kind and links', () => {
  const text = `
- plain
- kind: added
  description: a thing
  links: [{ name: issue, url: https://example.org/1 }, { name: no address }]
- kind: 5
- 7`;
  expect(read('changes', text).changes).toEqual([
    { description: 'plain', links: [] },
    { kind: 'added', description: 'a thing', links: [{ name: 'issue', url: 'https://example.org/1' }] },
  ]);
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

it.each(['{', 'a: 1', '', '- '.repeat(40_000), `a: &a [*b]`])(
  'a text of another kind has no entries',
  (text) => {
    expect(read('changes', text)).toEqual({ changes: [], links: [], images: [], screenshots: [] });
  },
);

it('the licence is found in both customs', () => {
  expect(readLicense({ 'artifacthub.io/license': 'MIT' })).toBe('MIT');
  expect(readLicense({ licenses: 'Apache-2.0' })).toBe('Apache-2.0');
  expect(hasListAnnotations({ licenses: 'x' })).toBe(false);
  expect(hasListAnnotations({ 'artifacthub.io/links': '' })).toBe(true);
});
