import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/blobs/content.ts';
import { type ChartHost, startChartHost } from '../support/chart-host.ts';
import { packChart } from '../support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { countTurns } from '../support/event-loop.ts';
import { mirror, outcomesOf, putMirror, readMirrorOf, runOnce } from '../support/mirrors.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded({}, { looksOften: true });
});
afterAll(() => registry.close());

const credentials = { username: 'reader', password: 'secret-of-the-host' };
const basic = `Basic ${Buffer.from('reader:secret-of-the-host').toString('base64')}`;

describe('a mirror of a faulty upstream', () => {
  it('refuses an archive that is not the one of the index, and takes the others', async () => {
    const host = await startChartHost();
    await host.add({ name: 'bad' }, { digest: digestOf(Buffer.from('other')).slice(7) });
    await host.add({ name: 'good' });
    await host.add({ name: 'liar', version: '1.0.0' }, { archive: await packChart({ name: 'other' }) });
    await host.add({ name: 'lost' });
    await host.add({ name: 'elsewhere' }, { url: 'file:///etc/passwd' });
    host.setFault((path, response) => path.includes('lost') && Boolean(response.writeHead(404).end()));
    const run = await mirror(registry, 'wrong', { url: host.url });
    expect(run).toMatchObject({ state: 'incomplete', counts: { stored: 1, failed: 4 } });
    expect(await outcomesOf(registry, 'wrong')).toEqual([
      'bad 1.0.0 failed digest.mismatch',
      'elsewhere 1.0.0 failed upstream.invalid',
      'good 1.0.0 stored',
      'liar 1.0.0 failed upload.mismatch',
      'lost 1.0.0 failed upstream.missing',
    ]);
    expect((await registry.api('/spaces/wrong/charts/bad/versions')).status).toBe(404);
  });

  it('tries again after 500 and cut bodies, of the index and of archives', async () => {
    const host = await startChartHost();
    await host.add({ name: 'shaky', files: { big: Buffer.alloc(40_000, 'x') } });
    const failures = new Map<string, number>();
    host.setFault((path, response) => {
      const failed = failures.get(path) ?? 0;
      failures.set(path, failed + 1);
      if (failed === 0) response.writeHead(500).end();
      else if (failed === 1)
        response.writeHead(200, { 'content-length': 100_000 }).write('begun', () => response.destroy());
      return failed < 2;
    });
    expect(await mirror(registry, 'shaky', { url: host.url })).toMatchObject({
      state: 'complete',
      counts: { stored: 1 },
    });
    await expect.poll(() => registry.drafts()).toEqual([]);
  });

  it('waits as long as an upstream asks, and comes back by itself', async () => {
    const host = await startChartHost();
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await host.add({ name: 'slow', version });
    let isBusy = true;
    host.setFault((path, response) => {
      if (!isBusy || !path.endsWith('.tgz')) return false;
      response.writeHead(429, { 'retry-after': '90' }).end();
      return true;
    });
    const run = await mirror(registry, 'paced', { url: host.url });
    expect(run).toMatchObject({ state: 'incomplete', error: { code: 'upstream.busy' } });
    expect(host.requests.filter(({ path }) => path.endsWith('.tgz')).length).toBeLessThan(3);
    const { dueAt } = await readMirrorOf(registry, 'paced');
    const waits = Date.parse(dueAt ?? '') - Date.now();
    expect([waits > 60_000, waits < 95_000]).toEqual([true, true]);
    isBusy = false;
    expect(await runOnce(registry, 'paced')).toMatchObject({ state: 'complete', counts: { stored: 3 } });
  });

  it('sends credentials to its own host alone, and drops them when the host changes', async () => {
    const [host, other] = [await startChartHost(), await startChartHost()];
    const archive = await packChart({ name: 'guarded' });
    await host.add({ name: 'guarded' }, { archive });
    await host.add(
      { name: 'far' },
      { archive: await packChart({ name: 'far' }), url: `${other.url}/far-1.0.0.tgz` },
    );
    await other.add({ name: 'guarded' }, { archive });
    await other.add({ name: 'far' }, { archive: await packChart({ name: 'far' }) });
    host.setFault((path, response, headers) => {
      if (headers.authorization !== basic) return Boolean(response.writeHead(401).end());
      if (!path.endsWith('guarded-1.0.0.tgz')) return false;
      return Boolean(response.writeHead(302, { location: `${other.url}/guarded-1.0.0.tgz` }).end());
    });
    const denied = await mirror(registry, 'closed', { url: host.url });
    expect(denied).toMatchObject({ state: 'failed', error: { code: 'upstream.denied' } });
    const run = await mirror(registry, 'closed', { url: host.url, credentials });
    expect(run).toMatchObject({ state: 'complete', counts: { stored: 2 } });
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual(
      other.requests.map(() => undefined),
    );
    const shown = await (await registry.api('/spaces/closed/mirror')).text();
    expect(shown).not.toContain(credentials.password);
    const [row] = await registry.db.query<{ row: string }>(
      'SELECT to_jsonb(m)::text AS row FROM mirrors m WHERE url = $1',
      [`${host.url}/`],
    );
    expect(row?.row).toContain('sealed.v1.');
    expect(row?.row).not.toContain(credentials.password);
    await putMirror(registry, 'closed', { url: host.url });
    expect(await readMirrorOf(registry, 'closed')).toMatchObject({ hasCredentials: true });
    await putMirror(registry, 'closed', { url: other.url });
    expect(await readMirrorOf(registry, 'closed')).toMatchObject({ hasCredentials: false });
  });

  it('reads on past names that no chart can have', async () => {
    const host = await startChartHost();
    await host.add({ name: 'fine' });
    for (const chart of ['a\u0000b', '\ud800', '..', 'x'.repeat(5_000), '', '__proto__'])
      host.versions.push({ chart, version: '1.0.0', archive: Buffer.from('none') });
    expect(await mirror(registry, 'names', { url: host.url })).toMatchObject({ counts: { stored: 1 } });
    expect(await outcomesOf(registry, 'names')).toContain('fine 1.0.0 stored');
  });

  it('ends where the space has no room, and fetches nothing more', async () => {
    const host = await startChartHost();
    for (let patch = 0; patch < 8; patch += 1) await host.add({ name: 'much', version: `1.0.${patch}` });
    await registry.api('/spaces?space=full', { method: 'POST' });
    const quota = { quota: { versions: 2 } };
    const headers = { 'Content-Type': 'application/json' };
    await registry.api('/spaces/full', { method: 'PATCH', headers, body: JSON.stringify(quota) });
    const run = await mirror(registry, 'full', { url: host.url });
    expect(run).toMatchObject({
      state: 'incomplete',
      counts: { stored: 2 },
      error: { code: 'quota.exceeded' },
    });
    expect(host.requests.filter(({ path }) => path.endsWith('.tgz')).length).toBeLessThanOrEqual(4);
    const wait = Date.parse((await readMirrorOf(registry, 'full')).dueAt ?? '') - Date.now();
    expect(wait).toBeGreaterThan(50 * 60_000);
  });

  it('keeps a signature, and a chart whose signature is another page', async () => {
    const host = await startChartHost();
    const archive = await packChart({ name: 'signed' });
    await host.add({ name: 'signed' }, { archive, provenance: provenance('signed', archive) });
    await host.add({ name: 'odd' }, { provenance: Buffer.from('<html>not found</html>') });
    expect(await mirror(registry, 'signed', { url: host.url })).toMatchObject({ counts: { stored: 2 } });
    const stored = await registry.request('/signed/charts/signed-1.0.0.tgz.prov');
    expect(Buffer.from(await stored.arrayBuffer()).equals(provenance('signed', archive))).toBe(true);
    expect(await outcomesOf(registry, 'signed')).toEqual([
      'odd 1.0.0 stored provenance.invalid',
      'signed 1.0.0 stored',
    ]);
  });

  it.each([
    ['no YAML', '\t: {'],
    ['a page', '<html><body>Hello</body></html>'],
    ['another document', 'apiVersion: v1\nkind: Pod\n'],
    ['nothing', ''],
  ])('fails on an index that is %s, and deletes nothing', async (_, text) => {
    const host = await startChartHost();
    await host.add({ name: 'kept' });
    const space = `index-${text.length}`;
    await mirror(registry, space, { url: host.url, prune: true });
    host.setFault((_path, response) => Boolean(response.writeHead(200).end(text)));
    expect(await runOnce(registry, space)).toMatchObject({
      state: 'failed',
      error: { code: 'upstream.invalid' },
    });
    expect((await registry.api(`/spaces/${space}/charts/kept/versions/1.0.0`)).status).toBe(200);
  });

  it('reads an index of 14 MB without holding up the event loop', async () => {
    const host = await startChartHost();
    await host.add({ name: 'real' });
    const filler = Array.from(
      { length: 14_000 },
      (_, index) =>
        `  - name: many\n    version: 1.0.${index}\n    urls: [many-1.0.${index}.tgz]\n    description: ${'d'.repeat(950)}\n`,
    );
    const index = `apiVersion: v1\nentries:\n  real:\n  - version: 1.0.0\n    urls: [real-1.0.0.tgz]\n  many:\n${filler.join('')}`;
    expect(index.length).toBeGreaterThan(14_000_000);
    const steps = new EventEmitter();
    const [sent, asked] = [once(steps, 'sent'), once(steps, 'asked')];
    host.setFault((path, response) => {
      if (path.endsWith('.tgz')) steps.emit('asked');
      if (!path.endsWith('index.yaml')) return false;
      response.once('finish', () => steps.emit('sent'));
      return Boolean(response.writeHead(200).end(index));
    });
    const running = mirror(registry, 'large', { url: host.url, charts: ['real'] });
    await sent;
    const { turns } = await countTurns(() => asked);
    expect(await running).toMatchObject({ state: 'complete', counts: { listed: 14_001, stored: 1 } });
    // Between its last byte and the first archive the index is read, for hundreds of turns; on the loop that were one.
    expect(turns).toBeGreaterThan(200);
  });

  it('a mirror of a faulty upstream does not call addresses that webhooks may not be sent to, redirected or not', async () => {
    const host = await startChartHost();
    await host.add({ name: 'inner' }, { url: 'http://169.254.169.254/latest.tgz' });
    await host.add({ name: 'moved' });
    host.setFault(
      (path, response) =>
        path.includes('moved') &&
        Boolean(response.writeHead(302, { location: 'http://10.0.0.1/x.tgz' }).end()),
    );
    await mirror(registry, 'guarded-addresses', { url: host.url });
    expect(await outcomesOf(registry, 'guarded-addresses')).toEqual([
      'inner 1.0.0 failed upstream.forbidden',
      'moved 1.0.0 failed upstream.forbidden',
    ]);
  });
});

