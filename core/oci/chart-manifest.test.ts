import { expect, it } from 'vitest';
import { digestOf } from '../blobs/content.ts';
import { makeChartManifest } from './chart-manifest.ts';

const archive = { digest: digestOf(Buffer.from('archive')), size: 7 };
const provenance = { digest: digestOf(Buffer.from('provenance')), size: 10 };
const createdAt = new Date('2026-01-02T03:04:05.678Z');
const entryOf = (fields: object) =>
  JSON.stringify({ ...fields, urls: ['charts/web-1.0.0.tgz'], created: '2026', digest: 'abc' });

it('a generated chart manifest is as Helm makes it: no media type, layers and annotations in order', () => {
  const entry = entryOf({ name: 'web', version: '1.0.0', apiVersion: 'v2' });
  const { manifest, config } = makeChartManifest({ entry, archive, provenance, createdAt });
  expect(config.toString()).toBe('{"name":"web","version":"1.0.0","apiVersion":"v2"}');
  const document = JSON.parse(manifest.toString());
  expect(Object.keys(document)).toEqual(['schemaVersion', 'config', 'layers', 'annotations']);
  expect(document.config).toEqual({
    mediaType: 'application/vnd.cncf.helm.config.v1+json',
    digest: digestOf(config),
    size: config.length,
  });
  expect(document.layers.map((layer: { digest: string }) => layer.digest)).toEqual(
    [archive.digest, provenance.digest].sort(),
  );
  expect(Object.entries(document.annotations)).toEqual([
    ['org.opencontainers.image.created', '2026-01-02T03:04:05Z'],
    ['org.opencontainers.image.title', 'web'],
    ['org.opencontainers.image.version', '1.0.0'],
  ]);
});

it('generating the manifest of one version twice gives the same bytes', () => {
  const entry = entryOf({ name: 'web', version: '1.0.0', annotations: { b: '1', a: '2' } });
  const [first, second] = [1, 2].map(() =>
    makeChartManifest({ entry, archive, provenance: undefined, createdAt }),
  );
  expect(first?.manifest.equals(second?.manifest ?? Buffer.alloc(0))).toBe(true);
});

it('annotations of a chart manifest have only the texts of Chart.yaml', () => {
  const entry = entryOf({
    name: 'web',
    version: '1.0.0',
    annotations: { a: 1, b: null },
    maintainers: ['x', { name: 'Ann' }],
  });
  const { annotations } = JSON.parse(
    makeChartManifest({ entry, archive, provenance: undefined, createdAt }).manifest.toString(),
  );
  expect(annotations).toMatchObject({ 'org.opencontainers.image.authors': 'Ann' });
  expect(annotations).not.toHaveProperty('a');
});
