import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultChartLimits } from '../../core/archive/limits.ts';
import { packArchive } from '../../core/archive/write-archive.ts';
import { summarizeArchive } from '../../core/chart/read-chart.ts';
import { isRegistryError } from '../../core/errors.ts';
import { hasHelmLoader } from '../support/helm/program.ts';
import { type HelmLoader, startHelmLoader } from './helm-loader.ts';

const times = [
  '2026-01-31T12:00:00Z',
  '"2026-01-31T12:00:00.123456789+02:00"',
  '2026-01-31',
  '2026-01-31t12:00:00z',
  '2026-01-31 12:00:00Z',
  '2024-02-29T1:00:00Z',
  '2100-02-29T01:00:00Z',
  '2026-04-31T01:00:00Z',
  '2026-01-31T12:00:60Z',
  '"2026-01-31T12:00:00.Z"',
  '"2026-01-31T12:00:00,5Z"',
  '"2026-01-31T12:00:00"',
  '"0000-02-29T12:00:00Z"',
  '!!timestamp 2026-01-31T12:00:00Z',
  '12',
  'true',
  '{}',
  '""',
  '~',
];
const entries = [
  'null',
  'a',
  '{}',
  '{name: [a]}',
  '{name: 1, version: 1.10}',
  '{enabled: "x"}',
  '{enabled: yes}',
];
const items = [
  '{alias: "a b"}',
  '{tags: x}',
  '{tags: [null, 1]}',
  '{import-values: x}',
  '{import-values: [{}, 1]}',
];
const wholes = [
  '',
  '#',
  'null',
  '[]',
  'x',
  '{',
  'a: [',
  '"\\/"',
  'a: 1\n---\n[',
  'digest: 1',
  'DIGEST: {}',
  'digest: []',
];

/** Texts of lock files that the YAML reader of Go accepts or refuses. */
const locks = [
  ...wholes,
  ...times.map((time) => `generated: ${time}`),
  ...[...entries, ...items].map((item) => `dependencies: [${item}]`),
  'dependencies: {}',
  'dependencies:',
  'dependencies: [{name: a}, {name: a}]',
];

let loader: HelmLoader;

/** Tells which of Helm 3, Helm 4 and the registry accept a chart with these files. */
async function readByAll(
  files: Record<string, string>,
): Promise<{ helm3: boolean; helm4: boolean; registry: boolean }> {
  const chart = { 'Chart.yaml': 'apiVersion: v2\nname: a\nversion: 1.0.0\n', ...files };
  const archive = await packArchive(
    'a',
    Object.entries(chart).map(([path, text]): [string, Buffer] => [path, Buffer.from(text)]),
  );
  const { helm3, helm4 } = await loader.read(archive);
  const registry = await summarizeArchive(archive, defaultChartLimits).then(
    () => true,
    (error: unknown) => {
      if (isRegistryError(error, 'chart.invalid')) return false;
      throw error;
    },
  );
  return { helm3: helm3.error === undefined, helm4: helm4.error === undefined, registry };
}

describe.skipIf(!hasHelmLoader())('files that Helm parses (left out without helm-loader on the PATH)', () => {
  beforeAll(() => {
    loader = startHelmLoader();
  });
  afterAll(() => loader.close());

  it.each(locks)('a lock file with %j is accepted exactly if Helm accepts it', async (text) => {
    for (const path of ['Chart.lock', 'requirements.lock', 'charts/b/Chart.lock']) {
      const inside = { 'charts/b/Chart.yaml': 'apiVersion: v2\nname: b\nversion: 1.0.0\n' };
      const { helm3, helm4, registry } = await readByAll({ ...inside, [path]: text });
      expect({ path, registry }).toEqual({ path, registry: helm3 });
      expect(helm4).toBe(helm3);
    }
  });

  it.each([
    '- 1',
    'x',
    'type: other',
    'keywords: 5',
    'apiVersion: ""',
    'dependencies: {}',
    'dependencies: [null]',
  ])('requirements.yaml with %j is refused, as by Helm', async (text) => {
    expect(await readByAll({ 'requirements.yaml': text })).toEqual({
      helm3: false,
      helm4: false,
      registry: false,
    });
  });

  it.each(['v3', 'v0', 'V2', 'x'])(
    'apiVersion %s, which Helm 4 does not load, is refused',
    async (apiVersion) => {
      const chart = `apiVersion: ${apiVersion}\nname: a\nversion: 1.0.0\n`;
      expect(await readByAll({ 'Chart.yaml': chart })).toMatchObject({ helm4: false, registry: false });
    },
  );
});
