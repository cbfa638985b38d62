import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../embedded.ts';
import { type Composition, recipeOf } from './composition.ts';
import { packageOwn, type SourceFolder } from './own-charts.ts';
import type { Helm } from './program.ts';

/** Paths of a composed archive and of Helm's archive of the same sources. */
export interface Pair {
  composed: string;
  own: string;
}

/** Registry with source charts, and a folder for files. */
export interface Workshop {
  /** Empty folder for Helm and for files. */
  folder: string;
  upload(archive: Buffer): Promise<void>;
  /** Composes over HTTP. @returns the path of the downloaded archive */
  compose(composition: Composition): Promise<string>;
  /** Composes all compositions, and packages the same with Helm. */
  pair(helm: Helm, compositions: readonly Composition[]): Promise<Map<string, Pair>>;
  close(): Promise<void>;
}

/**
 * Opens a workshop on a new registry.
 * @param sources folders of the charts to compose from, by name; the caller uploads their archives
 */
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
        // Compose once for both Helms.
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
