import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChartLimits, defaultChartLimits } from '../archive/limits.ts';
import { orderChart } from '../archive/order-chart.fixture.ts';
import { packArchive } from '../archive/write-archive.ts';
import { isRegistryError } from '../errors.ts';
import type { Chart } from './chart.ts';
import { readArchiveFiles, readChart, summarizeArchive } from './read-chart.ts';

/** Texts of files by path. */
type Texts = Record<string, string | Buffer>;

/** Packs a chart of the given files, and adds Chart.yaml if it is missing. */
async function packTexts(texts: Texts, name = 'root'): Promise<Buffer> {
  const all: Texts = { 'Chart.yaml': manifestOf(name), ...texts };
  return packArchive(
    name,
    Object.entries(all).map(([path, text]): [string, Buffer] => [path, Buffer.from(text)]),
  );
}

/** Smallest valid Chart.yaml. */
function manifestOf(name: string, more = ''): string {
  return `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`;
}

/** Makes a stream of bytes. */
function streamOf(bytes: Buffer): Readable {
  return Readable.from([bytes]);
}

async function inspect(texts: Texts, limits: ChartLimits = defaultChartLimits) {
  return summarizeArchive(streamOf(await packTexts(texts)), limits);
}

async function refusal(texts: Texts, limits: ChartLimits = defaultChartLimits): Promise<[string, string]> {
  try {
    await inspect(texts, limits);
  } catch (error) {
    if (isRegistryError(error)) return [error.code, error.message];
    throw error;
  }
  return ['accepted', ''];
}

