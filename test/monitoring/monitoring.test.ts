import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { describeAlerts, describeMetrics } from '../../cli/monitoring/describe-metrics.ts';
import { writeDashboard } from '../../cli/monitoring/write-dashboard.ts';
import { writeRules } from '../../cli/monitoring/write-rules.ts';
import { type MetricDefinition, metricPrefix } from '../../core/metrics/subject.ts';
import { metricTable, subjects } from '../../core/metrics/subjects.ts';
import { packageFolder } from '../../core/runtime/package-info.ts';
import { isAvailable } from '../support/servers/program.ts';

const read = (path: string) => readFile(new URL(path, packageFolder), 'utf8');
const names = Object.keys(metricTable);
const queries = subjects.flatMap(({ panels }) =>
  panels.flatMap((panel) => panel.queries.map(({ expr }) => expr)),
);
const conditions = subjects.flatMap(({ alerts }) => alerts.map(({ expr }) => expr));

/** Finds the names of metrics in PromQL, without the suffixes of histograms. */
function namesIn(expressions: readonly string[]): Set<string> {
  const found = expressions.flatMap((expr) => [...expr.matchAll(new RegExp(`${metricPrefix}(\\w+)`, 'g'))]);
  return new Set(found.map(([, name = '']) => name.replace(/_(?:bucket|sum|count)$/, '')));
}

it('the dashboard, the alert rules and the tables of the page are those of the list: `npm run docs` writes them', async () => {
  expect(await read('deploy/monitoring/dashboard.json')).toBe(writeDashboard());
  expect(await read('deploy/monitoring/alerts.yaml')).toBe(writeRules());
  const page = await read('docs/monitoring.md');
  expect(page).toContain(`<!-- metrics -->\n${describeMetrics()}\n<!-- /metrics -->`);
  expect(page).toContain(`<!-- alerts -->\n${describeAlerts()}\n<!-- /alerts -->`);
});

it('every metric is on the dashboard, and panels and alerts name metrics of the list alone', () => {
  expect([...namesIn(queries)].sort()).toEqual([...names].sort());
  expect([...namesIn(conditions)].filter((name) => !names.includes(name))).toEqual([]);
  const alerts = subjects.flatMap((subject) => subject.alerts.map(({ name }) => name));
  expect(new Set(alerts).size).toBe(alerts.length);
});

it('counters end in _total, and no metric is by chart or version of a chart', () => {
  const table: Readonly<Record<string, MetricDefinition>> = metricTable;
  for (const [name, { type, labels }] of Object.entries(table)) {
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    const isOfProgram = name === 'build_info';
    expect(labels.filter((label) => label === 'chart' || (label === 'version' && !isOfProgram))).toEqual([]);
  }
});

const rules = z.object({
  groups: z.array(
    z.looseObject({ rules: z.array(z.looseObject({ alert: z.string(), annotations: z.unknown() })) }),
  ),
});
const cases = z.object({
  tests: z.array(z.looseObject({ alert_rule_test: z.array(z.looseObject({ alertname: z.string() })) })),
});

describe.skipIf(!isAvailable('promtool', ['--version']))(
  'promtool (left out where it is not on the PATH)',
  () => {
    const promtool = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
      return { status, output: stdout + stderr };
    };

    it('promtool accepts the rules', async () => {
      const path = new URL('deploy/monitoring/alerts.yaml', packageFolder).pathname;
      expect(promtool('check', 'rules', path)).toEqual({
        status: 0,
        output: expect.stringContaining(`SUCCESS: ${conditions.length} rules found`),
      });
    });

    it('each alert of the rules fires where it should, and not before', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'alerts-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const { groups } = rules.parse(parse(writeRules()));
      // promtool compares whole texts, which would stand in the cases once more.
      for (const rule of groups.flatMap((group) => group.rules)) delete rule.annotations;
      await writeFile(join(folder, 'alerts.yaml'), stringify({ groups }));
      const source = new URL('test/monitoring/alerts.test.yaml', packageFolder);
      await copyFile(source, join(folder, 'cases.yaml'));
      expect(promtool('test', 'rules', join(folder, 'cases.yaml'))).toEqual({
        status: 0,
        output: expect.stringContaining('SUCCESS'),
      });
      const { tests } = cases.parse(parse(await readFile(source, 'utf8')));
      const tested = new Set(tests.flatMap((test) => test.alert_rule_test.map(({ alertname }) => alertname)));
      const alerts = groups.flatMap((group) => group.rules.map(({ alert }) => alert));
      expect(alerts.filter((alert) => !tested.has(alert))).toEqual([]);
    });
  },
);
