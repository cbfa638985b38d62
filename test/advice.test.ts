import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { startRegistry, type TestRegistry } from './support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  await registry.upload('lib', await packChart({ name: 'web' }));
});
afterAll(() => registry.close());

const from = { independent: true, space: 'lib', chart: 'web', version: '1.0.0' };
const save = { chart: 'app', version: '1.0.0' };
const nest = (depth: number): object =>
  depth === 0 ? { package: from } : { package: from, [`n${depth}`]: nest(depth - 1) };
const deepConfig = (depth: number): object => (depth === 0 ? {} : { a: deepConfig(depth - 1) });

/** Matches advice to the client: an imperative, or the value that is expected. */
const advice = /\b(?:Write|Make|Give|Choose|Leave|Compose|Name|Send|Did you mean|Known are|must be)\b/;

describe('the refusal of a recipe', () => {
  it.each<[string, unknown, string]>([
    [
      'a value where a child has its values',
      { save, configs: { package: from, _config: { image: 'nginx' }, image: { package: from } } },
      '/configs/_config/image',
    ],
    [
      'a list where a child has its values',
      { save, configs: { package: from, _config: { image: [] }, image: { package: from } } },
      '/configs/_config/image',
    ],
    [
      'a value further down',
      {
        save,
        configs: { package: from, _config: { a: { b: 1 } }, a: { package: from, b: { package: from } } },
      },
      '/configs/_config/a/b',
    ],
    [
      'a child named global',
      { save, configs: { package: from, global: { package: from } } },
      '/configs/global',
    ],
    [
      'a child named as one above',
      { save, configs: { package: from, app: { package: from } } },
      '/configs/app',
    ],
    ['a child with a dot', { save, configs: { package: from, 'a.b': { package: from } } }, '/configs/a.b'],
    [
      'itself as a source',
      { save: { chart: 'web', version: '1.0.0' }, configs: { package: from } },
      '/configs/package',
    ],
    [
      'a root out of a parent',
      { save, configs: { package: { ...from, independent: false } } },
      '/configs/package/independent',
    ],
    ['nodes too deep', { save, configs: nest(40) }, ''],
    ['a configuration too deep', { save, configs: { package: from, _config: deepConfig(120) } }, ''],
    ['a misspelt key', { save, configs: { package: { ...from, verson: '1' } } }, '/configs/package/verson'],
    [
      'a word for subcharts',
      { save, configs: { package: { ...from, subcharts: 'all' } } },
      '/configs/package/subcharts',
    ],
    ['a mode of values', { save: { ...save, values: 'mix' }, configs: { package: from } }, '/save/values'],
    ['no version', { save: { chart: 'app' }, configs: { package: from } }, '/save/version'],
    [
      'half a character',
      { save: { ...save, description: '\ud800' }, configs: { package: from } },
      '/save/description',
    ],
    ['a NUL', { save, configs: { package: from, _config: { a: 'x\0' } } }, '/configs/_config/a'],
    ['a list as body', [], ''],
  ])('the refusal of a recipe for %s says how to correct it', async (_, body, pointer) => {
    const response = await registry.orchestrate('lib', body);
    const { message, details } = await errorOf(response);
    expect([response.status, message]).toEqual([400, expect.stringMatching(advice)]);
    expect(details?.pointer ?? '').toContain(pointer);
  });

  it('the refusal of a value at the key of a child names value and child, and says why Helm needs a map', async () => {
    const configs = { package: from, _config: { image: 'nginx' }, image: { package: from } };
    const { message } = await errorOf(await registry.orchestrate('lib', { save, configs }));
    expect(message).toBe(
      '/configs/_config/image must be an object or null, not a string: the recipe has a child image, so Helm reads this key as the values of that child and fails on anything else. Write an object here, or give the child another name',
    );
  });
});

describe('the refusal of an upload', () => {
  const form = (field: string, bytes: Uint8Array<ArrayBuffer>) => {
    const body = new FormData();
    body.set(field, new Blob([bytes]));
    return body;
  };
  it.each<[string, () => RequestInit]>([
    ['no file', () => ({ body: form('file', new Uint8Array(1)) })],
    ['an empty file', () => ({ body: form('chartfile', new Uint8Array()) })],
    ['a file that is no archive', () => ({ body: form('chartfile', new Uint8Array(600)) })],
    [
      'a form without its boundary',
      () => ({ body: 'x', headers: { 'content-type': 'multipart/form-data' } }),
    ],
  ])('the refusal of %s says what to send instead', async (_, init) => {
    const response = await registry.api('/spaces/lib/charts', { method: 'POST', ...init() });
    const { message } = await errorOf(response);
    expect([response.status, message]).toEqual([400, expect.stringMatching(/\b(?:Send|Pack|Let)\b/)]);
  });

  it('the refusal of an archive that is cut off says to send or pack it again', async () => {
    const archive = await packChart({ name: 'cut', values: { a: 1 } });
    const response = await registry.upload('lib', archive.subarray(0, archive.length - 20));
    expect([response.status, (await errorOf(response)).message]).toEqual([
      400,
      expect.stringMatching(/Send it again|Pack the chart/),
    ]);
  });
});
