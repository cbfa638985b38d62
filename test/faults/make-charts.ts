import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contentOf, digestOf } from '../../core/blobs/content.ts';
import { summarizeArchive } from '../../core/chart/read-chart.ts';
import { defaultConfig } from '../../core/config/load.ts';
import { packChart, type TestChart } from '../support/charts.ts';
import type { Random } from '../support/random.ts';
import type { Replacing, Upload } from './operations.ts';

const mebibyte = 1024 * 1024;

/**
 * Makes charts to upload: small ones, some with subcharts, some of several MB. The same random numbers make the same
 * charts. The first three are one of each kind.
 */
export async function makeUploads(random: Random, count: number): Promise<Upload[]> {
  const uploads: Upload[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = `app-${index % Math.ceil(count / 3)}`;
    const version = `1.${Math.floor(index / Math.ceil(count / 3))}.${random.between(0, 9)}`;
    const shape = index < 3 ? index : random.pick([0, 0, 0, 0, 0, 1, 1, 2]);
    const large = shape === 2 ? { 'data/large.bin': random.bytes(random.between(1, 4) * mebibyte) } : {};
    uploads.push(
      await toUpload('lib', {
        name,
        version,
        ...(shape === 1 ? withSubcharts(random) : {}),
        values: { replicas: random.between(1, 9), image: { tag: `v${index}` }, level: 'info' },
        files: {
          'templates/deployment.yaml': `# ${index}\nkind: Deployment\nmetadata:\n  name: ${name}\n`,
          'files/some.bin': random.bytes(random.between(100, 60_000)),
          ...large,
        },
      }),
    );
  }
  return uploads;
}

/** Makes a chart far below every limit. A recipe that uses it a few times exceeds them. */
export function makeWide(): Promise<Upload> {
  const zeros = Buffer.alloc(4 * mebibyte);
  const files = Object.fromEntries(Array.from({ length: 4 }, (_, index) => [`zeros-${index}`, zeros]));
  return toUpload('lib', { name: 'wide', version: '1.0.0', files });
}

/** Makes a version that is replaced `times` times. */
export async function makeReplacing(random: Random, index: number, times: number): Promise<Replacing> {
  const contents: Replacing['contents'] = [];
  for (let turn = 0; turn <= times; turn += 1) {
    const files = { 'files/some.bin': random.bytes(random.between(1_000, 400_000)) };
    const archive = await packChart({ name: `moving-${index}`, values: { turn }, files });
    contents.push({ archive, digest: digestOf(archive) });
  }
  return { kind: 'replacing', ref: { space: 'lib', chart: `moving-${index}`, version: '1.0.0' }, contents };
}

/** Reads every archive of a folder. */
export async function readUploads(folder: string): Promise<Upload[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.tgz')).sort();
  return Promise.all(
    files.map(async (file) => {
      const archive = await readFile(join(folder, file));
      const { name, version } = await summarizeArchive(contentOf(archive).open(), defaultConfigLimits());
      return toOperation({ space: 'public', chart: name, version }, archive, []);
    }),
  );
}

function defaultConfigLimits() {
  const { limitPacked, limitUnpacked, limitFile, limitEntries } = defaultConfig({});
  return { packed: limitPacked, unpacked: limitUnpacked, file: limitFile, entries: limitEntries };
}

function withSubcharts(random: Random): Pick<TestChart, 'manifest' | 'subcharts'> {
  const subcharts = ['log', 'cache'].map((name) => ({
    name,
    version: `0.${random.between(1, 9)}.0`,
    values: { level: 'info', size: random.between(1, 9) },
    files: { 'templates/a.yaml': `kind: ${name}\n` },
  }));
  const dependencies = subcharts.map(({ name, version }) => ({ name, version, condition: `${name}.on` }));
  return { subcharts, manifest: { dependencies } };
}

async function toUpload(space: string, chart: TestChart): Promise<Upload> {
  const inside = (chart.subcharts ?? []).map(({ name, version = '1.0.0' }) => ({ chart: name, version }));
  const ref = { space, chart: chart.name, version: chart.version ?? '1.0.0' };
  return toOperation(ref, await packChart(chart), inside);
}

function toOperation(ref: Upload['ref'], archive: Buffer, inside: Upload['inside']): Upload {
  return { kind: 'upload', ref, archive, digest: digestOf(archive), inside };
}
