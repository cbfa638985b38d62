import { setTimeout as wait } from 'node:timers/promises';
import {
  charts,
  type HostileKind,
  json,
  keys,
  kind,
  recipe,
  source,
  space,
  statusOf,
  type Target,
} from './kind.ts';

const yaml = { 'Content-Type': 'application/yaml' };

/** Makes kinds that send recipes. */
export function recipeKinds({ client: { api, orchestrate } }: Target): HostileKind[] {
  const many = JSON.stringify(keys(60_000));
  const fewer = JSON.stringify(keys(20_000));
  const deep = `${'{"a":'.repeat(60)}1${'}'.repeat(60)}`;
  const send = (body: string, headers: Record<string, string> = { Prefer: 'wait=20' }) =>
    orchestrate(space, body, headers);
  const dryRun = (body: string, headers = json) =>
    api(`${charts}?dryRun=true`, { method: 'POST', headers, body });
  const range = Array.from({ length: 20_000 }, (_, index) => `>=1.0.${index} <2`).join(' || ');
  const longNames = recipeOfNames();
  return [
    kind('recipe of 60,000 keys', (round) => send(recipe('many', round, many))),
    kind('recipe of 20,000 keys', (round) => send(recipe('fewer', round, fewer))),
    kind('dry run of 20,000 keys', (round) => dryRun(recipe('dry', round, fewer))),
    kind('recipe that is no JSON', () => send(`${recipe('none', 0, many)}}`)),
    kind('recipe nested 60 deep', (round) => send(recipe('deep', round, deep), {})),
    kind('recipe with a range of 400 KB', () =>
      dryRun(
        JSON.stringify({
          save: { chart: 'ranged', version: '1.0.0' },
          configs: { package: rangedSource(range) },
        }),
      ),
    ),
    kind('dry run of template names of 4 MB', () => dryRun(longNames(0))),
    kind('recipe of template names of 4 MB', (round) => send(longNames(round))),
    {
      name: 'recipes nobody waits for',
      send: (round) =>
        Promise.all(
          Array.from({ length: 20 }, async (_, index) => {
            const stop = new AbortController();
            const body = recipe(`left-${index}`, round, '{"a":1}');
            const headers = { ...json, Prefer: 'wait=30' };
            const sending = api(charts, { method: 'POST', headers, body, signal: stop.signal });
            const left = wait(20).then(() => stop.abort());
            // A wait that was given up counts as 0.
            const status = await statusOf(sending).catch(() => 0);
            await left;
            return status;
          }),
        ),
    },
    ...yamlBombs().map(([name, body]) => kind(`YAML recipe: ${name}`, () => dryRun(body, yaml))),
  ];
}

function rangedSource(range: string): object {
  return source('templates', range);
}

/** Writes a recipe whose children define a template of a huge name in two ways, one after the other. */
function recipeOfNames(): (round: number) => string {
  const children = Array.from({ length: 20 }, (_, index) => [
    `child${index}`,
    { package: source(index % 2 === 0 ? 'names-one' : 'names-two') },
  ]);
  const configs = Object.fromEntries(children);
  return (round) =>
    JSON.stringify({ save: { chart: `named-${round % 10}`, version: '1.0.0', replace: true }, configs });
}

/** Writes recipes whose aliases and merges stand for far more than their text. */
function yamlBombs(): [name: string, body: string][] {
  const wrap = (lines: readonly string[], last: string) =>
    `configs:\n  _config:\n${lines.map((line) => `    ${line}\n`).join('')}save: {<<: ${last}}\n`;
  const chain = (length: number, merge: (before: string) => string) => [
    'x0: &a0 {k: v}',
    ...Array.from({ length }, (_, at) => `x${at + 1}: &a${at + 1} ${merge(`*a${at}`)}`),
  ];
  const many = Array.from({ length: 1_000 }, (_, at) => `k${at}: 1`).join();
  return [
    [
      'aliases ten times in ten levels',
      wrap(
        chain(10, (before) => `[${Array(10).fill(before)}]`),
        '{chart: 1}',
      ),
    ],
    [
      'merges twice in 40 levels',
      wrap(
        chain(40, (before) => `{<<: [${before}, ${before}]}`),
        '*a40',
      ),
    ],
    [
      'merges in a chain of 8,000',
      wrap(
        chain(8_000, (before) => `{<<: ${before}}`),
        '*a8000',
      ),
    ],
    ['merges 5,000 times', wrap([`x: &x {${many}}`, `w: {<<: [${Array(5_000).fill('*x')}]}`], '*x')],
    ['merges of 200,000 maps', wrap([`x: &x {<<: [${Array(200_000).fill('{}')}]}`], '*x')],
  ];
}
