import { readFile } from 'node:fs/promises';
import { packChart } from '../../test/support/charts.ts';
import { publicArchives } from '../../test/support/helm/public-charts.ts';
import { editChart } from '../edit-chart.ts';

/** Database of the walk, which is examined, compared and renamed. */
export const database = 'postgresql';

/** Charts of the umbrella; the database is the first. */
export const composed = [database, 'redis', 'nginx', 'rabbitmq'] as const;

/** Archives of the walk. */
export interface WalkCharts {
  /** Whether they are public charts. */
  arePublic: boolean;
  /** First versions of all charts, and a second one of the database. */
  first: Buffer[];
  /** Version of a source that comes once the umbrella is composed. */
  newer: Buffer;
}

/** Reads public charts where their folder is there, or makes charts of those names. */
export async function readWalkCharts(): Promise<WalkCharts> {
  const found = publicArchives();
  const arePublic = composed.every((chart) => found.some(({ name }) => name === chart));
  const first = arePublic
    ? await Promise.all(found.map(({ path }) => readFile(path)))
    : await Promise.all([...composed, 'kafka', 'mariadb', 'mongodb'].map(makeChart));
  const names = arePublic ? found.map(({ name }) => name) : [...composed];
  const [old, cache] = [first[names.indexOf(database)], first[names.indexOf('redis')]];
  if (!old || !cache) throw new Error('the charts of the walk are not there');
  return { arePublic, first: [...first, await makeNext(old)], newer: await makeNext(cache) };
}

/** Makes the next minor version of a chart: a value more, and a word in each third template. */
function makeNext(archive: Buffer): Promise<Buffer> {
  let templates = 0;
  return editChart(archive, raiseMinor, (path, text) => {
    if (path === 'values.yaml') return `${text}\nwalked: true\n`;
    if (!path.startsWith('templates/') || ++templates % 3 !== 0) return undefined;
    return text.replace('\n', '\n# walked\n');
  });
}

function raiseMinor(version: string): string {
  const [major, minor] = version.split('.');
  return `${major}.${Number(minor) + 1}.0`;
}

function makeChart(name: string): Promise<Buffer> {
  const auth = { username: '', password: '', database: '' };
  return packChart({
    name,
    version: '1.2.0',
    manifest: { description: `${name} for the walk`, keywords: ['walk'] },
    values: { auth, replicaCount: 1, image: { repository: `example/${name}`, tag: '1.0' } },
    files: {
      'README.md': `# ${name}\n\nHow to install it.\n`,
      'templates/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n',
    },
  });
}
