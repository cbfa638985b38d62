import { describe, expect, it } from 'vitest';
import { readExternalLink, resolveLink } from './resolve-link.ts';

const files = new Set(['README.md', 'docs/guide.md', 'docs/pic.png', 'values.yaml', 'a b.txt']);
const resolve = (address: string, from = 'README.md') =>
  resolveLink(address, from, (path) => files.has(path));

describe('links in texts of charts', () => {
  it.each([
    [
      'https://example.org/a?b#c',
      { kind: 'external', href: 'https://example.org/a?b#c', host: 'example.org' },
    ],
    ['//example.org/a', { kind: 'external', href: 'https://example.org/a', host: 'example.org' }],
    ['mailto:me@example.org', { kind: 'external', href: 'mailto:me@example.org', host: 'me@example.org' }],
    ['values.yaml', { kind: 'file', path: 'values.yaml', fragment: '' }],
    ['./docs/guide.md#more', { kind: 'file', path: 'docs/guide.md', fragment: 'more' }],
    ['/values.yaml', { kind: 'file', path: 'values.yaml', fragment: '' }],
    ['a%20b.txt', { kind: 'file', path: 'a b.txt', fragment: '' }],
    ['#some%20place', { kind: 'anchor', id: 'some place' }],
    ['data:image/png;base64,AA', { kind: 'data', href: 'data:image/png;base64,AA' }],
  ])('%s is understood', (address, expected) => {
    expect(resolve(address)).toEqual(expected);
  });

  it.each([
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'vbscript:x',
    'data:text/html,<script>1</script>',
    'data:image/svg,x',
    'blob:https://example.org/1',
    'file:///etc/passwd',
    'missing.md',
    '../../etc/passwd',
    '/-/jobs',
    'https://',
    '%',
  ])('%j leads nowhere', (address) => {
    expect(resolve(address)).toEqual({ kind: 'none' });
  });

  it('relative addresses start at their file and stay in the archive', () => {
    expect(resolve('pic.png', 'docs/guide.md')).toMatchObject({ path: 'docs/pic.png' });
    expect(resolve('../values.yaml', 'docs/guide.md')).toMatchObject({ path: 'values.yaml' });
    expect(resolve('../../../values.yaml', 'docs/guide.md')).toMatchObject({ path: 'values.yaml' });
  });

  it('home pages and sources are links by HTTP or mail alone', () => {
    expect(readExternalLink('https://example.org')?.host).toBe('example.org');
    expect(['javascript:1', '/x', '#x', 'values.yaml', ''].map(readExternalLink)).toEqual(
      Array(5).fill(undefined),
    );
  });
});