describe('a run of a mirror', () => {
  it('a run of a mirror is gone on with by another worker, and nothing is fetched twice', async () => {
    const host = await startChartHost();
    for (let patch = 0; patch < 12; patch += 1) await host.add({ name: 'much', version: `1.0.${patch}` });
    const held = holdAfter(host, 5);
    await registry.api('/spaces?space=resumed', { method: 'POST' });
    expect((await putMirror(registry, 'resumed', { url: host.url })).status).toBe(200);
    await held.reached;
    // As if the worker had died: its lease is over, and what it still does finds that.
    const [run] = await registry.db.query<{ number: number }>(
      `UPDATE mirror_runs SET holder = gen_random_uuid(), lease_until = now()
        WHERE state = 'running' AND mirror_id = (SELECT id FROM mirrors WHERE url = $1) RETURNING number`,
      [`${host.url}/`],
    );
    held.release();
    await expect
      .poll(async () => (await readMirrorOf(registry, 'resumed')).run, { timeout: 40_000 })
      .toMatchObject({ number: run?.number, state: 'complete' });
    expect(await outcomesOf(registry, 'resumed')).toHaveLength(12);
    const fetched = host.requests.map(({ path }) => path).filter((path) => path.endsWith('.tgz'));
    // Two were under way: the first worker tries each again, and the other one fetches it. Four were stored.
    expect(fetched.length).toBeLessThan(12 + 2 * 2 + 4);
  });

  it('ends when its mirror is set anew, and writes nothing more', async () => {
    const [host, other] = [await startChartHost(), await startChartHost()];
    for (let patch = 0; patch < 6; patch += 1) await host.add({ name: 'old', version: `1.0.${patch}` });
    await other.add({ name: 'new' });
    const held = holdAfter(host, 2);
    await registry.api('/spaces?space=reset', { method: 'POST' });
    await putMirror(registry, 'reset', { url: host.url });
    await held.reached;
    const changed = mirror(registry, 'reset', { url: other.url });
    await expect
      .poll(() => registry.db.query("SELECT FROM mirror_runs WHERE state = 'cancelled'"), { timeout: 30_000 })
      .not.toHaveLength(0);
    held.release();
    expect(await changed).toMatchObject({ state: expect.stringMatching(/complete|cancelled/) });
    await expect
      .poll(async () => (await readMirrorOf(registry, 'reset')).run, { timeout: 30_000 })
      .toMatchObject({ state: 'complete', counts: { stored: 1 } });
    expect(
      (await outcomesOf(registry, 'reset')).filter((line) => line.startsWith('old')).length,
    ).toBeLessThan(6);
  });
});

/** Has a host answer some requests for archives, and then none until it is released. */
function holdAfter(host: ChartHost, requests: number) {
  let answered = 0;
  let isHeld = true;
  const waiting: (() => void)[] = [];
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  host.setFault((path, response) => {
    if (!isHeld || !path.endsWith('.tgz')) return false;
    answered += 1;
    if (answered <= requests) return false;
    waiting.push(() => response.destroy());
    reach();
    return true;
  });
  return {
    reached,
    release() {
      isHeld = false;
      for (const end of waiting) end();
    },
  };
}

/** Makes a provenance file whose signature nobody verifies. */
function provenance(chart: string, archive: Buffer): Buffer {
  return Buffer.from(
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\napiVersion: v2\nname: ${chart}\nversion: 1.0.0\n\n...\nfiles:\n  ${chart}-1.0.0.tgz: ${digestOf(archive)}\n-----BEGIN PGP SIGNATURE-----\n\nwsBc\n-----END PGP SIGNATURE-----\n`,
  );
}
