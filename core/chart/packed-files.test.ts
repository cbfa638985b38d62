import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChartLimits, defaultChartLimits } from '../archive/limits.ts';
import { packArchive } from '../archive/write-archive.ts';
import { isRegistryError } from '../errors.ts';
import { readChartFiles, summarizeArchive, summarizeChart } from './read-chart.ts';

const manifest = Buffer.from('apiVersion: v2\nname: web\nversion: 1.0.0\n');
const codeOf = (reading: Promise<unknown>) =>
  reading.then(
    (found) => found,
    (error: unknown) => (isRegistryError(error) ? [error.code, error.message] : Promise.reject(error)),
  );
/** Reads files directly, and from their archive. */
async function readBoth(files: Map<string, Buffer>, limits: ChartLimits) {
  return [
    await codeOf(readChartFiles('web', files, limits).then((chart) => summarizeChart(chart))),
    await codeOf(packArchive('web', files).then((packed) => summarizeArchive(packed, limits))),
  ];
}

const name = fc.constantFrom('a', 'templates', 'charts', '_x', 'ü', 'n'.repeat(120));
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const content = fc.oneof(
  fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom('\ufeffa: 1', '\ufeff\ufeffa: 1', 'name: sub\nversion: 1.0.0\n')
    .map((text) => Buffer.from(text)),
);
const limits = fc.record({
  unpacked: fc.integer({ min: 100, max: 4_000 }),
  file: fc.integer({ min: 40, max: 700 }),
  entries: fc.integer({ min: 1, max: 6 }),
});

describe('files of a chart that are not packed', () => {
  it('readPackedFiles reads files as their archive is read, with the same faults and limits', async () => {
    const values = fc.constantFrom('a: 1', '\ufeffa: 1', '\ufeff\ufeffb: 2', 'a: [', '');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(path, content), { maxLength: 6 }),
        values,
        limits,
        async (more, text, given) => {
          const files = new Map<string, Buffer>([
            ['Chart.yaml', manifest],
            ...more,
            ['values.yaml', Buffer.from(text)],
          ]);
          const [direct, packed] = await readBoth(files, { ...defaultChartLimits, ...given });
          expect(direct).toEqual(packed);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('readPackedFiles applies the limits to the files and the archives inside together', async () => {
    const sub = await packArchive('sub', [
      ['Chart.yaml', Buffer.from('apiVersion: v2\nname: sub\nversion: 1.0.0\n')],
      ['values.yaml', Buffer.from('x: 1\n')],
    ]);
    const files = new Map([
      ['Chart.yaml', manifest],
      ['values.yaml', Buffer.from('sub: {x: 2}\n')],
      ['charts/sub.tgz', sub],
    ]);
    const outcomes = new Set<boolean>();
    for (let unpacked = 50; unpacked < 700; unpacked += 1) {
      const [direct, packed] = await readBoth(files, { ...defaultChartLimits, unpacked });
      expect(direct).toEqual(packed);
      outcomes.add(Array.isArray(direct));
    }
    expect(outcomes).toEqual(new Set([true, false]));
  });
});
