import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChartTree } from './composition.ts';
import { packageFolders, type SourceFolder } from './own-charts.ts';
import { hasHelm, helms } from './program.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const folder = fileURLToPath(new URL('../../helm/charts/', import.meta.url));

/** Charts of `test/helm/charts`, each after those it depends on. */
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
    umbrella: '1.0.0',
  }).map(([name, version]) => [name, { folder: join(folder, name), version }]),
);

/** Opens a workshop with the small charts, packaged by Helm with their dependencies inside. */
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

// Trees of the charts as their Chart.yaml declares them. `inside` takes subcharts out of the parent's archive.

/** Tree of the chart `base`. */
export const base = (inside = false): ChartTree => ({ source: 'base', inside });
/** Tree of the chart `leaf`. */
export const leaf = (inside = false): ChartTree => ({
  source: 'leaf',
  inside,
  children: { base: base(inside) },
});
/** Tree of the chart `db`. */
export const db = (inside = false): ChartTree => ({
  source: 'db',
  inside,
  children: { base: base(inside), leaf: leaf(inside) },
});
/** Tree of the chart `cache`. */
export const cache = (inside = false): ChartTree => ({
  source: 'cache',
  inside,
  children: { store: leaf(inside) },
});
/** Tree of the chart `old`. */
export const old = (inside = false): ChartTree => ({
  source: 'old',
  inside,
  children: { base: base(inside), twig: leaf(inside) },
});

/** Tree of the chart `shop`, with all other charts. */
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
