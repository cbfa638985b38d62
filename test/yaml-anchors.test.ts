import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, planOf } from './support/answers.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded();
  await registry.upload('lib', { name: 'web', version: '1.2.3' });
});
afterAll(() => registry.close());

const send = (path: string, body: string) =>
  registry.api(path, { method: 'POST', headers: { 'Content-Type': 'application/yaml' }, body });

/** Every door that reads a recipe or a part of one. */
const doors = [
  '/spaces/lib/charts',
  '/spaces/lib/charts?dryRun=true',
  '/spaces/lib/charts/web/versions/1.2.3/recompose',
];

/** Writes anchors that each merge the one before, from a map that has `keys`. */
function chain(length: number, merge: (before: string) => string, keys = ''): string[] {
  const links = Array.from({ length }, (_, at) => `    x${at + 1}: &a${at + 1} {<<: ${merge(`*a${at}`)}}`);
  return [`    x0: &a0 {${keys}}`, ...links];
}

/** Writes a recipe whose `save` merges the last anchor, and so lacks its chart unless that has one. */
function recipe(lines: readonly string[], last: string): string {
  return `configs:\n  _config:\n${lines.join('\n')}\nsave: {<<: ${last}}\n`;
}

describe('merges that share maps', () => {
  // A search that visits a shared map once for each way to it would not end.
  it.each([
    [
      'twice in each of 40 levels',
      recipe(
        chain(40, (before) => `[${before}, ${before}]`),
        '*a40',
      ),
    ],
    [
      '100 times in each of 20 levels',
      recipe(
        chain(20, (before) => `[${Array(100).fill(before)}]`),
        '*a20',
      ),
    ],
    [
      'below one another in a list',
      recipe(
        chain(40, (before) => `[{<<: ${before}}, {<<: ${before}}]`),
        '[*a40, *a40]',
      ),
    ],
    [
      'in a chain of 8000 levels',
      recipe(
        chain(8000, (before) => before),
        '*a8000',
      ),
    ],
  ])('%s: the key that is missing is found missing', async (_, text) => {
    const line = text.split('\n').length - 1;
    for (const door of doors.slice(0, 2)) {
      const response = await send(door, text);
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({
        code: 'recipe.invalid',
        details: { pointer: '/save/chart', line, column: 1 },
      });
    }
    expect((await send(doors[2] ?? '', text)).status).toBe(400);
  });

  it('the place of a value behind many merges is where it is written', async () => {
    const links = chain(40, (before) => `[${before}, ${before}]`, 'version: 1.x.x');
    const text = recipe(links, '*a40').replace('save: {', 'save: {chart: shop, ');
    for (const door of doors.slice(0, 2))
      expect((await errorOf(await send(door, text))).details).toMatchObject({
        pointer: '/save/version',
        line: 3,
        column: 23,
      });
  });

  it('an own key wins over a merge before it', async () => {
    const own = 'configs: {_config: {x: &x {chart: 1}}}\nsave:\n  <<: *x\n  version: 1.0.0\n  chart: 2\n';
    expect((await errorOf(await send('/spaces/lib/charts', own))).details).toMatchObject({ line: 5 });
  });
});

describe('merges and aliases that cost more than their text', () => {
  const keys = Array.from({ length: 1000 }, (_, at) => `k${at}: 1`).join();
  const nested = `${'{<<: '.repeat(100)}{${keys}}${'}'.repeat(100)}`;
  const longKeys = Array.from({ length: 1100 }, (_, at) => `    z${at}: {*k : 1}`);

  it.each([
    ['maps that merge maps, level upon level', [`    x: ${nested}`]],
    ['a long key that is repeated', [`    ? &k ${'k'.repeat(1000)}\n    : 1`, ...longKeys]],
    [
      'a list that is merged again and again',
      [`    x: &x {${keys}}`, `    w: {<<: [${Array(60).fill('*x')}]}`],
    ],
  ])('%s: the recipe is refused as too large', async (_, lines) => {
    const text = `configs:\n  _config:\n${lines.join('\n')}\n`;
    for (const door of doors) {
      const response = await send(door, text);
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({
        code: 'request.notYaml',
        message: expect.stringContaining('repeat too much'),
      });
    }
  });

  it('a merge list of more maps than a call has arguments is read', async () => {
    const maps = Array(200_000).fill('{}');
    const text = `configs:\n  _config:\n    x: {<<: [${maps}]}\nsave: {chart: 1}\n`;
    const error = await errorOf(await send('/spaces/lib/charts', text));
    expect(error).toMatchObject({ code: 'recipe.invalid', details: { pointer: '/save/chart', line: 4 } });
  });
});

it('an alias stands for the last anchor before it, also where one lies in another of its name', async () => {
  const text = `save: {chart: shop, version: 1.0.0}
configs:
  package: {independent: true, space: lib, chart: web, version: 1.2.3}
  _config:
    a: &a {b: &a 1, c: *a}
    d: *a
`;
  const { plan } = await planOf(await send('/spaces/lib/charts?dryRun=true', text));
  expect(plan).toMatchObject({ root: { config: { a: { b: 1, c: 1 }, d: 1 } } });
});
