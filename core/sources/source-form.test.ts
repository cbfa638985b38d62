import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { expect, it } from 'vitest';
import { defaultChartLimits as limits } from '../archive/limits.ts';
import { packArchive } from '../archive/write-archive.ts';
import { preparedFormNumber } from '../registry/derived-blobs.ts';
import { isLargeSource } from './large-sources.ts';
import { readSource } from './read-source.ts';
import { decodeForm, encodeForm, serializeUncompressed } from './source-form.ts';

/** Chart with what a prepared form has: a body, coded and loose files, anchors, comments, flow maps, a subchart. */
const files = new Map<string, Buffer>([
  ['Chart.yaml', Buffer.from('apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n  - name: db\n')],
  [
    'values.yaml',
    Buffer.from('# about\nbase: &base {a: 1, b: [x, y]}\ncopy: *base\ntext: |\n  lines\n  more\nratio: .5\n'),
  ],
  ['templates/service.yaml', Buffer.from('kind: Service\n'.repeat(40))],
  ['README.md', Buffer.from('# read me\n'.repeat(100))],
  ['charts/db/Chart.yaml', Buffer.from('apiVersion: v2\nname: db\nversion: 2.0.0\n')],
  ['charts/db/values.yaml', Buffer.from('replicas: 1\nauth:\n  user: me # not root\n')],
]);
const source = await readSource(await packArchive('web', files), limits);

it('a prepared form with another content or layout has another number', () => {
  const digest = createHash('sha256').update(serializeUncompressed(source)).digest('hex');
  // Where the digest differs, raise `preparedFormNumber` in core/registry/derived-blobs.ts: stored forms are then made
  // anew.
  expect([preparedFormNumber, digest]).toEqual([
    2,
    'ecbb3bde576defb32a923b043e422edd651a61d3ac0f98d78551922075541cd8',
  ]);
});

it('a prepared form gives the source that it was made from', async () => {
  expect(await decodeForm(await encodeForm(source))).toEqual(source);
});

it('a prepared form keeps the identity of the values that its editables share with the chart', async () => {
  const decoded = await decodeForm(await encodeForm(source));
  if (isLargeSource(decoded)) throw new Error('a large source came, known by its size only');
  const file = decoded.chart.files.get('values.yaml');
  expect(file && decoded.prepared.editables.get(file)?.value).toBe(decoded.chart.values);
});

it('a large source has only its size in its prepared form', async () => {
  expect(await decodeForm(await encodeForm({ unpacked: 5 }))).toEqual({ unpacked: 5 });
});

it.each([
  ['bytes that are not compressed', Buffer.from('no form')],
  ['bytes that are cut off', (await encodeForm(source)).subarray(0, 400)],
  ['other compressed bytes', await promisify(deflate)('no form')],
  ['a large source without its size', await encodeForm(JSON.parse('{}'))],
])('refuses %s as a prepared form', async (_, bytes) => {
  await expect(decodeForm(bytes)).rejects.toThrow();
});
