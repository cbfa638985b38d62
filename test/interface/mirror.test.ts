import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ChartHost, startChartHost } from '../support/chart-host.ts';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import {
  describeResults,
  mirror,
  outcomesOf,
  putMirror,
  readMirrorOf,
  resultsOf,
  runOnce,
} from '../support/mirrors.ts';
import { descriptor, imageType, openRepository } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { workers: 3, looksOften: true });
});
afterAll(() => registry.close());

const listShape = z.object({ items: z.array(z.string()) });
const namesIn = async (response: Response) => listShape.parse(await response.json()).items;
const bytesOf = async (space: string, chart: string, version: string) =>
  Buffer.from(await (await registry.request(`/${space}/charts/${chart}-${version}.tgz`)).arrayBuffer());
const versionsOf = async (space: string, chart: string) =>
  namesIn(await registry.api(`/spaces/${space}/charts/${chart}/versions?limit=1000`));

/** Starts a host with three charts: one signed, one with dates, one with many versions. */
async function startHost(): Promise<ChartHost> {
  const host = await startChartHost();
  await host.add({ name: 'alpha', version: '1.0.0' }, { created: '2020-02-03T04:05:06Z' });
  await host.add({ name: 'alpha', version: '1.1.0' }, { created: new Date().toISOString() });
  await host.add({ name: 'beta', version: '2.0.0+build.1' });
  for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1', '2.0.0', '3.0.0-rc.1', '3.0.0-rc.2'])
    await host.add({ name: 'many', version });
  return host;
}

