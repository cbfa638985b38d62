import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packChart, type TestChart } from '../support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { type GuardedRegistry, startGuarded, type TestToken } from '../support/guarded.ts';
import { mirror, outcomesOf, putMirror, readMirrorOf, runOnce } from '../support/mirrors.ts';
import {
  chartTypes,
  descriptor,
  digest,
  imageType,
  indexOf,
  indexType,
  openRepository,
  tagsOf,
} from '../support/oci.ts';

// The registry is upstream and mirror: a proxy is between the two, which counts requests and makes faults.
let registry: EmbeddedRegistry;
let guarded: GuardedRegistry;
let reader: TestToken;
beforeAll(async () => {
  registry = await startEmbedded({}, { looksOften: true });
  guarded = await startGuarded({}, { worker: false });
  await guarded.addSpace('closed', 'private');
  const user = await guarded.addUser('reader');
  await guarded.setRole(user, 'closed', 'reader');
  reader = await guarded.addToken(user);
  await guarded.admin.upload('closed', { name: 'web' });
});
afterAll(async () => {
  await registry.close();
  await guarded.close();
});

const hostOf = (proxy: FaultyProxy) => new URL(proxy.url).host;
const settingsOf = (proxy: FaultyProxy, space: string, more: object = {}) => ({
  ...{ url: `oci://${hostOf(proxy)}/${space}`, plainHttp: true, every: null },
  ...more,
});
const push = async (
  space: string,
  chart: TestChart,
  options: { provenance?: string; note?: string } = {},
) => {
  const tag = (chart.version ?? '1.0.0').replaceAll('+', '_');
  const pushed = await openRepository(registry, `${space}/${chart.name}`).pushChart(
    await packChart(chart),
    tag,
    options,
  );
  expect(pushed.response.status).toBe(201);
  return pushed;
};
const manifestIn = async (repository: string, reference: string) => {
  const response = await openRepository(registry, repository).call(`manifests/${reference}`);
  return { status: response.status, body: await response.text() };
};
const cosignTag = (of: string) => `${of.replace(':', '-')}.sig`;
const asked = (proxy: FaultyProxy, from = 0) =>
  proxy.requests.slice(from).map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);

