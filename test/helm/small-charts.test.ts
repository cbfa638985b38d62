import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/yaml/json.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { expectEqual } from '../support/helm/expect-equal.ts';
import { runHelm } from '../support/helm/program.ts';
import { lintCharts, renderPair } from '../support/helm/render.ts';
import { openSmallWorkshop } from '../support/helm/small-charts.ts';
import { plainCompositions } from '../support/helm/small-compositions.ts';
import type { Pair, Workshop } from '../support/helm/workshop.ts';

const refusal = 'a value that a schema refuses';

/** Arguments and values that a user gives Helm, the same for both charts. */
const inputs: { name: string; charts: string[]; args?: string[]; values?: JsonObject }[] = [
  { name: 'nothing', charts: plainCompositions.map(({ chart }) => chart) },
  {
    name: 'conditions and tags that turn subcharts off and on',
    charts: ['as-written', 'renamed-to-any-depth'],
    args: ['--set', 'db.enabled=false,tags.rare=true,old.twig.enabled=false,extras.enabled=false'],
  },
  {
    name: 'conditions in globals',
    charts: ['as-written', 'renamed-to-any-depth', 'of-the-days-of-requirements'],
    args: [
      '--set',
      'global.databases=false,global.twigs=false,tags.caches=false,hot.enabled=true,warm.enabled=true',
    ],
  },
  {
    name: 'values for every level',
    charts: ['as-written', 'out-of-its-archive'],
    values: {
      replicas: 7,
      global: { labels: { tier: 'Grüße' }, storage: { class: 'fast' } },
      pool: { max: 50 },
      db: {
        auth: { password: 'known' },
        leaf: { size: 5, base: { suffix: 'given' }, tree: { b: { c: 3 } } },
      },
      hot: { memory: 256, store: { tree: { a: [1, { b: 2 }] } } },
      old: { octal: '0644', twig: { list: [] } },
      base: { nameOverride: 'override' },
    },
  },
  {
    name: 'null for keys to remove',
    charts: ['as-written', 'out-of-its-archive'],
    values: {
      db: { auth: { user: null }, leaf: { tree: { b: null }, base: { suffix: null } } },
      hot: { store: { list: null } },
      old: { date: null },
      global: { storage: { size: null } },
    },
  },
  {
    name: 'null in the place of a map',
    charts: ['as-written'],
    args: ['--set', 'hot.store.tree=null,pool=null,db.exports=null'],
  },
  {
    name: refusal,
    charts: ['as-written', 'of-the-days-of-requirements'],
    args: ['--set', 'strict.replicas=0,replicas=-1,x.mode=slow'],
  },
];

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openSmallWorkshop();
});
afterAll(() => workshop?.close());

describeHelms('a composed chart', (helm) => {
  let pairs: Map<string, Pair>;
  beforeAll(async () => {
    pairs = await workshop.pair(helm, plainCompositions);
  });
  const pairOf = (chart: string): Pair => pairs.get(chart) ?? { composed: '', own: '' };

  describe.each(inputs)('given $name', ({ name, charts, args = [], values }) => {
    it.each(charts)(`a composed chart renders as Helm's own, given ${name}: %s`, async (chart) => {
      const all = [...args];
      if (values) {
        const file = join(workshop.folder, `${chart}.json`);
        await writeFile(file, JSON.stringify(values));
        all.push('-f', file);
      }
      const rendered = await renderPair(helm, pairOf(chart), workshop.folder, { own: all, composed: all });
      if (name !== refusal) return expectEqual(rendered);
      expect(rendered.differences).toEqual([]);
      expect(rendered.own).toMatchObject({ passed: false, stderr: expect.stringContaining('schema') });
    });
  });

  it('a composed chart is linted as the one of Helm', async () => {
    const composed = [...pairs.values()].map((pair) => pair.composed);
    const own = [...pairs.values()].map((pair) => pair.own);
    const messages = await lintCharts(helm, [...composed, ...own], workshop.folder);
    expect(messages.size).toBe(2 * pairs.size);
    for (const [chart, pair] of pairs) {
      expect(messages.get(pair.composed), chart).toBe(messages.get(pair.own));
      expect(messages.get(pair.own), chart).not.toContain('[ERROR]');
    }
  });

  // Helm 3 needs a cluster even for a dry run of `install`.
  if (helm.major === 3) return;
  it('a composed chart prints the notes of the one of Helm', async () => {
    const print = (chart: string) =>
      runHelm(
        helm,
        ['install', 'demo', chart, '--namespace', 'apps', '--dry-run=client', '--render-subchart-notes'],
        workshop.folder,
      );
    for (const chart of ['as-written', 'renamed-to-any-depth']) {
      const { own, composed } = pairOf(chart);
      const [wanted, printed] = await Promise.all([print(own), print(composed)]);
      expect(notesOf(wanted.stdout)).toContain(`${chart} is open.`);
      expect(notesOf(printed.stdout)).toEqual(notesOf(wanted.stdout));
    }
  });
});

/** Sorts the lines of the notes, because Helm prints those of subcharts in random order. */
function notesOf(output: string): string[] {
  return output.slice(output.indexOf('\nNOTES:')).split('\n').sort();
}
