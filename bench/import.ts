import { parseArgs } from 'node:util';
import { hasDistribution } from '../test/support/servers/distribution.ts';
import { useBuilt } from './built.ts';
import { fillDistribution } from './import/distribution.ts';
import { makeFolder } from './import/folder.ts';
import { measureImport } from './import/measure-import.ts';
import { fillMuseum } from './import/museum.ts';
import type { ImportSource } from './import/source.ts';
import { describeMachine } from './support.ts';

// Imports a folder of archives, a distribution registry, and tenants of a chart museum, with one command each that is killed in
// the middle and run again, and compares every version with its source (Linux only):
//
// npm run bench:import -- [--from folder --from distribution --from museum] [--archives 161] [--charts 200]
//                         [--versions 15000] [--public FOLDER]
//
// --public names a folder of packaged charts that are the first of the 161. The museum is a second registry of this project,
// which speaks ChartMuseum's interface. The program ends with 1 where a version is missing or not as it was.

const { values } = parseArgs({
  options: {
    from: { type: 'string', multiple: true, default: ['folder', 'distribution', 'museum'] },
    archives: { type: 'string', default: '161' },
    charts: { type: 'string', default: '200' },
    versions: { type: 'string', default: '15000' },
    public: { type: 'string' },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);
const sources: Record<string, () => Promise<ImportSource>> = {
  folder: () => makeFolder(Number(values.archives), values.public),
  distribution: () => fillDistribution(Number(values.charts)),
  museum: () => fillMuseum(Number(values.versions)),
};

await useBuilt();
print(describeMachine());
for (const name of values.from) {
  if (name === 'distribution' && !hasDistribution()) {
    print('left out: distribution: no `distribution` on the PATH');
    continue;
  }
  const open = sources[name];
  if (!open) throw new Error(`there is no source ${name}: expected ${Object.keys(sources).join(', ')}`);
  const source = await open();
  try {
    if (!(await measureImport(source, print))) process.exitCode = 1;
  } finally {
    await source.close();
  }
}
