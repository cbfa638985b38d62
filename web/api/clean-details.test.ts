import type { FullVersionDetails } from '@helm-registry/client';
import { expect, it } from 'vitest';
import { cleanDetails, readDeclaredDependencies } from './clean-details.ts';

const details: FullVersionDetails = {
  space: 'lib',
  chart: 'web',
  version: '1.0.0',
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  size: 1,
  digest: 'sha256:0',
  signed: false,
  provenance: false,
  composed: false,
  deprecated: false,
  preRelease: false,
  type: 'application',
  keywords: [],
  icon: false,
  sources: [],
  maintainers: [],
  annotations: {},
  dependencies: [],
  files: {},
  counts: { templates: 0, crds: 0, files: 1, subcharts: 0 },
};

it('entries of another type are left out, as a server may send them', () => {
  const sent: FullVersionDetails = JSON.parse(
    JSON.stringify({
      ...details,
      sources: ['https://example.org', 5, null],
      keywords: 'web',
      maintainers: [{ name: 'Ana', url: 7, email: { a: 1 } }, 'Ben', { email: 'x' }],
      annotations: { a: 'b', c: 1, d: ['e'] },
    }),
  );
  expect(cleanDetails(sent)).toMatchObject({
    sources: ['https://example.org'],
    keywords: [],
    maintainers: [{ name: 'Ana', url: '7' }],
    annotations: { a: 'b' },
    annotationLists: { changes: [], links: [], images: [], screenshots: [] },
  });
});

it('declared dependencies are read, whatever else stands there', () => {
  const declared = {
    dependencies: [
      { name: 'db', version: 1, alias: 'store', tags: ['x', 1], enabled: true },
      { name: 'web', tags: 'x' },
      { version: '1' },
      'db',
    ],
  };
  expect(readDeclaredDependencies(declared)).toEqual([
    { name: 'db', version: '1', alias: 'store', tags: ['x'] },
    { name: 'web' },
  ]);
  expect([undefined, 'x', [], { dependencies: {} }].map(readDeclaredDependencies)).toEqual([[], [], [], []]);
});
