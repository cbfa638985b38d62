import { describe, expect, it } from 'vitest';
import type { ChartFiles } from './chart.ts';
import { replaceManifest, replaceValues } from './rewrite.ts';

const manifest = `# The shop.
apiVersion: v2
name: shop
version: 1.0.0
appVersion: 1.10  # of the shop
description: >
  All of
  it
dependencies:
  # what it needs
  - name: db
    version: 1.x.x
`;

function files(texts: Record<string, string>): ChartFiles {
  return new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)]));
}

const stated = {
  apiVersion: 'v2',
  name: 'shop',
  version: '1.0.0',
  appVersion: '1.1',
  description: 'All of it ',
};

describe('replaceManifest', () => {
  it('replaceManifest changes nothing for equal keys, whatever the tree of dependencies has', () => {
    const given = files({ 'Chart.yaml': manifest, a: 'b' });
    const result = replaceManifest(given, { ...stated, dependencies: [{ name: 'inside' }] });
    expect(String(result.files.get('Chart.yaml'))).toBe(manifest);
    expect(String(result.files.get('a'))).toBe('b');
  });

  it('replaceManifest sets exactly the given keys, and keeps comments and declared dependencies', () => {
    const { description: _gone, ...rest } = stated;
    const result = replaceManifest(files({ 'Chart.yaml': manifest }), {
      ...rest,
      appVersion: '1.10',
      icon: 'x',
    });
    expect(String(result.files.get('Chart.yaml'))).toBe(`# The shop.
apiVersion: v2
name: shop
version: 1.0.0
appVersion: '1.10'  # of the shop
dependencies:
  # what it needs
  - name: db
    version: 1.x.x
icon: x
`);
  });

  it('replaceManifest does not change its input files', () => {
    const given = files({ 'Chart.yaml': manifest });
    replaceManifest(given, { ...stated, version: '2.0.0' });
    expect(String(given.get('Chart.yaml'))).toBe(manifest);
  });
});

describe('replaceValues', () => {
  it('replaceValues writes the values into values.yaml and keeps its comments', () => {
    const result = replaceValues(files({ 'values.yaml': '# head\na: 1 # one\nb: 2\n' }), { a: 3 });
    expect(String(result.files.get('values.yaml'))).toBe('# head\na: 3 # one\n');
  });

  it('replaceValues creates values.yaml if there is none', () => {
    expect(String(replaceValues(files({}), { a: 'yes' }).files.get('values.yaml'))).toBe("a: 'yes'\n");
  });
});
