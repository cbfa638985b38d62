import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../embedded.ts';
import { type Composition, recipeOf } from './composition.ts';
import { packageOwn, type SourceFolder } from './own-charts.ts';
import type { Helm } from './program.ts';

/** A chart of a registry's, and what Helm makes of the same sources. */
export interface Pair {
  composed: string;
  own: string;
}

/** A registry with source charts in it, and a folder to work in. */
export interface Workshop {
  /** An empty folder for Helm and for files. */
  folder: string;
  upload(archive: Buffer): Promise<void>;
  /** Composes through the front door, and gives the path of the downloaded archive. */
  compose(composition: Composition): Promise<string>;
  /** Composes all, and has Helm package the same. */
  pair(helm: Helm, compositions: readonly Composition[]): Promise<Map<string, Pair>>;
  close(): Promise<void>;
}

/** @param sources the charts to compose from, by name, as folders; their archives are to be uploaded. */
export async function openWorkshop(sources: ReadonlyMap<string, SourceFolder>): Promise<Workshop> {
  const folder = await mkdtemp(join(tmpdir(), 'helm-registry-helm-'));
  const registry = await startEmbedded();
  const composed = new Map<string, Promise<string>>();

  async function compose(composition: Composition): Promise<string> {
    const versions = new Map([...sources].map(([name, { version }]) => [name, version]));
    await expectOk(await registry.orchestrate('lib', recipeOf(composition, 'lib', versions)));
    const path = `/spaces/lib/charts/${composition.chart}/versions/7.0.0`;
    const response = await expectOk(await registry.api(path));
    const file = join(folder, `${composition.chart}-7.0.0.tgz`);
    await writeFile(file, Buffer.from(await response.arrayBuffer()));
    return file;
  }

  return {
    folder,
    compose,
    async upload(archive) {
      await expectOk(await registry.upload('lib', archive));
    },
    async pair(helm, compositions) {
      const work = await mkdtemp(join(folder, `own-${helm.major}-`));
      await mkdir(work, { recursive: true });
      const own = await packageOwn(helm, compositions, sources, work);
      const pairs = new Map<string, Pair>();
      for (const composition of compositions) {
        const { chart } = composition;
        // Both Helms read the same archive.
        const archive = composed.get(chart) ?? compose(composition);
        composed.set(chart, archive);
        pairs.set(chart, { composed: await archive, own: own.get(chart) ?? '' });
      }
      return pairs;
    },
    async close() {
      await registry.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function expectOk(response: Response): Promise<Response> {
  if (response.status === 201 || response.status === 200) return response;
  throw new Error(`the registry answered ${response.status}: ${await response.text()}`);
}