describe('inspectChart', () => {
  it('inspectChart returns name, version, the sorted tree of charts inside, and the values', async () => {
    const b = await packTexts({ 'values.yaml': 'x: 1\n', 'charts/c/Chart.yaml': manifestOf('c') }, 'b');
    const summary = await inspect({
      'Chart.yaml': manifestOf('root', 'dependencies:\n- {name: wished-for, version: 1.0.0}\n'),
      'values.yaml': 'b: {z: 2}\n',
      'charts/z-1.0.0.tgz': b,
      'charts/a/Chart.yaml': manifestOf('a', 'description: first\n'),
    });
    const least = { apiVersion: 'v2', version: '1.0.0' };
    expect(summary).toEqual({
      name: 'root',
      version: '1.0.0',
      metadata: {
        ...least,
        name: 'root',
        dependencies: [
          { ...least, name: 'a', description: 'first' },
          { ...least, name: 'b', dependencies: [{ ...least, name: 'c' }] },
        ],
      },
      helmMetadata: {
        ...least,
        name: 'root',
        dependencies: [{ name: 'wished-for', version: '1.0.0' }],
      },
      values: { a: { global: {} }, b: { x: 1, z: 2, global: {}, c: { global: {} } } },
    });
  });

  it('inspectChart reads an absent or empty values.yaml as an empty map', async () => {
    expect((await inspect({})).values).toEqual({});
    expect((await inspect({ 'values.yaml': '# nothing\n' })).values).toEqual({});
  });

  it('inspectChart ignores a byte-order mark', async () => {
    const summary = await inspect({
      'Chart.yaml': `\uFEFF${manifestOf('root')}`,
      'values.yaml': '\uFEFFa: 1',
    });
    expect([summary.name, summary.values]).toEqual(['root', { a: 1 }]);
  });

  it('inspectChart replaces U+0000 in metadata and values, so that they can be stored', async () => {
    const summary = await inspect({
      'Chart.yaml': manifestOf('root', 'annotations: {"a\\0": "b\\0c"}\n'),
      'values.yaml': 'a: "x\\0"\n"k\\0": [!!binary "7aCA", "\\U0001F600"]\n',
    });
    expect(summary.metadata.annotations).toEqual({ 'a\uFFFD': 'b\uFFFDc' });
    expect(summary.values).toEqual({ a: 'x\uFFFD', 'k\uFFFD': ['\uFFFD\uFFFD\uFFFD', '😀'] });
  });

  it.each<[string, Texts, string, string]>([
    ['no Chart.yaml', { 'Chart.yaml': '', 'values.yaml': '' }, 'chart.invalid', 'name is missing'],
    [
      'a Chart.yaml of more than 1 MiB',
      { 'Chart.yaml': manifestOf('root', `description: ${'x'.repeat(1_048_576)}\n`) },
      'chart.tooLarge',
      '1048576 are allowed',
    ],
    [
      'metadata of more than 1 MiB with the subcharts',
      Object.fromEntries(
        ['a', 'b', 'c'].map((name) => [
          `charts/${name}/Chart.yaml`,
          manifestOf(name, `description: ${'x'.repeat(400_000)}\n`),
        ]),
      ),
      'chart.tooLarge',
      'with its subcharts',
    ],
    ['values that are a list', { 'values.yaml': '- a' }, 'values.invalid', 'values.yaml must be a map'],
    ['half a surrogate pair', { 'values.yaml': 'a: "\\ud800"' }, 'values.invalid', 'half of a pair'],
    ['broken values', { 'values.yaml': 'a: {' }, 'values.invalid', 'line 1'],
    ['a stray file in charts/', { 'charts/README.md': 'x' }, 'chart.invalid', 'charts/README.md/Chart.yaml'],
    ['a folder in charts/ that is no chart', { 'charts/a/b': 'x' }, 'chart.invalid', 'charts/a/Chart.yaml'],
    ['a broken archive in charts/', { 'charts/a.tgz': 'no archive' }, 'archive.notGzip', 'In charts/a.tgz'],
    [
      'a folder called .tgz',
      { 'charts/a.tgz/Chart.yaml': manifestOf('a') },
      'chart.invalid',
      'must be an archive',
    ],
    [
      'a broken subchart',
      { 'charts/a/Chart.yaml': 'name: a' },
      'chart.invalid',
      'charts/a/Chart.yaml: version',
    ],
    [
      "a subchart's broken values",
      { 'charts/a/Chart.yaml': manifestOf('a'), 'charts/a/values.yaml': 'x' },
      'values.invalid',
      'charts/a/values.yaml',
    ],
  ])('inspectChart refuses %s', async (_name, texts, code, message) => {
    const [found, text] = await refusal(texts);
    expect(found).toBe(code);
    expect(text).toContain(message);
  });

  it.each<[string, string, string]>([
    ['nothing of a chart', 'root/README.md', 'The archive has no Chart.yaml in its folder'],
    ['files without a folder', 'README.md', 'The archive has no Chart.yaml in its folder'],
    ['folders of charts', 'charts/web/Chart.yaml', 'no Chart.yaml at its top, but in web'],
    ['a whole repository', 'repo/charts/web/Chart.yaml', 'no Chart.yaml at its top, but in charts/web'],
  ])('inspectChart reports a missing Chart.yaml for an archive with %s', async (_name, path, message) => {
    const [folder = '', ...rest] = path.split('/');
    const packed = await packArchive(folder, [[rest.join('/'), Buffer.from(manifestOf('web'))]]);
    await expect(summarizeArchive(packed, defaultChartLimits)).rejects.toThrow(message);
  });

  it('the limits of an archive include the archives inside', async () => {
    const inner = await packTexts({ a: Buffer.alloc(40_000), b: Buffer.alloc(40_000) }, 'a');
    const texts = { 'charts/a.tgz': inner, c: Buffer.alloc(40_000) };
    const limits: ChartLimits = { packed: 1, unpacked: 125_000, file: 50_000, entries: 6 };
    expect(await refusal(texts, limits)).toEqual(['accepted', '']);
    expect((await refusal(texts, { ...limits, unpacked: 120_000 }))[0]).toBe('archive.tooLarge');
    expect((await refusal(texts, { ...limits, entries: 5 }))[0]).toBe('archive.tooManyEntries');
    expect((await refusal(texts, { ...limits, file: 39_999 }))[0]).toBe('archive.fileTooLarge');
  });

  it('inspectChart refuses charts nested too deep, packed or in folders', async () => {
    let packed = await packTexts({}, 'a');
    for (let level = 0; level < 40; level++) packed = await packTexts({ 'charts/a.tgz': packed }, 'a');
    expect((await refusal({ 'charts/a.tgz': packed }))[1]).toContain('nested more than');
    const folders: Texts = {};
    for (let level = 1; level < 40; level++)
      folders[`${'charts/a/'.repeat(level)}Chart.yaml`] = manifestOf('a');
    expect((await refusal(folders))[1]).toContain('nested more than');
  });
});