describe('a mirror of charts in an OCI registry', () => {
  it('a mirror of charts in an OCI registry has manifests, blobs and signatures byte for byte, asks once for a known tag, and serves alone', async () => {
    const proxy = await startFaultyProxy(registry.url);
    const first = await push('up', { name: 'web' }, { note: '2020-02-03T04:05:06Z' });
    const second = await push('up', { name: 'web', version: '1.1.0+build.1' });
    const up = openRepository(registry, 'up/web');
    const subject = descriptor(imageType, first.body);
    const attested = await up.pushArtifact(undefined, 'attestation', { subject });
    const signed = await up.pushArtifact(cosignTag(first.digest), 'signature');
    const wanted = settingsOf(proxy, 'up', { charts: ['web'] });
    expect(await mirror(registry, 'copy', wanted)).toMatchObject({
      state: 'complete',
      counts: { listed: 2, chosen: 2, stored: 2 },
    });
    expect(await manifestIn('copy/web', '1.0.0')).toEqual({ status: 200, body: first.body });
    expect(await manifestIn('copy/web', second.digest)).toEqual({ status: 200, body: second.body });
    expect(await manifestIn('copy/web', '1.1.0_build.1')).toEqual({ status: 200, body: second.body });
    expect(await manifestIn('copy/web', cosignTag(first.digest))).toEqual({ status: 200, body: signed.body });
    const copy = openRepository(registry, 'copy/web');
    const { manifests } = await indexOf(await copy.call(`referrers/${first.digest}`));
    expect(manifests.map((referrer) => referrer.digest)).toEqual([attested.digest]);
    expect(await (await copy.call(`blobs/${digest('attestation')}`)).text()).toBe('attestation');
    expect(await (await registry.request('/copy/index.yaml')).text()).toContain('2020-02-03T04:05:06');

    const before = proxy.requests.length;
    expect(await runOnce(registry, 'copy')).toMatchObject({ state: 'complete', counts: { unchanged: 2 } });
    expect(asked(proxy, before).sort()).toEqual([
      'GET /v2/up/web/tags/list',
      'HEAD /v2/up/web/manifests/1.0.0',
      'HEAD /v2/up/web/manifests/1.1.0_build.1',
      `HEAD /v2/up/web/manifests/${cosignTag(first.digest)}`,
    ]);

    // A further signature under the tag of the first.
    const again = await up.pushArtifact(cosignTag(first.digest), 'two signatures');
    expect(await runOnce(registry, 'copy')).toMatchObject({ state: 'complete', counts: { unchanged: 2 } });
    expect(await manifestIn('copy/web', cosignTag(first.digest))).toEqual({ status: 200, body: again.body });

    proxy.decide(() => ({ kind: 'reset' }));
    expect(await runOnce(registry, 'copy')).toMatchObject({
      state: 'failed',
      error: { code: 'upstream.unavailable' },
    });
    expect(await manifestIn('copy/web', '1.0.0')).toEqual({ status: 200, body: first.body });
  });

  it('takes what its filters choose from the catalogue, and skips what is no chart', async () => {
    const proxy = await startFaultyProxy(registry.url);
    for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1', '2.0.0'])
      await push('many', { name: 'app', version });
    await push('many', { name: 'other' });
    await openRepository(registry, 'many/app-tool').pushArtifact('1.0.0', 'layer');
    await openRepository(registry, 'many/app').pushArtifact('latest', 'layer');
    await openRepository(registry, 'many/app/nested').pushArtifact('1.0.0', 'layer');
    const wanted = settingsOf(proxy, 'many', { charts: ['app*'], range: '>=1.0.0', last: 2 });
    expect(await mirror(registry, 'chosen', wanted)).toMatchObject({
      state: 'complete',
      counts: { listed: 5, chosen: 3, stored: 2, skipped: 1 },
    });
    expect(await outcomesOf(registry, 'chosen')).toEqual([
      'app 1.1.0 stored',
      'app 2.0.0 stored',
      'app-tool 1.0.0 skipped upstream.notChart',
    ]);
    const before = proxy.requests.length;
    expect(await runOnce(registry, 'chosen')).toMatchObject({ counts: { unchanged: 2, skipped: 1 } });
    expect(
      asked(proxy, before)
        .filter((request) => request.includes('/manifests/'))
        .sort(),
    ).toEqual([
      'HEAD /v2/many/app-tool/manifests/1.0.0',
      'HEAD /v2/many/app/manifests/1.1.0',
      'HEAD /v2/many/app/manifests/2.0.0',
    ]);
    const releases = settingsOf(proxy, 'many', { charts: ['app'], prereleases: false });
    await mirror(registry, 'releases', releases);
    expect(await tagsOf(await openRepository(registry, 'releases/app').call('tags/list'))).toEqual([
      '1.0.0',
      '1.1.0',
      '2.0.0',
    ]);
  });

  it('keeps the first content of a tag that has moved, and reports the other, or takes it where it may', async () => {
    const proxy = await startFaultyProxy(registry.url);
    const first = await push('moving', { name: 'web' });
    await mirror(registry, 'kept', settingsOf(proxy, 'moving', { charts: ['web'] }));
    const moved = await push('moving', { name: 'web', values: { moved: true } });
    const reported = { state: 'complete', counts: { changed: 1 } };
    expect(await runOnce(registry, 'kept')).toMatchObject(reported);
    expect(await runOnce(registry, 'kept')).toMatchObject(reported);
    expect(await manifestIn('kept/web', '1.0.0')).toEqual({ status: 200, body: first.body });
    const versions = await (await registry.api('/spaces/kept/mirror/versions?outcome=changed')).text();
    expect(versions).toContain(`"upstreamDigest":"${moved.digest}"`);
    // Neither the manifest nor a blob of the other content was asked for.
    expect(asked(proxy)).not.toContain(`GET /v2/moving/web/manifests/${moved.digest}`);
    await mirror(registry, 'kept', settingsOf(proxy, 'moving', { charts: ['web'], overwrite: true }));
    expect(await manifestIn('kept/web', '1.0.0')).toEqual({ status: 200, body: moved.body });
    expect(await outcomesOf(registry, 'kept')).toEqual(['web 1.0.0 replaced']);
  });

  it('takes a later tag once it has been seen for long enough, and lets a moved one wait anew', async () => {
    const proxy = await startFaultyProxy(registry.url);
    const first = await push('aging', { name: 'web' });
    const wanted = settingsOf(proxy, 'aging', { charts: ['web'], minAgeDays: 7 });
    const pass = (days: number) =>
      registry.db.query(
        `UPDATE mirror_sightings SET seen_at = seen_at - make_interval(days => $1)
          WHERE seen_at > to_timestamp(0) AND mirror_id = (
            SELECT m.id FROM mirrors m JOIN spaces s ON s.id = m.space_id WHERE s.name = 'aged')`,
        [days],
      );
    const waits = { state: 'complete', counts: { tooYoung: 1, unchanged: 1 } };
    // Tags have no date: what is there at the first look counts as old.
    expect(await mirror(registry, 'aged', wanted)).toMatchObject({
      state: 'complete',
      counts: { stored: 1 },
    });
    await push('aging', { name: 'web', version: '1.1.0' });
    expect(await runOnce(registry, 'aged')).toMatchObject(waits);
    await pass(6);
    await push('aging', { name: 'web', version: '1.1.0', values: { moved: 1 } });
    expect(await runOnce(registry, 'aged')).toMatchObject(waits);
    await pass(6);
    expect(await runOnce(registry, 'aged')).toMatchObject(waits);
    // Moved after the last look at it, so the copy is what finds out.
    await pass(2);
    const second = await push('aging', { name: 'web', version: '1.1.0', values: { moved: 2 } });
    expect(await runOnce(registry, 'aged')).toMatchObject(waits);
    await pass(8);
    expect(await runOnce(registry, 'aged')).toMatchObject({ counts: { stored: 1, unchanged: 1 } });
    expect(await manifestIn('aged/web', '1.1.0')).toEqual({ status: 200, body: second.body });

    const moved = await push('aging', { name: 'web', values: { moved: true } });
    expect(await runOnce(registry, 'aged')).toMatchObject({ counts: { changed: 1, unchanged: 1 } });
    const replacing = { ...wanted, overwrite: true };
    expect(await mirror(registry, 'aged', replacing)).toMatchObject(waits);
    expect(await runOnce(registry, 'aged')).toMatchObject(waits);
    expect(await manifestIn('aged/web', '1.0.0')).toEqual({ status: 200, body: first.body });
    await pass(8);
    expect(await runOnce(registry, 'aged')).toMatchObject({ counts: { replaced: 1, unchanged: 1 } });
    expect(await manifestIn('aged/web', '1.0.0')).toEqual({ status: 200, body: moved.body });
  });

  it('gives a version that was here with the same archive the manifest that signatures are for', async () => {
    const proxy = await startFaultyProxy(registry.url);
    const archive = await packChart({ name: 'web' });
    await registry.upload('had', archive);
    await registry.upload('had', { name: 'web', version: '2.0.0', values: { own: true } });
    const first = await push('has', { name: 'web' });
    await push('has', { name: 'web', version: '2.0.0' });
    // Its manifest has the archive by another algorithm than the one by which the registry knows it.
    const long = await packChart({ name: 'long' });
    await registry.upload('had', long);
    const up = openRepository(registry, 'has/long');
    await Promise.all([up.pushBlob('{}'), up.pushBlob(long, digest(long, 'sha512'))]);
    const body = JSON.stringify({
      schemaVersion: 2,
      config: descriptor(chartTypes.config, '{}'),
      layers: [{ ...descriptor(chartTypes.archive, long), digest: digest(long, 'sha512') }],
    });
    expect((await up.put('1.0.0', body)).status).toBe(201);
    const wanted = settingsOf(proxy, 'has', { charts: ['web', 'long'], prune: true });
    const run = await mirror(registry, 'had', wanted);
    expect(run).toMatchObject({ state: 'complete', counts: { stored: 2, changed: 1 } });
    expect(await manifestIn('had/web', '1.0.0')).toEqual({ status: 200, body: first.body });
    expect(await manifestIn('had/long', '1.0.0')).toEqual({ status: 200, body });
    expect(await runOnce(registry, 'had')).toMatchObject({ counts: { unchanged: 2, changed: 1 } });
  });

  it('notes a tag that is gone, and deletes its version and its signatures only with prune', async () => {
    const proxy = await startFaultyProxy(registry.url);
    const first = await push('leaving', { name: 'web' });
    await push('leaving', { name: 'web', version: '1.1.0' });
    await push('leaving', { name: 'whole' });
    const up = openRepository(registry, 'leaving/web');
    await up.pushArtifact(cosignTag(first.digest), 'signature');
    await mirror(registry, 'left', settingsOf(proxy, 'leaving', { charts: ['web', 'whole'] }));
    await up.remove('manifests/1.0.0');
    await up.remove(`manifests/${cosignTag(first.digest)}`);
    expect(await runOnce(registry, 'left')).toMatchObject({ state: 'complete', counts: { gone: 1 } });
    expect(await manifestIn('left/web', '1.0.0')).toMatchObject({ status: 200 });
    // Charts that are not named any more have not gone.
    const pruning = settingsOf(proxy, 'leaving', { charts: ['web'], prune: true });
    expect(await mirror(registry, 'left', pruning)).toMatchObject({
      state: 'complete',
      counts: { gone: 1, pruned: 1 },
    });
    expect(await tagsOf(await openRepository(registry, 'left/web').call('tags/list'))).toEqual(['1.1.0']);
    expect(await manifestIn('left/whole', '1.0.0')).toMatchObject({ status: 200 });
  });

  it('deletes no chart that the catalogue does not list, before the registry says that it does not have it', async () => {
    const proxy = await startFaultyProxy(registry.url);
    for (const name of ['listed', 'unlisted']) await push('part', { name });
    const wanted = settingsOf(proxy, 'part', { charts: ['*'], prune: true });
    expect(await mirror(registry, 'whole', wanted)).toMatchObject({ counts: { stored: 2 } });
    const catalogue = { kind: 'answer', status: 200, body: '{"repositories":["part/listed"]}' } as const;
    proxy.decide(({ path }) => (path.includes('/_catalog') ? catalogue : undefined));
    expect(await runOnce(registry, 'whole')).toMatchObject({
      state: 'complete',
      counts: { listed: 2, unchanged: 2, gone: 0 },
    });
    proxy.decide(({ path }) => {
      if (path.includes('/_catalog')) return catalogue;
      return path.includes('/unlisted/') ? { kind: 'answer', status: 403 } : undefined;
    });
    expect(await runOnce(registry, 'whole')).toMatchObject({
      state: 'complete',
      counts: { listed: 1, unchanged: 1, gone: 0 },
    });
    proxy.decide(({ path }) => {
      if (path.includes('/_catalog')) return catalogue;
      return path.includes('/unlisted/') ? { kind: 'answer', status: 404 } : undefined;
    });
    expect(await runOnce(registry, 'whole')).toMatchObject({ state: 'complete', counts: { pruned: 1 } });
    expect(await outcomesOf(registry, 'whole')).toEqual(['listed 1.0.0 stored', 'unlisted 1.0.0 pruned']);
  });

  it('finds referrers by the tag that stands in for a list of them', async () => {
    const proxy = await startFaultyProxy(registry.url);
    const { body, digest: of } = await push('old', { name: 'web' });
    const up = openRepository(registry, 'old/web');
    const signature = await up.pushArtifact(undefined, 'signature', { subject: descriptor(imageType, body) });
    const index = {
      schemaVersion: 2,
      mediaType: indexType,
      manifests: [descriptor(imageType, signature.body)],
    };
    await up.put(of.replace(':', '-'), JSON.stringify(index), indexType);
    proxy.decide(({ path }) => (path.includes('/referrers/') ? { kind: 'answer', status: 404 } : undefined));
    await mirror(registry, 'new', settingsOf(proxy, 'old', { charts: ['web'] }));
    const list = await openRepository(registry, 'new/web').call(`referrers/${of}`);
    expect((await indexOf(list)).manifests.map((referrer) => referrer.digest)).toEqual([signature.digest]);
  });

  it('leaves out what refers to a chart with more bytes in all than one blob may have, and says so', async () => {
    const proxy = await startFaultyProxy(registry.url);
    const { body, digest: of } = await push('heavy', { name: 'web' });
    const subject = descriptor(imageType, body);
    const signature = await openRepository(registry, 'heavy/web').pushArtifact(undefined, 'signature', {
      subject,
    });
    const layers = ['one', 'two'].map((text) => ({
      ...descriptor('text/plain', text),
      size: 600 * 1024 ** 2,
    }));
    const config = descriptor('application/vnd.oci.empty.v1+json', '{}');
    const huge = JSON.stringify({ schemaVersion: 2, mediaType: imageType, config, layers, subject });
    const list = {
      schemaVersion: 2,
      manifests: [descriptor(imageType, huge), descriptor(imageType, signature.body)],
    };
    const blobs: string[] = [];
    proxy.decide(({ path }) => {
      if (path.includes('/referrers/')) return { kind: 'answer', status: 200, body: JSON.stringify(list) };
      if (path.endsWith(digest(huge)))
        return { kind: 'answer', status: 200, headers: { 'content-type': imageType }, body: huge };
      if (path.includes('/blobs/')) blobs.push(path.slice(path.lastIndexOf('/') + 1));
      return undefined;
    });
    await mirror(registry, 'light', settingsOf(proxy, 'heavy', { charts: ['web'] }));
    expect(await outcomesOf(registry, 'light')).toEqual(['web 1.0.0 stored upload.tooLarge']);
    expect(blobs).not.toContain(layers[0]?.digest);
    const here = await openRepository(registry, 'light/web').call(`referrers/${of}`);
    expect((await indexOf(here)).manifests.map((referrer) => referrer.digest)).toEqual([signature.digest]);
  });

  it('keeps the provenance file of a chart, and a chart whose file is not its own', async () => {
    const proxy = await startFaultyProxy(registry.url);
    const provenance = 'no signature at all';
    const archive = await packChart({ name: 'odd' });
    const up = openRepository(registry, 'odd/odd');
    await Promise.all(['{}', provenance, archive].map((blob) => up.pushBlob(blob)));
    const body = JSON.stringify({
      schemaVersion: 2,
      config: descriptor('application/vnd.cncf.helm.config.v1+json', '{}'),
      layers: [
        descriptor('application/vnd.cncf.helm.chart.content.v1.tar+gzip', archive),
        descriptor('application/vnd.cncf.helm.chart.provenance.v1.prov', provenance),
      ],
    });
    // The registry takes no such push under a tag, so the proxy shows it.
    await up.put(digest(body), body);
    const headers = { 'content-type': imageType };
    proxy.decide(({ path }) => {
      if (path.includes('/tags/list'))
        return { kind: 'answer', status: 200, body: '{"name":"odd/odd","tags":["1.0.0"]}' };
      return path.endsWith('/manifests/1.0.0') ? { kind: 'answer', status: 200, headers, body } : undefined;
    });
    await mirror(registry, 'lenient', settingsOf(proxy, 'odd', { charts: ['odd'] }));
    expect(await outcomesOf(registry, 'lenient')).toEqual(['odd 1.0.0 stored provenance.invalid']);
    expect(await manifestIn('lenient/odd', '1.0.0')).toEqual({ status: 200, body });
  });
});

