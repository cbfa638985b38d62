import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readableOf } from '../core/blobs/content.ts';
import { readChart } from '../core/chart/read-chart.ts';
import { composePrepared } from '../core/recipe/compose-prepared.ts';
import type { Plan } from '../core/recipe/plan.ts';
import { readSource } from '../core/sources/read-source.ts';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { countTurns } from './support/event-loop.ts';

const keys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
const source = { independent: true, space: 'lib', chart: 'web', version: '1.0.0' };
const version = '/spaces/lib/charts/web/versions/1.0.0';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded();
  const values = { replicas: 1, db: { host: 'here' } };
  expect((await registry.upload('lib', await packChart({ name: 'web', values }))).status).toBe(201);
});
afterAll(() => registry.close());

/** Sends a request, and counts the turns of the event loop until the response. */
async function turnsDuring(send: () => Promise<Response>) {
  const { result, turns } = await countTurns(send);
  return { status: result.status, body: await result.text(), turns };
}

// The work takes a hundred times as long as 20 turns; on the event loop there would be only a few turns between its steps.
const manyTurns = 20;

describe('long work', () => {
  it('an upload of large values does not block the event loop', async () => {
    const values = Array.from({ length: 25_000 }, (_, index) => `k${index}: {a: b}`).join('\n');
    const archive = await packChart({ name: 'many', files: { 'values.yaml': values } });
    const { status, turns } = await turnsDuring(() => registry.upload('lib', archive));
    expect([status, turns > manyTurns]).toEqual([201, true]);
  });

  it('a large rewrite of values does not block the event loop', async () => {
    const wanted = keys(20_000);
    const { status, turns } = await turnsDuring(() =>
      registry.api(`${version}/manifests/values`, { method: 'PUT', body: JSON.stringify(wanted) }),
    );
    expect([status, turns > manyTurns]).toEqual([200, true]);
    expect(await (await registry.api(`${version}/manifests/values`)).json()).toEqual(wanted);
  });

  it('a recipe with a large configuration does not block the event loop', async () => {
    const config = keys(20_000);
    const recipe = {
      save: { chart: 'made', version: '1.0.0' },
      configs: { package: source, _config: config },
    };
    const { status, turns } = await turnsDuring(() => registry.orchestrate('lib', recipe));
    expect([status, turns > manyTurns]).toEqual([201, true]);
    const made = await registry.api('/spaces/lib/charts/made/versions/1.0.0/manifests/values');
    expect(await made.json()).toMatchObject(config);
  });

  it('a large manifest does not block the event loop', async () => {
    const layer = { mediaType: 'application/x', digest: `sha256:${'a'.repeat(64)}`, size: 1 };
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: layer,
      layers: [...Array(20_000).fill(layer), { ...layer, size: -1 }],
    });
    const { status, body, turns } = await turnsDuring(() =>
      registry.request('/v2/lib/any/manifests/many', {
        method: 'PUT',
        headers: { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' },
        body: manifest,
      }),
    );
    expect([status, turns > manyTurns]).toEqual([400, true]);
    expect(body).toContain('layers.20000.size');
  });
});

/** Sends a request, and measures the longest JSON text that the event loop parses or writes until the answer. */
async function longestJsonDuring(send: () => Promise<Response>) {
  let longest = 0;
  const { parse, stringify } = JSON;
  const note = (text: unknown) => {
    if (typeof text === 'string') longest = Math.max(longest, text.length);
  };
  vi.spyOn(JSON, 'parse').mockImplementation((text, reviver) => {
    note(text);
    return parse(text, reviver);
  });
  vi.spyOn(JSON, 'stringify').mockImplementation((value, replacer, space) => {
    // Either of the two overloads: a list of keys, or a function.
    const text = Array.isArray(replacer)
      ? stringify(value, replacer, space)
      : stringify(value, replacer, space);
    note(text);
    return text;
  });
  try {
    const answer = await send();
    await answer.arrayBuffer();
    return { status: answer.status, longest };
  } finally {
    vi.restoreAllMocks();
  }
}

describe('the event loop parses and writes no large JSON', () => {
  const maxJson = 64 * 1024;
  const many = JSON.stringify(keys(8_000));
  const recipe = (chart: string) =>
    `{"save":{"chart":"${chart}","version":"1.0.0"},"configs":{"package":${JSON.stringify(source)},"_config":${many}}}`;
  const post = (path: string, body: string) => registry.api(path, { method: 'POST', body });

  it.each<[string, () => Promise<Response>]>([
    ['a recipe and its job, which is claimed', () => registry.orchestrate('lib', recipe('huge'))],
    ['a dry run', () => post('/spaces/lib/charts?dryRun=true', recipe('dry'))],
    ['a lineage', () => registry.api('/spaces/lib/charts/huge/versions/1.0.0/lineage')],
    ['values', () => registry.api(`${version}/manifests/values`, { method: 'PUT', body: many })],
    ['values that are read', () => registry.api(`${version}/manifests/values`)],
    [
      'a dry run with a large source',
      () => {
        const small = { save: { chart: 'dry', version: '1.0.0' }, configs: { package: source } };
        return post('/spaces/lib/charts?dryRun=true', JSON.stringify(small));
      },
    ],
  ])('the event loop parses and writes no large JSON for %s', async (_, send) => {
    const { status, longest } = await longestJsonDuring(send);
    expect(status).toBeLessThan(300);
    expect(longest).toBeLessThan(maxJson);
  });
});

it('a chart composed in a thread has the bytes of one composed on the event loop', async () => {
  const archive = await packChart({
    name: 'web',
    values: { replicas: 1, list: ['a'] },
    files: { 'templates/a.yaml': 'a: {{ .Values.replicas }}\n' },
  });
  const digest = `sha256:${'0'.repeat(64)}` as const;
  const plan: Plan = {
    space: 'lib',
    chart: 'made',
    version: '2.0.0',
    values: 'merge',
    root: {
      source: { kind: 'stored', space: 'lib', chart: 'web', version: '1.0.0', digest },
      config: { replicas: 3, more: { deep: true } },
      children: [],
    },
  };
  const { charts, limits } = registry.context.jobs;
  const inThread = await charts.compose(plan, async () => archive);
  const { archive: onEventLoop } = await composePrepared(
    plan,
    new Map([[digest, await readSource(archive, limits)]]),
    limits,
  );
  expect(inThread.archive.bytes?.equals(onEventLoop)).toBe(true);
  const chart = await readChart(readableOf(onEventLoop), limits);
  expect(inThread.summary).toMatchObject({ name: chart.name, version: '2.0.0' });
});
