import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readableOf } from '../../blobs/content.ts';
import type { Chart } from '../../chart/chart.ts';
import { createArchiveBudget, defaultChartLimits } from '../limits.ts';
import { readArchive } from '../read-archive.ts';
import { applySplices, type Edit } from '../splices.ts';
import { packArchive } from '../write-archive.ts';
import { arrangeArchive, filesInArchiveOrder } from './arrange.ts';
import { assembleArchive } from './assemble.ts';
import { combineCrc, crcMultiplierFor } from './crc.ts';
import { type ArchivePart, filesOfPart, type PreparedSources } from './parts.ts';
import { preparePieces } from './prepare-pieces.ts';

/** Contents like a chart's texts, or noise; some are longer than deflate's window. */
const content = fc.oneof(
  { weight: 1, arbitrary: fc.constant(Buffer.alloc(0)) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 3_000 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.nat({ max: 3_000 }), fc.nat())
      .map(([lines, seed]) => Buffer.from(text(lines, seed))),
  },
);

function text(lines: number, seed: number): string {
  let state = seed;
  const words = [
    '## @param',
    'name:',
    'image:',
    '{{ .Values.x }}',
    'replicas',
    'the',
    'of',
    'true',
    '""',
    '- ',
  ];
  return Array.from({ length: lines }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return `${' '.repeat(state >>> 30)}${words[(state >>> 20) % 10]} ${words[(state >>> 12) % 10]} ${state >>> 24}\n`;
  }).join('');
}

/** Words without numbers: all short texts come again and again, and none of them long. */
function fewWords(count: number, seed: number): string {
  let state = seed;
  const words = 'name value spec labels metadata container image port volume mount include template'.split(
    ' ',
  );
  return Array.from({ length: count }, (_, index) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return `${words[(state >>> 16) % words.length]}${index % 9 === 8 ? '\n' : ' '}`;
  }).join('');
}

const names = fc.constantFrom(
  'Chart.yaml',
  'values.yaml',
  'README.md',
  'templates/a.yaml',
  'templates/b.yaml',
  'templates/deep/er/c.yaml',
  'crds/ü.yaml',
  `files/${'long'.repeat(30)}/${'x'.repeat(60)}`,
  `files/${'toolong'.repeat(40)}`,
  'files/logo.png',
  'files/empty',
  'charts/_x/y',
);

function chartOf(name: string, files: Record<string, Buffer>): Chart {
  const identity = { name, version: '1.0.0' };
  const rest = { apiVersion: 'v2', manifest: identity, dependencies: [], values: {}, subcharts: [] };
  return { ...identity, ...rest, files: new Map(Object.entries(files)) };
}

const charts = fc
  .dictionary(names, content, { noNullPrototype: true, minKeys: 1 })
  .map((files) => chartOf('one', files));

/** Splices at fractions of a file's length. */
const splices = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat({ max: 40 }),
    text: fc.string({ maxLength: 60 }),
  }),
  { maxLength: 3 },
);

type SpliceSpecs = { at: number; removed: number; text: string }[];

function editOf(source: Buffer, specs: SpliceSpecs): Edit {
  const result: Edit['splices'][number][] = [];
  let free = 0;
  for (const { at, removed, text: added } of [...specs].sort((left, right) => left.at - right.at)) {
    const from = Math.max(free, Math.floor(at * source.length));
    const to = Math.min(source.length, from + removed);
    result.push({ from, to, bytes: Buffer.from(added) });
    free = to;
  }
  return { source, splices: result };
}

async function assemble(
  folder: string,
  parts: ArchivePart[],
  sources: PreparedSources,
): Promise<{ ours: Buffer; plain: Buffer }> {
  const arrangement = arrangeArchive(folder, parts, sources);
  return {
    ours: await assembleArchive(arrangement),
    plain: await packArchive(folder, filesInArchiveOrder(arrangement)),
  };
}