describe('credentials for an OCI registry', () => {
  const credentials = () => ({ username: 'reader', password: reader.text });

  it('get a token of its token service, and nothing without them', async () => {
    const proxy = await startFaultyProxy(guarded.url);
    const wanted = settingsOf(proxy, 'closed', { charts: ['web'] });
    const denied = { state: 'failed', error: { code: 'upstream.denied' } };
    expect(await mirror(registry, 'closed', wanted)).toMatchObject(denied);
    const wrong = { username: 'reader', password: 'wrong' };
    expect(await mirror(registry, 'closed', { ...wanted, credentials: wrong })).toMatchObject(denied);
    expect(await mirror(registry, 'closed', { ...wanted, credentials: credentials() })).toMatchObject({
      state: 'complete',
      counts: { stored: 1 },
    });
    // By the catalogue, too, and the password goes to the token service alone.
    const all = { ...wanted, charts: ['w*'], credentials: credentials() };
    expect(await mirror(registry, 'closed', all)).toMatchObject({ counts: { unchanged: 1 } });
    const basic = proxy.requests.filter(({ headers }) => headers.authorization?.startsWith('Basic'));
    expect(basic.every(({ path }) => path.startsWith('/v2/token?'))).toBe(true);
    // They stay with scheme, host and port.
    await putMirror(registry, 'closed', wanted);
    expect(await readMirrorOf(registry, 'closed')).toMatchObject({ hasCredentials: true });
    await putMirror(registry, 'closed', { ...wanted, url: `oci://${new URL(guarded.url).host}/closed` });
    expect(await readMirrorOf(registry, 'closed')).toMatchObject({ hasCredentials: false });
  });

  it('go to no other host that the registry names, unless its owner does', async () => {
    const [proxy, other] = [await startFaultyProxy(guarded.url), await startFaultyProxy(guarded.url)];
    const challenge = `Bearer realm="${other.url}/v2/token",service="helm-registry"`;
    proxy.decide(({ path, headers }) => {
      if (headers.authorization === undefined)
        return { kind: 'answer', status: 401, headers: { 'www-authenticate': challenge } };
      if (!path.includes('/blobs/')) return undefined;
      return { kind: 'answer', status: 307, headers: { location: `${other.url}/elsewhere` } };
    });
    const wanted = settingsOf(proxy, 'closed', { charts: ['web'] });
    const run = await mirror(registry, 'far', { ...wanted, credentials: credentials() });
    expect(run).toMatchObject({ state: 'failed', error: { code: 'upstream.denied' } });
    expect(run.error?.message).toContain(`"realm": "${other.url}"`);
    expect(other.requests).toEqual([]);
    await mirror(registry, 'far', { ...wanted, credentials: { ...credentials(), realm: other.url } });
    const seen = other.requests.map(({ path, headers }) => [
      path.replace(/\?.*/, ''),
      headers.authorization?.split(' ')[0],
    ]);
    expect(seen).toContainEqual(['/v2/token', 'Basic']);
    expect(seen).toContainEqual(['/elsewhere', undefined]);
    expect(seen.filter(([path, kind]) => path === '/elsewhere' && kind !== undefined)).toEqual([]);
  });

  it('credentials for an OCI registry are sent by Basic where a registry asks for that', async () => {
    const proxy = await startFaultyProxy(registry.url);
    await push('basic', { name: 'web' });
    const expected = `Basic ${Buffer.from('ana:secret').toString('base64')}`;
    proxy.decide(({ headers }) =>
      headers.authorization === expected
        ? undefined
        : { kind: 'answer', status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
    );
    const wanted = settingsOf(proxy, 'basic', { charts: ['web'] });
    expect(await mirror(registry, 'by-basic', wanted)).toMatchObject({ error: { code: 'upstream.denied' } });
    const credentials = { username: 'ana', password: 'secret' };
    expect(await mirror(registry, 'by-basic', { ...wanted, credentials })).toMatchObject({
      counts: { stored: 1 },
    });
  });
});

describe('a faulty OCI registry', () => {
  it('a faulty OCI registry is asked again after 500 and cut bodies', async () => {
    const proxy = await startFaultyProxy(registry.url);
    const { body } = await push('shaky', { name: 'web', files: { big: Buffer.alloc(40_000, 'x') } });
    const failures = new Map<string, number>();
    proxy.decide(({ path }) => {
      const failed = failures.get(path) ?? 0;
      failures.set(path, failed + 1);
      if (failed > 0) return undefined;
      return path.includes('/blobs/') ? { kind: 'cut', bytes: 10 } : { kind: 'answer', status: 500 };
    });
    await mirror(registry, 'steady', settingsOf(proxy, 'shaky', { charts: ['web'] }));
    expect(await outcomesOf(registry, 'steady')).toEqual(['web 1.0.0 stored']);
    expect(await manifestIn('steady/web', '1.0.0')).toEqual({ status: 200, body });
    await expect.poll(() => registry.drafts()).toEqual([]);
  });

  it('a faulty OCI registry is left alone for as long as it asks', async () => {
    const proxy = await startFaultyProxy(registry.url);
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await push('busy', { name: 'web', version });
    proxy.decide(({ path }) =>
      path.includes('/manifests/')
        ? { kind: 'answer', status: 429, headers: { 'retry-after': '90' } }
        : undefined,
    );
    const run = await mirror(registry, 'patient', settingsOf(proxy, 'busy', { charts: ['web'] }));
    expect(run).toMatchObject({ state: 'incomplete', error: { code: 'upstream.busy' } });
    expect(asked(proxy).filter((path) => path.includes('/manifests/')).length).toBeLessThan(3);
    const wait = Date.parse((await readMirrorOf(registry, 'patient')).dueAt ?? '') - Date.now();
    expect(wait).toBeGreaterThan(30_000);
    proxy.decide(undefined);
    expect(await runOnce(registry, 'patient')).toMatchObject({ state: 'complete', counts: { stored: 3 } });
  });

  it('gets nothing stored that has not its digest, and its other charts are taken', async () => {
    const proxy = await startFaultyProxy(registry.url);
    const names = ['blob', 'good', 'manifest', 'moved', 'referrer'];
    for (const name of names) await push('liar', { name });
    const headers = { 'content-type': imageType, 'docker-content-digest': digest('something else') };
    const other = JSON.stringify({ schemaVersion: 2, config: descriptor('x', 'x'), layers: [] });
    proxy.decide(({ path }) => {
      if (path.includes('/blob/blobs/')) return { kind: 'answer', status: 200, body: 'other bytes' };
      if (path.includes('/manifest/manifests/')) return { kind: 'answer', status: 200, headers, body: other };
      if (path.includes('/moved/blobs/'))
        return { kind: 'answer', status: 302, headers: { location: 'http://10.0.0.1/blob' } };
      if (!path.includes('/referrer/referrers/')) return undefined;
      const list = { schemaVersion: 2, manifests: [descriptor(imageType, 'not there')] };
      return { kind: 'answer', status: 200, body: JSON.stringify(list) };
    });
    const wanted = settingsOf(proxy, 'liar', { charts: names });
    expect(await mirror(registry, 'honest', wanted)).toMatchObject({ state: 'incomplete' });
    expect(await outcomesOf(registry, 'honest')).toEqual([
      'blob 1.0.0 failed digest.mismatch',
      'good 1.0.0 stored',
      'manifest 1.0.0 failed digest.mismatch',
      'moved 1.0.0 failed upstream.forbidden',
      // The list names what is not there, which is left out.
      'referrer 1.0.0 stored upstream.missing',
    ]);
    for (const name of ['blob', 'manifest', 'moved'])
      expect([name, (await registry.api(`/spaces/honest/charts/${name}/versions`)).status]).toEqual([
        name,
        404,
      ]);
    proxy.decide(undefined);
    expect(await runOnce(registry, 'honest')).toMatchObject({ state: 'complete' });
    const stored = (await outcomesOf(registry, 'honest')).filter((line) => line.includes('1.0.0 stored'));
    expect(stored).toHaveLength(names.length);
  });

  it('ends with a list of tags that has no end, or leads elsewhere, and loses no other chart', async () => {
    const proxy = await startFaultyProxy(registry.url);
    for (const name of ['away', 'endless', 'fine']) await push('lists', { name });
    let pages = 0;
    proxy.decide(({ path }) => {
      if (!/endless|away/.test(path) || !path.includes('/tags/list')) return undefined;
      pages += 1;
      const next = path.includes('away')
        ? 'http://10.0.0.1/v2/x'
        : `/v2/lists/endless/tags/list?last=${pages}`;
      const body = JSON.stringify({ name: 'x', tags: [`1.0.${pages}`] });
      return { kind: 'answer', status: 200, headers: { link: `<${next}>; rel="next"` }, body };
    });
    const wanted = settingsOf(proxy, 'lists', { charts: ['away', 'endless', 'fine'] });
    const run = await mirror(registry, 'bounded', wanted);
    expect(run).toMatchObject({
      state: 'incomplete',
      counts: { listed: 1, stored: 1 },
      error: { code: 'upstream.invalid' },
    });
    expect(pages).toBeLessThan(1_100);
  });

  it('without a catalogue needs names, and a name that it never had is told', async () => {
    const proxy = await startFaultyProxy(registry.url);
    await push('nameless', { name: 'web' });
    proxy.decide(({ path }) => (path.includes('_catalog') ? { kind: 'answer', status: 404 } : undefined));
    const run = await mirror(registry, 'named', settingsOf(proxy, 'nameless'));
    expect(run).toMatchObject({ state: 'failed', error: { code: 'upstream.missing' } });
    expect(run.error?.message).toContain('Give the names of the charts');
    const named = settingsOf(proxy, 'nameless', { charts: ['web', 'wab'] });
    expect(await mirror(registry, 'named', named)).toMatchObject({
      state: 'incomplete',
      counts: { stored: 1 },
      error: { code: 'upstream.missing' },
    });
  });

  it.each([
    [{ url: 'oci://example.com/Charts' }, '/url'],
    [{ url: 'oci://user:pass@example.com/charts' }, '/url'],
    [{ url: 'oci://10.0.0.1/charts' }, '/url'],
    [{ url: 'oci://example.com/charts', charts: ['Web'] }, '/charts'],
    [{ url: 'https://example.com/charts', plainHttp: true }, '/plainHttp'],
    [
      { url: 'oci://example.com', credentials: { username: 'a', password: 'b', realm: 'http://c.org' } },
      '/credentials/realm',
    ],
    [
      { url: 'https://example.com', credentials: { username: 'a', password: 'b', realm: 'https://c.org' } },
      '/credentials/realm',
    ],
  ])('is refused as upstream with the place of the fault: %j', async (body, pointer) => {
    await registry.api('/spaces?space=refused', { method: 'POST' });
    const response = await putMirror(registry, 'refused', body);
    expect([response.status, await response.json()]).toMatchObject([400, { details: { pointer } }]);
  });
});
