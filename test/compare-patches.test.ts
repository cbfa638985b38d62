import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparisonOf, linkOf } from './support/answers.ts';
import { packChart, type TestChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { hasPublicCharts, publicArchives } from './support/helm/public-charts.ts';
import { missingForPatches } from './support/patch-programs.ts';

// Proves diffs by programs of others: `patch` makes the second chart of the first one, and `diff` finds nothing left.
const hasPrograms = missingForPatches().length === 0;

let registry: EmbeddedRegistry;
let folder: string;
beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
  folder = mkdtempSync(join(tmpdir(), 'registry-compare-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await registry.close();
});

/** Uploads an archive. @returns the names of its version */
async function upload(archive: Buffer, space = 'lib') {
  const response = await registry.upload(space, archive);
  expect(response.status, await response.clone().text()).toBe(201);
  return linkOf(response);
}

/** Reads all changed files of two versions; a file whose diff is cut is asked for alone. */
async function readFiles(from: Awaited<ReturnType<typeof upload>>, to: typeof from) {
  const path = `/spaces/${from.space}/charts/${from.chart}/versions/${from.version}/compare/${to.version}`;
  const ask = async (query: string) => {
    const response = await registry.api(`${path}?space=${to.space}&chart=${to.chart}&limit=1000&${query}`);
    return (await comparisonOf(response)).files?.items ?? [];
  };
  const files = await ask('only=files');
  return Promise.all(
    files.map(async (file) => {
      if (!file.truncated) return file;
      const [alone] = await ask(`file=${encodeURIComponent(file.path)}`);
      return alone ?? file;
    }),
  );
}

/** Unpacks an archive. @returns the folder of the chart */
function unpack(archive: Buffer, name: string): string {
  const parent = mkdtempSync(join(folder, 'chart-'));
  execFileSync('tar', ['-xzf', '-', '-C', parent], { input: archive });
  return join(parent, name);
}

/** Patches the first chart by the diffs, and returns what `diff -r` says of the result and the second chart. */
async function differenceAfterPatch(from: Buffer, to: Buffer): Promise<string> {
  const [left, right] = [await upload(from, 'from'), await upload(to, 'to')];
  const patched = unpack(from, left.chart);
  const wanted = unpack(to, right.chart);
  const files = await readFiles(left, right);
  expect(files.filter(({ truncated }) => truncated)).toEqual([]);
  const patch = files.map(({ diff }) => diff ?? '').join('');
  if (patch !== '') {
    const options = ['-p1', '--binary', '--fuzz=0', '--silent', '--no-backup-if-mismatch', '-d', patched];
    execFileSync('patch', options, { input: patch });
  }
  for (const { path, binary } of files) {
    if (!binary) continue;
    rmSync(join(patched, path), { force: true });
    rmSync(join(wanted, path), { force: true });
  }
  const rest = spawnSync('diff', ['-r', patched, wanted], { encoding: 'utf8' }).stdout;
  // Folders that have lost their last file stay empty, and an archive has none.
  const faults = rest.split('\n').filter((line) => !isEmptyFolder(line));
  return faults.join('\n');
}

/** Whether a line of `diff -r` is about a folder without a file. */
function isEmptyFolder(line: string): boolean {
  const [, parent, name] = /^Only in (.*): (.*)$/.exec(line) ?? [];
  if (parent === undefined || name === undefined) return false;
  const path = join(parent, name);
  if (!statSync(path).isDirectory()) return false;
  const entries = readdirSync(path, { withFileTypes: true, recursive: true });
  return entries.every((entry) => entry.isDirectory());
}

describe.skipIf(!hasPrograms)('diffs that patch applies', () => {
  const lines = (count: number, change: (line: number) => string) =>
    Array.from({ length: count }, (_, line) => change(line)).join('\n');
  const pair = (files: [string, string, string][]): [TestChart, TestChart] => {
    const side = (which: 1 | 2): TestChart => ({
      name: 'web',
      version: `${which}.0.0`,
      values: { side: which },
      files: Object.fromEntries(
        files.flatMap((file) => (file[which] === 'absent' ? [] : [[file[0], file[which]]])),
      ),
    });
    return [side(1), side(2)];
  };

  it('make every file of the second chart, however odd', async () => {
    const [from, to] = pair([
      ['templates/moved lines.yaml', lines(400, String), lines(400, (line) => String((line * 7) % 400))],
      ['templates/crlf.yaml', 'a\r\nb\r\n', 'a\r\nc\r\n'],
      ['templates/no-end.yaml', 'a\nb', 'a\nb\n'],
      ['templates/end.yaml', 'a\nb\n', 'a\nc'],
      ['files/new.txt', 'absent', 'a\n\n\n'],
      ['files/gone.txt', 'a\nb\n', 'absent'],
      ['files/filled.txt', '', 'now\n'],
      ['files/emptied.txt', 'once\n', ''],
      ['files/ö ü.txt', 'ä\n', 'ß\n'],
      ['files/"quoted"\t.txt', 'a\n', 'b\n'],
      ['files/marks.txt', '--- a\n+++ b\n@@ -1 +1 @@\n', '--- a\n+++ c\n@@ -1 +1 @@\n'],
      ['files/long.txt', lines(20_000, (line) => `line ${line}`), lines(20_000, (line) => `row ${line}`)],
      ['files/some.bin', '\0a', '\0b'],
    ]);
    expect(await differenceAfterPatch(await packChart(from), await packChart(to))).toBe('');
  });

  const archives = publicArchives();
  it.skipIf(!hasPublicCharts).each(archives)(
    'make another public chart of $name $version',
    async ({ name, path }) => {
      const next = archives[(archives.findIndex((other) => other.name === name) + 1) % archives.length];
      const [from, to] = await Promise.all([readFile(path), readFile(next?.path ?? path)]);
      await registry.api('/spaces/from', { method: 'DELETE' });
      await registry.api('/spaces/to', { method: 'DELETE' });
      expect(await differenceAfterPatch(from, to)).toBe('');
    },
  );
});
