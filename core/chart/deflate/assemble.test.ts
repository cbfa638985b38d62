import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packArchive } from '../archive-write.ts';
import type { Chart } from '../chart.ts';
import { applySplices, type Edit } from '../splices.ts';
import { type ArchiveFile, arrangeArchive, orderOf, type Ready } from './arrange.ts';
import { assembleArchive } from './assemble.ts';
import { combineCrc, crcShift } from './crc.ts';
import { preparePieces } from './prepare-pieces.ts';

/** Text like a chart's, or noise; some of it longer than deflate reaches back. */
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
  const said = { name, version: '1.0.0' };
  const rest = { apiVersion: 'v2', manifest: said, dependencies: [], values: {}, subcharts: [] };
  return { ...said, ...rest, files: new Map(Object.entries(files)) };
}

const charts = fc
  .dictionary(names, content, { noNullPrototype: true, minKeys: 1 })
  .map((files) => chartOf('one', files));

/** Splices at shares of a file's length. */
const splices = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    gone: fc.nat({ max: 40 }),
    text: fc.string({ maxLength: 60 }),
  }),
  { maxLength: 3 },
);

type Wish = { at: number; gone: number; text: string }[];

function editOf(source: Buffer, wishes: Wish): Edit {
  const made: Edit['splices'][number][] = [];
  let free = 0;
  for (const { at, gone, text: added } of [...wishes].sort((left, right) => left.at - right.at)) {
    const from = Math.max(free, Math.floor(at * source.length));
    const to = Math.min(source.length, from + gone);
    made.push({ from, to, bytes: Buffer.from(added) });
    free = to;
  }
  return { source, splices: made, segments: new Map() };
}

async function assemble(
  folder: string,
  files: ArchiveFile[],
  ready: Ready,
): Promise<{ ours: Buffer; plain: Buffer }> {
  const arrangement = arrangeArchive(folder, files, ready);
  return { ours: await assembleArchive(arrangement), plain: await packArchive(folder, orderOf(arrangement)) };
}

describe('an assembled archive', () => {
  it('holds what the plain road packs, whatever the files, twice in one archive and spliced', async () => {
    await fc.assert(
      fc.asyncProperty(charts, charts, splices, async (one, two, wishes) => {
        const pieces = new Map([...preparePieces(one), ...preparePieces(two)]);
        const values = one.files.get('values.yaml');
        const edits = new Map<Buffer, Edit>();
        const files = [one, two, one].flatMap((chart, index): ArchiveFile[] => {
          return [...chart.files].map(([path, bytes]) => [`charts/${index}/${path}`, bytes] as const);
        });
        if (values) {
          const edit = editOf(values, wishes);
          const edited = applySplices(edit);
          edits.set(edited, edit);
          files.push(['values.yaml', edited]);
        }
        const { ours, plain } = await assemble('shop', files, { pieces, edits });
        expect(gunzipSync(ours).equals(gunzipSync(plain))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same bytes from pieces that were made again', async () => {
    const files = { 'values.yaml': Buffer.from(text(4_000, 1)), 'README.md': Buffer.from(text(3_000, 2)) };
    const [one, two] = [chartOf('one', files), chartOf('other', { ...files })].map((chart) => {
      const given = [...chart.files].map(([path, bytes]) => [path, Buffer.from(bytes)] as const);
      return { ...chart, files: new Map(given) };
    });
    if (!one || !two) throw new Error('there are two');
    const [ours, others] = await Promise.all(
      [one, two].map((chart) =>
        assemble('shop', [...chart.files], { pieces: preparePieces(chart), edits: new Map() }),
      ),
    );
    expect(ours?.ours.equals(others?.ours ?? Buffer.alloc(0))).toBe(true);
  });

  it('uses what was deflated before, wherever the file stands', () => {
    const one = chartOf('one', {
      'values.yaml': Buffer.from(text(400, 1)),
      'README.md': Buffer.from(text(30_000, 2)),
      'templates/a.yaml': Buffer.from(text(5_000, 3)),
    });
    const ready = { pieces: preparePieces(one), edits: new Map() };
    const files = [...one.files].map(([path, bytes]) => [`charts/renamed/${path}`, bytes] as const);
    expect(arrangeArchive('shop', files, ready).fresh).toEqual([]);
  });

  it('deflates afresh what is small, so that it is no larger than in one stream', async () => {
    const small = chartOf('small', {
      'values.yaml': Buffer.from(text(100, 1)),
      'a.txt': Buffer.from(text(100, 2)),
    });
    expect(preparePieces(small).size).toBe(0);
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`templates/${index}.yaml`, Buffer.from(text(20, index))]),
    );
    const chart = chartOf('many', { ...many, 'README.md': Buffer.from(text(2_000, 5)) });
    const { ours, plain } = await assemble('many', [...chart.files], {
      pieces: preparePieces(chart),
      edits: new Map(),
    });
    expect(ours.length).toBeLessThan(1.03 * plain.length);
  });
});

describe('combineCrc', () => {
  it('gives the CRC of both together', async () => {
    const { crc32 } = await import('node:zlib');
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array({ maxLength: 5_000 }), (first, second) => {
        const together = crc32(Buffer.concat([first, second]));
        expect(combineCrc(crc32(first), crc32(second), crcShift(second.length))).toBe(together);
      }),
    );
  });
});