describe('a mirror', () => {
  it('a mirror has the bytes, the dates and the versions of its upstream, and serves them when that is gone', async () => {
    const host = await startHost();
    const run = await mirror(registry, 'copy', { url: host.url });
    expect(run).toMatchObject({ state: 'complete', counts: { listed: 9, chosen: 9, stored: 9 } });
    for (const { chart, version, archive } of host.versions)
      expect((await bytesOf('copy', chart, version)).equals(archive), `${chart} ${version}`).toBe(true);
    const index = await (await registry.request('/copy/index.yaml')).text();
    expect(index).toContain('2020-02-03T04:05:06.000Z');
    host.close();
    expect(await runOnce(registry, 'copy')).toMatchObject({
      state: 'failed',
      error: { code: 'upstream.unavailable' },
    });
    expect((await bytesOf('copy', 'alpha', '1.0.0')).length).toBeGreaterThan(0);
    expect((await readMirrorOf(registry, 'copy')).dueAt).not.toBeNull();
  });

  it.each([
    ['a glob', { charts: ['a*'] }, { alpha: ['1.0.0', '1.1.0'] }],
    ['a range', { charts: ['many'], range: '>=1.1.0' }, { many: ['1.1.0', '2.0.0'] }],
    ['the last', { charts: ['many'], last: 1 }, { many: ['2.0.0', '3.0.0-rc.2'] }],
    ['the last releases', { charts: ['many'], last: 2, prereleases: false }, { many: ['1.1.0', '2.0.0'] }],
    ['an age', { charts: ['alpha'], minAgeDays: 2 }, { alpha: ['1.0.0'] }],
  ])('takes what its filters choose: %s', async (name, filters, expected) => {
    const host = await startHost();
    const space = `filter-${name.replaceAll(' ', '-')}`;
    await mirror(registry, space, { url: host.url, every: null, ...filters });
    const charts = await namesIn(await registry.api(`/spaces/${space}/charts`));
    const found = await Promise.all(charts.map(async (chart) => [chart, await versionsOf(space, chart)]));
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it('counts the age of what comes later from when it came, whatever date upstream gives it', async () => {
    const host = await startHost();
    const old = { created: '2020-01-01T00:00:00Z' };
    const settings = { url: host.url, charts: ['alpha'], minAgeDays: 2 };
    await mirror(registry, 'aged', settings);
    await host.add({ name: 'alpha', version: '1.2.0' }, old);
    const waiting = { state: 'complete', counts: { chosen: 1, tooYoung: 2, unchanged: 1 } };
    expect(await runOnce(registry, 'aged')).toMatchObject(waiting);
    // Other bytes are as young as another version, and are reported at once where others are stored.
    const other = await packChart({ name: 'alpha', version: '1.0.0', values: { other: true } });
    host.versions[0] = { chart: 'alpha', version: '1.0.0', archive: other, ...old };
    expect(await runOnce(registry, 'aged')).toMatchObject({ counts: { tooYoung: 2, changed: 1 } });
    const replacing = await mirror(registry, 'aged', { ...settings, overwrite: true });
    expect(replacing).toMatchObject({ counts: { tooYoung: 3, chosen: 0 } });
    expect(await versionsOf('aged', 'alpha')).toEqual(['1.0.0']);
    // Another upstream is examined anew, and so believed once.
    const second = await startHost();
    await second.add({ name: 'alpha', version: '1.2.0' }, old);
    expect(await mirror(registry, 'aged', { ...settings, url: second.url })).toMatchObject({
      counts: { tooYoung: 1, stored: 1 },
    });
    expect(await versionsOf('aged', 'alpha')).toEqual(['1.0.0', '1.2.0']);
  });

  it('asks for an index that has changed alone, and fetches no archive twice', async () => {
    const host = await startHost();
    await mirror(registry, 'thrifty', { url: `${host.url}/index.yaml` });
    const before = host.requests.length;
    expect(await runOnce(registry, 'thrifty')).toMatchObject({ state: 'complete', counts: {} });
    expect(host.requests.slice(before).map(({ path }) => path)).toEqual(['/charts/index.yaml']);
    await host.add({ name: 'alpha', version: '1.2.0' });
    expect(await runOnce(registry, 'thrifty')).toMatchObject({ counts: { stored: 1, unchanged: 9 } });
    expect(host.requests.filter(({ path }) => path === '/charts/alpha-1.0.0.tgz')).toHaveLength(1);
  });

  it('keeps other bytes under a version out and reports them, or takes them where it may', async () => {
    const host = await startHost();
    await mirror(registry, 'changing', { url: host.url, charts: ['alpha'] });
    const kept = await bytesOf('changing', 'alpha', '1.0.0');
    const changed = await packChart({ name: 'alpha', version: '1.0.0', values: { other: true } });
    host.versions[0] = { chart: 'alpha', version: '1.0.0', archive: changed };
    expect(await runOnce(registry, 'changing')).toMatchObject({ counts: { changed: 1, unchanged: 1 } });
    expect((await bytesOf('changing', 'alpha', '1.0.0')).equals(kept)).toBe(true);
    expect(await outcomesOf(registry, 'changing')).toEqual(['alpha 1.0.0 changed', 'alpha 1.1.0 stored']);
    await mirror(registry, 'changing', { url: host.url, charts: ['alpha'], overwrite: true });
    expect((await bytesOf('changing', 'alpha', '1.0.0')).equals(changed)).toBe(true);
    expect(await outcomesOf(registry, 'changing')).toEqual(['alpha 1.0.0 replaced', 'alpha 1.1.0 stored']);
  });

  it('notes what has gone, and deletes it only with prune, and not too much', async () => {
    const host = await startHost();
    await registry.upload('pruned', { name: 'own', version: '1.0.0' });
    await mirror(registry, 'pruned', { url: host.url });
    host.versions.splice(0, 2);
    expect(await runOnce(registry, 'pruned')).toMatchObject({ state: 'complete', counts: { gone: 2 } });
    expect(await versionsOf('pruned', 'alpha')).toEqual(['1.0.0', '1.1.0']);
    const halted = await mirror(registry, 'pruned', { url: host.url, prune: true, mostPruned: 1 });
    expect(halted).toMatchObject({ state: 'incomplete', error: { code: 'mirror.tooManyGone' } });
    expect(await versionsOf('pruned', 'alpha')).toHaveLength(2);
    const run = await mirror(registry, 'pruned', { url: host.url, prune: true });
    expect(run).toMatchObject({ state: 'complete', counts: { pruned: 2 } });
    expect((await registry.api('/spaces/pruned/charts/alpha/versions')).status).toBe(404);
    expect(await versionsOf('pruned', 'own')).toEqual(['1.0.0']);
    // Versions that come back are copied again.
    await host.add({ name: 'alpha', version: '1.1.0' });
    expect(await runOnce(registry, 'pruned')).toMatchObject({ counts: { stored: 1 } });
    expect(await versionsOf('pruned', 'alpha')).toEqual(['1.1.0']);
  });

  it('deletes neither what it has not stored, nor most of what it has', async () => {
    const host = await startHost();
    await registry.upload('careful', { name: 'alpha', version: '1.0.0', values: { own: true } });
    await mirror(registry, 'careful', { url: host.url, prune: true });
    // An own version that upstream has with other bytes, and has no more, is still the owner's.
    host.versions.splice(0, 1);
    expect(await runOnce(registry, 'careful')).toMatchObject({ state: 'complete', counts: { pruned: 0 } });
    expect(await versionsOf('careful', 'alpha')).toEqual(['1.0.0', '1.1.0']);
    host.versions.splice(1);
    const halted = await runOnce(registry, 'careful');
    expect(halted).toMatchObject({ state: 'incomplete', error: { code: 'mirror.tooManyGone' } });
    host.versions.splice(0);
    expect(await runOnce(registry, 'careful')).toMatchObject({ error: { code: 'mirror.tooManyGone' } });
    expect(await versionsOf('careful', 'many')).toHaveLength(6);
  });

  it('keeps what came of each version in each run, by pages and outcomes', async () => {
    const host = await startHost();
    await host.add({ name: 'wrong' }, { digest: '0'.repeat(64) });
    const first = await mirror(registry, 'told', { url: host.url, charts: ['alpha', 'wrong'] });
    const told = (run: { number: number }, query?: string) => resultsOf(registry, 'told', run.number, query);
    expect(describeResults(await told(first))).toEqual([
      'alpha 1.0.0 stored',
      'alpha 1.1.0 stored',
      'wrong 1.0.0 failed digest.mismatch retried',
    ]);
    const page = await told(first, 'outcome=stored&start=1&limit=1');
    expect([page.metadata.total, describeResults(page)]).toEqual([2, ['alpha 1.1.0 stored']]);
    const changed = await packChart({ name: 'alpha', version: '1.0.0', values: { other: true } });
    host.versions.splice(0, 2, { chart: 'alpha', version: '1.0.0', archive: changed });
    const settings = { url: host.url, charts: ['alpha', 'wrong'], every: null };
    // Versions that are still changed or gone are told of by each run that finds them so.
    const second = await mirror(registry, 'told', settings);
    const third = await runOnce(registry, 'told');
    const found = ['alpha 1.0.0 changed', 'alpha 1.1.0 gone', 'wrong 1.0.0 failed digest.mismatch ended'];
    expect(describeResults(await told(second))).toEqual(found);
    expect(describeResults(await told(third))).toEqual(found);
    const pruned = await mirror(registry, 'told', { ...settings, prune: true });
    expect(describeResults(await told(pruned, 'outcome=pruned'))).toEqual(['alpha 1.1.0 pruned']);
    // Later runs leave the results of earlier ones as they were.
    expect(describeResults(await told(first, 'outcome=stored'))).toHaveLength(2);
    const runs = await (await registry.api('/spaces/told/mirror/runs')).json();
    expect(runs).toMatchObject({
      items: [{ hasResults: true, retryAt: null }, {}, {}, { retryAt: expect.any(String) }],
    });
    for (const number of [0, first.number + 1_000_000, 'x', '9'.repeat(30)]) {
      const missing = await registry.api(`/spaces/told/mirror/runs/${number}/results`);
      expect([missing.status, Object(await missing.json()).code]).toEqual([404, 'mirror.runNotFound']);
    }
  });

  it('lets nobody else write into its space, by any interface, until it has ended', async () => {
    const host = await startHost();
    await mirror(registry, 'fenced', { url: host.url, charts: ['alpha'] });
    const archive = await packChart({ name: 'alpha', version: '9.0.0' });
    const other = await packChart({ name: 'alpha', values: { a: 1 } });
    const alpha = openRepository(registry, 'fenced/alpha');
    const subject = descriptor(imageType, await (await alpha.call('manifests/1.0.0')).text());
    const json = { 'Content-Type': 'application/json' };
    const path = '/spaces/fenced/charts/alpha/versions/1.0.0';
    const attempts: [string, () => Promise<Response>][] = [
      ['upload', () => registry.upload('fenced', archive)],
      ['new chart', () => registry.upload('fenced', { name: 'new' })],
      ['replace', () => registry.api(path, { method: 'PUT', body: chartForm(other) })],
      ['delete', () => registry.api(path, { method: 'DELETE' })],
      ['delete chart', () => registry.api('/spaces/fenced/charts/alpha', { method: 'DELETE' })],
      [
        'values',
        () => registry.api(`${path}/manifests/values`, { method: 'PUT', headers: json, body: '{"a":1}' }),
      ],
      ['museum', () => registry.request('/api/fenced/charts', { method: 'POST', body: archive })],
      ['recipe', () => registry.orchestrate('fenced', recipe)],
      ['OCI chart', async () => (await alpha.pushChart(archive, '9.0.0')).response],
      [
        'other manifest',
        async () =>
          (await alpha.pushChart(await bytesOf('fenced', 'alpha', '1.0.0'), '1.0.0', { note: 'moved' }))
            .response,
      ],
      ['OCI tag', async () => (await alpha.pushArtifact('latest', 'layer')).response],
      ['referrer', async () => (await alpha.pushArtifact(undefined, 'layer', { subject })).response],
    ];
    for (const [name, attempt] of attempts) {
      const response = await attempt();
      expect([name, response.status], name).toEqual([name, 409]);
      expect(await response.text(), name).toContain('is a mirror');
    }
    expect(await versionsOf('fenced', 'alpha')).toEqual(['1.0.0', '1.1.0']);
    expect((await registry.api('/spaces/fenced/mirror', { method: 'DELETE' })).status).toBe(204);
    expect((await registry.upload('fenced', archive)).status).toBe(201);
    expect((await registry.api('/spaces/fenced/mirror')).status).toBe(404);
  });

  it('a mirror goes with its space', async () => {
    const host = await startHost();
    await mirror(registry, 'short', { url: host.url });
    expect((await registry.api('/spaces/short', { method: 'DELETE' })).status).toBe(204);
    expect((await registry.upload('short', { name: 'new' })).status).toBe(201);
  });

  it.each([
    [{ url: 'ftp://example.com' }, '/url'],
    [{ url: 'https://user:pass@example.com' }, '/url'],
    [{ url: 'https://example.com/?token=1' }, '/url'],
    [{ url: 'http://10.0.0.1/charts' }, '/url'],
    [{ url: 'https://example.com', range: 'not a range' }, '/range'],
    [{ url: 'https://example.com', charts: ['a b'] }, '/charts'],
    [{ url: 'https://example.com', mostPruned: 5 }, '/mostPruned'],
    [{ url: 'https://example.com', every: 1 }, '/every'],
    [{ url: 'https://example.com', prunes: true }, '/prunes'],
  ])('a mirror is refused with the place of the fault: %j', async (body, pointer) => {
    await registry.api('/spaces?space=refused', { method: 'POST' });
    const response = await putMirror(registry, 'refused', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ details: { pointer } });
  });
});

const recipe = {
  save: { chart: 'made', version: '1.0.0' },
  configs: { package: { independent: true, space: 'fenced', chart: 'alpha', version: '1.0.0' } },
};
