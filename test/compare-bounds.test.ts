import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemActor } from '../core/access/actor.ts';
import { digestOf } from '../core/blobs/content.ts';
import { collectGarbage } from '../core/maintenance/collect.ts';
import { prepareComparison } from '../core/registry/compare-versions.ts';
import { comparisonOf, errorOf } from './support/answers.ts';
import { packChart, type TestChart } from './support/charts.ts';
import { chartOfSize, damage, damages } from './support/damage.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { countTurns } from './support/event-loop.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
});
afterAll(() => registry.close());

let number = 0;

/** Uploads two versions of a new chart. @returns the path of their comparison below `/api/v1` */
async function publishPair(from: Partial<TestChart>, to: Partial<TestChart>): Promise<string> {
  number += 1;
  const name = `pair${number}`;
  for (const [version, chart] of [
    ['1.0.0', from],
    ['2.0.0', to],
  ] as const)
    expect((await registry.upload('lib', await packChart({ name, version, ...chart }))).status).toBe(201);
  return `/spaces/lib/charts/${name}/versions/1.0.0/compare/2.0.0`;
}

async function readText(path: string) {
  const response = await registry.api(path);
  const text = await response.clone().text();
  expect(response.status, text.slice(0, 500)).toBe(200);
  return { bytes: Buffer.byteLength(text), ...(await comparisonOf(response)) };
}

const lines = (count: number, text: (line: number) => string) =>
  Array.from({ length: count }, (_, line) => `${text(line)}\n`).join('');

describe('the bounds of an answer', () => {
  it('hold for a megabyte of lines that are all different, and say so', async () => {
    const path = await publishPair(
      { files: { 'files/a.txt': lines(60_000, (line) => `from ${line} ${'x'.repeat(10)}`) } },
      { files: { 'files/a.txt': lines(60_000, (line) => `to ${line} ${'y'.repeat(10)}`) } },
    );
    const among = await readText(path);
    const file = among.files?.items.find((item) => item.path === 'files/a.txt');
    expect(file).toMatchObject({ truncated: true, change: 'changed' });
    expect(among.truncated).toBe(true);
    expect(file?.diff?.length).toBeGreaterThan(60 * 1024);
    expect(file?.diff?.length).toBeLessThanOrEqual(64 * 1024);
    const alone = await readText(`${path}?file=files/a.txt`);
    expect(alone.files?.items[0]?.diff?.length).toBeGreaterThan(1_000_000);
    expect(alone.bytes).toBeLessThan(1_200_000);
  });

  it('hold for one huge line', async () => {
    const path = await publishPair(
      { files: { 'files/a.txt': 'a'.repeat(5_000_000) } },
      { files: { 'files/a.txt': `${'a'.repeat(4_999_999)}b` } },
    );
    const { files, truncated, bytes } = await readText(`${path}?file=files/a.txt`);
    expect(truncated).toBe(true);
    expect(files?.items).toMatchObject([{ truncated: true, from: { size: 5_000_000 } }]);
    expect(bytes).toBeLessThan(10_000);
  });

  it('hold for thousands of changed files', async () => {
    const files = (text: string) =>
      Object.fromEntries(
        Array.from({ length: 3_000 }, (_, index) => [`files/f${index}.txt`, text.repeat(1_000)]),
      );
    const path = await publishPair({ files: files('a\n') }, { files: files('b\n') });
    const { files: listed, truncated, bytes } = await readText(`${path}?limit=1000`);
    expect([listed?.total, listed?.items.length, truncated]).toEqual([3_001, 1_000, true]);
    expect(bytes).toBeLessThan(2_500_000);
    const last = await readText(`${path}?limit=1000&start=3000`);
    expect(last.files?.items.map(({ diff }) => diff?.length !== 0)).toEqual([true]);
  });

  it('hold for large values and long keys', async () => {
    const key = 'k'.repeat(100_000);
    const values = (text: string) => ({
      large: text.repeat(100_000),
      [key]: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`a${index}`, text])),
      many: Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`b${index}`, text.repeat(10_000)])),
    });
    const path = await publishPair({ values: values('a') }, { values: values('b') });
    const { values: listed, truncated, bytes } = await readText(`${path}?only=values&limit=1000`);
    expect([listed?.total, truncated]).toEqual([901, true]);
    expect(bytes).toBeLessThan(1_300_000);
    const large = listed?.items.find(({ pointer }) => pointer === '/large');
    expect(large).toEqual({ pointer: '/large', change: 'changed', truncated: true });
    expect(listed?.items.find(({ pointer }) => pointer === '/many/b0')?.from).toBe('a'.repeat(10_000));
  });

  it('leave the event loop free', async () => {
    const text = (seed: number) =>
      lines(100_000, (line) => String(Math.imul(line + seed, 0x9e3779b1) >>> 26));
    const path = await publishPair(
      { files: { 'files/a.txt': text(1) } },
      { files: { 'files/a.txt': text(7) } },
    );
    const { result, turns } = await countTurns(() => readText(path));
    expect(result.files?.total).toBe(2);
    // The search alone takes hundreds of milliseconds.
    expect(turns).toBeGreaterThan(20);
  });
});

describe('archives that cannot be read', () => {
  it.each(damages)('a comparison with one that is %s names the fault, on either side', async (how) => {
    const space = how.replaceAll(' ', '-');
    const archive = await chartOfSize('web', false);
    expect((await registry.upload(space, archive)).status).toBe(201);
    expect((await registry.upload(space, { name: 'fine' })).status).toBe(201);
    await damage(registry, digestOf(archive), how);
    const code = how === 'gone' ? 'blob.missing' : 'blob.damaged';
    for (const [from, to] of [
      ['web', 'fine'],
      ['fine', 'web'],
    ]) {
      const response = await registry.api(
        `/spaces/${space}/charts/${from}/versions/1.0.0/compare/1.0.0?chart=${to}`,
      );
      expect(response.status).toBe(500);
      expect(await errorOf(response)).toMatchObject({ code });
    }
  });

  it('archives that cannot be read are looked up again where their version goes before they are read', async () => {
    await publishPair({ values: { a: 1 } }, { values: { a: 2 } });
    const chart = `pair${number}`;
    const ref = (version: string) => ({ space: 'lib', chart, version });
    const prepared = await prepareComparison(
      { ...registry.context.registry, actor: systemActor },
      { from: ref('1.0.0'), to: ref('2.0.0') },
      { start: 0, limit: 10 },
    );
    expect(
      (await registry.api(`/spaces/lib/charts/${chart}/versions/2.0.0`, { method: 'DELETE' })).status,
    ).toBe(204);
    const { registry: parts, store, log } = registry.context;
    await collectGarbage({ ...parts, blobs: store, log }, { graceSeconds: 0 });
    expect(await prepared.compare(async () => undefined)).toBeUndefined();
  });
});
