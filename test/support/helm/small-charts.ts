import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChartTree } from './composition.ts';
import { packageFolders, type SourceFolder } from './own-charts.ts';
import { hasHelm, helms } from './program.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const folder = fileURLToPath(new URL('../../helm/charts/', import.meta.url));

/** The charts of `test/helm/charts`, those that others depend on first. */
export const smallCharts: ReadonlyMap<string, SourceFolder> = new Map(
  Object.entries({
    base: '1.4.0',
    leaf: '0.3.1',
    db: '2.1.0+build.7',
    cache: '3.0.0-rc.1',
    old: '1.9.0',
    extras: '0.0.9',
    media: '5.0.0',
    strict: '1.0.0',
    shop: '1.0.0',
  }).map(([name, version]) => [name, { folder: join(folder, name), version }]),
);

/** A workshop with the small charts as their authors would upload them: packaged by a Helm, with their dependencies inside. */
export async function openSmallWorkshop(): Promise<Workshop> {
  const helm = helms.find(hasHelm);
  if (!helm) throw new Error('there is no Helm on the PATH');
  const workshop = await openWorkshop(smallCharts);
  const work = join(workshop.folder, 'authors');
  await mkdir(work);
  await cp(folder, work, { recursive: true });
  const packages = join(work, 'packages');
  const folders = [...smallCharts.keys()].map((name) => join(work, name));
  await packageFolders(helm, folders, packages, workshop.folder);
  for (const [name, { version }] of smallCharts) {
    await workshop.upload(await readFile(join(packages, `${name}-${version}.tgz`)));
  }
  return workshop;
}

// The trees that the charts' authors have in mind. `inside` has them taken out of the parent's archive.

export const base = (inside = false): ChartTree => ({ source: 'base', inside });
export const leaf = (inside = false): ChartTree => ({
  source: 'leaf',
  inside,
  children: { base: base(inside) },
});
export const db = (inside = false): ChartTree => ({
  source: 'db',
  inside,
  children: { base: base(inside), leaf: leaf(inside) },
});
export const cache = (inside = false): ChartTree => ({
  source: 'cache',
  inside,
  children: { store: leaf(inside) },
});
export const old = (inside = false): ChartTree => ({
  source: 'old',
  inside,
  children: { base: base(inside), twig: leaf(inside) },
});

/** A shop as its author has it. */
export const shop = (inside = false): ChartTree => ({
  source: 'shop',
  children: {
    base: base(inside),
    db: db(inside),
    hot: cache(inside),
    cold: cache(inside),
    old: old(inside),
    extras: { source: 'extras', inside },
    media: { source: 'media', inside },
    strict: { source: 'strict', inside },
  },
});