function partOf(prefix: string, { files }: Chart, made: [string, Buffer][] = []): ArchivePart {
  return { prefix, source: files, made: new Map(made), keeps: () => true };
}

function prepare(...all: Chart[]): PreparedSources['pieces'] {
  return new Map(all.map(({ files }) => [files, preparePieces(files)]));
}

/** Reads the paths and contents of an archive, by the registry's reader of any archive. */
async function unpack(archive: Buffer): Promise<Record<string, string>> {
  const files = await readArchive(readableOf(archive), createArchiveBudget(defaultChartLimits));
  return Object.fromEntries([...files].map(([path, bytes]) => [path, bytes.toString('base64')]));
}

describe('an assembled archive', () => {
  it('assembles the tar archive that packArchive packs, for any files, repeated charts and edits', async () => {
    await fc.assert(
      fc.asyncProperty(charts, charts, splices, splices, async (one, two, valuesSplices, manifestSplices) => {
        const edits = new Map<Buffer, Edit>();
        const change = (path: string, specs: SpliceSpecs): [string, Buffer][] => {
          const content = one.files.get(path);
          if (!content) return [];
          const edit = editOf(content, specs);
          const edited = applySplices(edit);
          edits.set(edited, edit);
          return [[path, edited]];
        };
        const made = [...change('values.yaml', valuesSplices), ...change('Chart.yaml', manifestSplices)];
        const parts = [partOf('', one, made), partOf('charts/a/', two), partOf('charts/b/', one)];
        const { ours, plain } = await assemble('shop', parts, { pieces: prepare(one, two), edits });
        expect(gunzipSync(ours).equals(gunzipSync(plain))).toBe(true);
        const wanted = parts.flatMap(filesOfPart).map(([path, bytes]) => [path, bytes.toString('base64')]);
        expect(await unpack(ours)).toEqual(Object.fromEntries(wanted));
        // The edits now have cached deflated results.
        const again = await assemble('shop', parts, { pieces: prepare(one, two), edits });
        expect(again.ours.equals(ours)).toBe(true);
      }),
      { numRuns: 80 },
    );
  }, 300_000);

  it('assembles the tar archive that packArchive packs, in any folder', async () => {
    const one = chartOf('one', {
      'Chart.yaml': Buffer.from('name: one\n'),
      'values.yaml': Buffer.from(text(400, 1)),
      'README.md': Buffer.from(text(9_000, 2)),
      'files/empty': Buffer.alloc(0),
      'files/noise': Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * at * 31) & 255)),
      'templates/a.yaml': Buffer.from(text(50, 3)),
      'templates/b.yaml': Buffer.from(text(60, 3)),
    });
    const sources = { pieces: prepare(one), edits: new Map() };
    const names = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,170}$/);
    await fc.assert(
      fc.asyncProperty(names, async (folder) => {
        const { ours, plain } = await assemble(folder, [partOf('', one)], sources);
        expect(gunzipSync(ours).equals(gunzipSync(plain))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('assembles the same bytes from pieces that were prepared again', async () => {
    const files = { 'values.yaml': Buffer.from(text(4_000, 1)), 'README.md': Buffer.from(text(3_000, 2)) };
    const [one, two] = [chartOf('one', files), chartOf('other', { ...files })].map((chart) => {
      const copies = [...chart.files].map(([path, bytes]) => [path, Buffer.from(bytes)] as const);
      return { ...chart, files: new Map(copies) };
    });
    if (!one || !two) throw new Error('two charts were made');
    const [ours, others] = await Promise.all(
      [one, two].map((chart) =>
        assemble('shop', [partOf('', chart)], { pieces: prepare(chart), edits: new Map() }),
      ),
    );
    expect(ours?.ours.equals(others?.ours ?? Buffer.alloc(0))).toBe(true);
  });

  it('uses the pieces of a chart wherever it stands in the archive', () => {
    const one = chartOf('one', {
      'values.yaml': Buffer.from(text(400, 1)),
      'README.md': Buffer.from(text(30_000, 2)),
      'templates/a.yaml': Buffer.from(text(5_000, 3)),
    });
    const arrangement = arrangeArchive('shop', [partOf('charts/renamed/', one)], {
      pieces: prepare(one),
      edits: new Map(),
    });
    expect(arrangement.fresh).toEqual([]);
  });

  it('writes charts of the same few words from pieces, since their copies save little', async () => {
    const charts = [3_000, 4_000].map((count, index) =>
      chartOf(`chart-${index}`, {
        'values.yaml': Buffer.from('a: 1\n'),
        'README.md': Buffer.from(fewWords(count, index)),
        'templates/a.yaml': Buffer.from(fewWords(count, index + 7)),
      }),
    );
    const parts = charts.map((chart, index) => partOf(index === 0 ? '' : `charts/${index}/`, chart));
    const sources = { pieces: prepare(...charts), edits: new Map() };
    expect(arrangeArchive('shop', parts, sources).fresh).toEqual([]);
    const { ours, plain } = await assemble('shop', parts, sources);
    expect(ours.length).toBeLessThan(1.03 * plain.length);
  });

  it('assembles an archive below 1.03 times one stream where an edit removes what the rest copies from', async () => {
    const twin = text(400, 1);
    const values = Buffer.from(`first:\n${twin}second:\n${twin}`);
    const chart = chartOf('twins', { 'values.yaml': values, 'README.md': Buffer.from(text(50, 2)) });
    const edit = { source: values, splices: [{ from: 0, to: 7 + twin.length, bytes: Buffer.alloc(0) }] };
    const edited = applySplices(edit);
    const part = { ...partOf('', chart), made: new Map([['values.yaml', edited]]) };
    const sources = { pieces: prepare(chart), edits: new Map([[edited, edit]]) };
    const { ours, plain } = await assemble('shop', [part], sources);
    expect(ours.length).toBeLessThan(1.03 * plain.length);
  });

  it('assembles an archive below 1.03 times one stream where dropped charts leave equal ones side by side', async () => {
    const shared = text(700, 1);
    const small = chartOf('small', { 'templates/a.yaml': Buffer.from(shared) });
    const between = chartOf('between', {
      'templates/a.yaml': Buffer.from(shared),
      'templates/b.yaml': Buffer.from(fewWords(9_000, 3)),
    });
    const parts = [small, between, small].map((chart, index) =>
      partOf(index === 0 ? '' : `charts/${index}/`, chart),
    );
    const sources = { pieces: prepare(small, between), edits: new Map() };
    const { ours, plain } = await assemble('shop', parts, sources);
    expect(ours.length).toBeLessThan(1.03 * plain.length);
  });

  it('assembles an archive below 1.03 times the size of one stream, also of small and similar charts', async () => {
    const small = chartOf('small', {
      'values.yaml': Buffer.from(text(100, 1)),
      'a.txt': Buffer.from(text(100, 2)),
    });
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`templates/${index}.yaml`, Buffer.from(text(20, index))]),
    );
    const chart = chartOf('many', { ...many, 'README.md': Buffer.from(text(2_000, 5)) });
    const sources = { pieces: prepare(small, chart), edits: new Map() };
    const wholes = [[small], [chart], [small, small, small], [chart, small, chart]];
    for (const whole of wholes) {
      const parts = whole.map((one, index) => partOf(index === 0 ? '' : `charts/${index}/`, one));
      const { ours, plain } = await assemble('shop', parts, sources);
      expect(ours.length).toBeLessThan(1.03 * plain.length);
    }
  });
});

describe('combineCrc', () => {
  it('combines two CRCs into the CRC of both parts', async () => {
    const { crc32 } = await import('node:zlib');
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array({ maxLength: 5_000 }), (first, second) => {
        const together = crc32(Buffer.concat([first, second]));
        expect(combineCrc(crc32(first), crc32(second), crcMultiplierFor(second.length))).toBe(together);
      }),
    );
  });
});
