import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packArchive } from '../../core/archive/write-archive.ts';
import { stringifyYaml } from '../../core/yaml/yaml.ts';
import { metadataOf } from '../support/answers.ts';
import type { TestChart } from '../support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { filesIn } from '../support/files.ts';
import { renderArchive } from '../support/helm/archive.ts';
import { type DeclaringChart, declareIn, makeDeclaringCharts } from '../support/helm/declaring-charts.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { packageFolders } from '../support/helm/own-charts.ts';
import type { Helm } from '../support/helm/program.ts';
import { createRandom, type Random } from '../support/random.ts';

const tops = 8;
const argsOfUsers = [
  [],
  ['--set', 'tags.t1=true,global.on=true,a.enabled=true'],
  ['--set', 'tags.t1=false,leaf_a0.a.n=77,mid-a.leaf-b.enabled=true,mid-a.global.x=5'],
];

let registry: EmbeddedRegistry;
let folder: string;
beforeAll(async () => {
  registry = await startEmbedded();
  folder = await mkdtemp(join(tmpdir(), 'missing-parts-'));
});
afterAll(async () => {
  await registry?.close();
  await rm(folder, { recursive: true, force: true });
});

describeHelms('missing parts', (helm) => {
  const [full, bare, out] = ['full', 'bare', 'out'].map((name) => `${name}-${helm.major}`) as [
    string,
    string,
    string,
  ];

  beforeAll(async () => {
    const random = createRandom(1807);
    for (const level of makeDeclaringCharts(random, tops)) await publishLevel(helm, level, random);
    await registry.api(`/spaces?space=${out}`, { method: 'POST' });
  }, 240_000);

  /** Packages charts by Helm, from the archives of the levels below, and uploads them with and without their parts. */
  async function publishLevel(major: Helm, level: readonly DeclaringChart[], random: Random): Promise<void> {
    const work = await mkdtemp(join(folder, 'level-'));
    const folders: string[] = [];
    for (const declaring of level) {
      const { name, version } = declaring.chart;
      const place = join(work, `${name}-${version}`);
      await writeChart(declareIn(declaring, `${registry.url}/${full}`), place);
      folders.push(place);
    }
    // Helm's package of two versions of one chart has them in one folder, so the folders are packed here.
    await packageFolders(major, folders, join(work, 'packages'), work);
    for (const [index, place] of folders.entries()) {
      const name = level[index]?.chart.name ?? '';
      const files = await readFolder(place);
      const stripped = files.filter(([path]) => !path.endsWith('.tgz') || random.next() < 0.2);
      expect((await registry.upload(full, await packArchive(name, files))).status).toBe(201);
      expect((await registry.upload(bare, await packArchive(name, stripped))).status).toBe(201);
    }
  }

  async function download(space: string, chart: string): Promise<Buffer> {
    const response = await registry.api(`/spaces/${space}/charts/${chart}/versions/1.0.0`);
    expect(response.status).toBe(200);
    return Buffer.from(await response.arrayBuffer());
  }
  const describeIn = async (space: string, chart: string) =>
    metadataOf(await registry.api(`/spaces/${space}/charts/${chart}/versions/1.0.0/manifests/metadata`));

  it.each(Array.from({ length: tops }, (_, index) => `top-${index}`))(
    'a chart without its parts is composed into what `helm dependency build` makes: %s',
    async (chart) => {
      const source = { independent: true, space: bare, chart, version: '1.0.0', subcharts: 'resolve' };
      const body = { save: { chart, version: '1.0.0' }, configs: { package: source } };
      const response = await registry.orchestrate(out, body);
      expect(response.status, await response.clone().text()).toBe(201);
      expect(await describeIn(out, chart)).toEqual(await describeIn(full, chart));
      const [own, composed] = [await download(full, chart), await download(out, chart)];
      for (const args of argsOfUsers) {
        const wanted = await renderArchive(helm, own, ...args);
        expect(wanted.passed, wanted.stderr).toBe(true);
        expect(await renderArchive(helm, composed, ...args)).toEqual(wanted);
      }
    },
    60_000,
  );
});

async function readFolder(place: string): Promise<[string, Buffer][]> {
  const paths = await filesIn(place);
  return Promise.all(
    paths.map(async (path): Promise<[string, Buffer]> => [relative(place, path), await readFile(path)]),
  );
}

async function writeChart(
  { name, version, manifest, values, files }: TestChart,
  place: string,
): Promise<void> {
  const contents = {
    'Chart.yaml': stringifyYaml({ apiVersion: 'v2', name, version: version ?? '1.0.0', ...manifest }),
    'values.yaml': stringifyYaml(values ?? {}),
    ...files,
  };
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), content);
  }
}