describe('readChart', () => {
  it('readChart keeps files of charts/ that are not charts to Helm with the chart', async () => {
    const texts = {
      'charts/_a/x': '1',
      'charts/.b': '2',
      'charts/c-1.tgz.prov': '3',
      'charts/d/Chart.yaml': manifestOf('d'),
    };
    const chart = await readChart(streamOf(await packTexts(texts)), defaultChartLimits);
    expect([...chart.files.keys()]).toEqual([
      'Chart.yaml',
      'charts/_a/x',
      'charts/.b',
      'charts/c-1.tgz.prov',
    ]);
    expect(chart.subcharts.map((subchart) => subchart.name)).toEqual(['d']);
  });

  it('readChart reads requirements.yaml of a v1 chart', async () => {
    const texts = {
      'Chart.yaml': 'name: root\nversion: 1.0.0',
      'requirements.yaml': 'dependencies: [{name: a, alias: b}]',
    };
    const chart = await readChart(
      streamOf(await packTexts({ ...texts, 'charts/a/Chart.yaml': manifestOf('a') })),
      defaultChartLimits,
    );
    expect(chart.dependencies).toEqual([{ name: 'a', alias: 'b' }]);
    expect(chart.apiVersion).toBe('v1');
  });

  it('readChart reads any packed tree of charts, in folders or in archives', async () => {
    const content = fc.dictionary(
      fc.stringMatching(/^(templates\/)?[a-z]{1,8}\.(yaml|bin)$/),
      fc.uint8Array(),
      {
        noNullPrototype: true,
        maxKeys: 4,
      },
    );
    await fc.assert(
      fc.asyncProperty(content, content, content, async (own, inFolder, inArchive) => {
        const [root, folder, archive] = [own, inFolder, inArchive].map(binary);
        const leaf = await packTexts({ ...archive, 'values.yaml': 'a: 1' }, 'leaf');
        const texts: Texts = {
          ...root,
          'values.yaml': 'a: 2',
          'charts/sub/Chart.yaml': manifestOf('sub'),
          'charts/sub/charts/leaf.tgz': leaf,
        };
        for (const [path, bytes] of Object.entries(folder ?? {})) texts[`charts/sub/${path}`] = bytes;
        const first = await readChart(streamOf(await packTexts(texts)), defaultChartLimits);
        const packed = await packArchive('other', orderChart(first));
        expect(await readChart(streamOf(packed), defaultChartLimits)).toEqual(first);
        const leafFiles = first.subcharts[0]?.subcharts[0]?.files;
        for (const [path, bytes] of Object.entries(archive ?? {})) {
          if (path !== 'values.yaml') expect(leafFiles?.get(path)?.equals(bytes)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('two subcharts of one name', () => {
  const rootWith = (dependencies: string) => `apiVersion: v2\nname: root\nversion: 1.0.0\n${dependencies}`;
  const sub = (version: string) => `apiVersion: v2\nname: x\nversion: ${version}\n`;
  const inspect = async (texts: Texts) =>
    summarizeArchive(streamOf(await packTexts(texts)), defaultChartLimits).then(
      () => 'accepted',
      (error: unknown) => {
        if (isRegistryError(error, 'archive.ambiguous')) return error.message;
        throw error;
      },
    );

  it.each([
    ['that nothing declares', '', 'x 1.0.0 and x 2.0.0'],
    ['of which one entry means both', 'dependencies: [{name: x, version: ">=1"}]', 'x 1.0.0 and x 2.0.0'],
    ['of which one is declared', 'dependencies: [{name: x, version: 1.0.0}]', 'x 1.0.0 and x 2.0.0'],
    [
      'of which an alias means both',
      'dependencies: [{name: x, version: ">=1", alias: z}]',
      'renders as "z": x 1.0.0 and x 2.0.0',
    ],
  ])(
    'two subcharts of one name, %s, are refused: Helm takes either by chance, or mixes them',
    async (_name, dependencies, message) => {
      const texts = { 'Chart.yaml': rootWith(dependencies), 'charts/x/Chart.yaml': sub('1.0.0') };
      const unpacked = { ...texts, 'charts/y/Chart.yaml': sub('2.0.0') };
      const packed = { ...texts, 'charts/x-2.tgz': await packTexts({ 'Chart.yaml': sub('2.0.0') }, 'x') };
      for (const chart of [unpacked, packed]) expect(await inspect(chart)).toContain(message);
    },
  );

  it('two subcharts of one name are refused at any depth, also as a folder beside an archive', async () => {
    const deep = {
      'charts/a/Chart.yaml': manifestOf('a'),
      'charts/a/charts/x/Chart.yaml': sub('1.0.0'),
      'charts/a/charts/x-1.0.0.tgz': await packTexts({ 'Chart.yaml': sub('1.0.0') }, 'x'),
    };
    expect(await inspect(deep)).toContain('charts/a/charts/ holds two charts that Helm renders as "x"');
  });

  it('two subcharts of one name are accepted if each has its own alias and version, or one is not a chart to Helm', async () => {
    const aliases = 'dependencies: [{name: x, version: ^1, alias: one}, {name: x, version: ^2, alias: two}]';
    const both = { 'charts/x/Chart.yaml': sub('1.0.0'), 'charts/y/Chart.yaml': sub('2.0.0') };
    expect(await inspect({ 'Chart.yaml': rootWith(aliases), ...both })).toBe('accepted');
    const once = 'dependencies: [{name: x, version: ^1}, {name: x, version: ^1, alias: again}]';
    expect(await inspect({ 'Chart.yaml': rootWith(once), 'charts/x/Chart.yaml': sub('1.0.0') })).toBe(
      'accepted',
    );
    for (const place of ['_x/Chart.yaml', '.x/Chart.yaml', '_x.tgz', '.gitkeep', 'x-1.tgz.prov']) {
      const texts = { 'charts/x/Chart.yaml': sub('1.0.0'), [`charts/${place}`]: sub('2.0.0') };
      expect(await inspect(texts), place).toBe('accepted');
    }
  });

  it('two subcharts of one name have no aliases below a chart that declares nothing, as in Helm', async () => {
    const aliases = 'dependencies: [{name: x, version: ^1, alias: one}, {name: x, version: ^2, alias: two}]';
    const inside = {
      'charts/a/Chart.yaml': `${manifestOf('a')}\n${aliases}`,
      'charts/a/charts/x/Chart.yaml': sub('1.0.0'),
      'charts/a/charts/y/Chart.yaml': sub('2.0.0'),
    };
    expect(await inspect(inside)).toContain('renders as "x"');
    const declared = { 'Chart.yaml': rootWith('dependencies: [{name: a, version: ">=0"}]'), ...inside };
    expect(await inspect(declared)).toBe('accepted');
  });
});

describe('readFiles', () => {
  it('readFiles leaves archives in charts/ packed and reads no YAML', async () => {
    const inner = await packTexts({}, 'a');
    const packed = await packTexts({ 'charts/a.tgz': inner, 'Chart.yaml': ': broken' });
    const files = await readArchiveFiles(streamOf(packed), defaultChartLimits);
    expect(files.get('charts/a.tgz')?.equals(inner)).toBe(true);
  });
});

const real = fileURLToPath(new URL('../../../shared/charts/', import.meta.url));

describe.skipIf(!existsSync(real))(
  'charts in use (skipped where the folder ../shared/charts is absent)',
  () => {
    const archives = existsSync(real) ? readdirSync(real).filter((name) => name.endsWith('.tgz')) : [];

    it.each(archives)('%s is read, packed and read again with the same result', async (archive) => {
      const summary = await summarizeArchive(createReadStream(`${real}${archive}`), defaultChartLimits);
      expect(`${summary.name}-${summary.version}.tgz`).toBe(archive);
      const chart: Chart = await readChart(streamOf(readFileSync(`${real}${archive}`)), defaultChartLimits);
      const again = await packArchive(chart.name, orderChart(chart));
      expect(await summarizeArchive(streamOf(again), defaultChartLimits)).toEqual(summary);
    });
  },
);

function binary(files: Record<string, Uint8Array>): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes)]));
}
