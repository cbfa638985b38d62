import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpaceRole } from '../../core/access/rights.ts';
import { holdRegistry, resumeRegistry } from '../../core/maintenance/hold.ts';
import { waitForWorkersAtRest } from '../../core/maintenance/rest.ts';
import { startChartHost } from '../support/chart-host.ts';
import type { TestClient } from '../support/client.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';
import { mirror, putMirror, readMirrorOf } from '../support/mirrors.ts';

let registry: GuardedRegistry;
const clients = new Map<string, TestClient>();
beforeAll(async () => {
  registry = await startGuarded();
  await registry.addSpace('closed', 'private');
  const roles: (SpaceRole | undefined)[] = ['reader', 'publisher', 'maintainer', 'owner', undefined];
  for (const role of roles) {
    const user = await registry.addUser(role ?? 'stranger');
    await registry.setRole(user, 'closed', role);
    clients.set(role ?? 'stranger', (await registry.addToken(user)).client);
  }
});
afterAll(() => registry.close());

const clientOf = (name: string) => clients.get(name) ?? registry.anonymous;

describe('a mirror where access is guarded', () => {
  it('a mirror where access is guarded is set by owners, seen by publishers, and does not exist for others', async () => {
    const host = await startChartHost();
    await host.add({ name: 'alpha' });
    const wanted = { url: host.url, every: null };
    for (const [name, status] of [
      ['anonymous', 401],
      ['stranger', 403],
      ['reader', 403],
      ['maintainer', 403],
    ] as const)
      expect([name, (await putMirror(clientOf(name), 'closed', wanted)).status]).toEqual([name, status]);
    expect(await mirror(clientOf('owner'), 'closed', wanted)).toMatchObject({ state: 'complete' });
    expect(await readMirrorOf(clientOf('publisher'), 'closed')).toMatchObject({ url: `${host.url}/` });
    expect((await clientOf('reader').api('/spaces/closed/mirror')).status).toBe(403);
    for (const path of ['', '/runs', '/runs/1/results', '/versions'])
      expect([path, (await clientOf('stranger').api(`/spaces/closed/mirror${path}`)).status]).toEqual([
        path,
        403,
      ]);
    expect((await clientOf('maintainer').api('/spaces/closed/mirror/runs', { method: 'POST' })).status).toBe(
      403,
    );
    expect((await clientOf('maintainer').api('/spaces/closed/mirror', { method: 'DELETE' })).status).toBe(
      403,
    );
    // An admin, too, writes only as the mirror does.
    expect((await registry.admin.upload('closed', { name: 'new' })).status).toBe(409);
    const audit = await (await registry.admin.api('/audit?space=closed&limit=50')).text();
    for (const action of ['mirror.set', 'version.publish', 'mirror.finish'])
      expect(audit).toContain(`"${action}"`);
  });

  it('a space that is deleted during a run of its mirror does not come back', async () => {
    const proxy = await startFaultyProxy(registry.url);
    await registry.addSpace('source', 'public');
    await registry.admin.upload('source', { name: 'web' });
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    proxy.decide(({ path }) => (path.includes('/blobs/') ? { kind: 'pause', bytes: 1, until } : undefined));
    await registry.addSpace('short', 'private');
    const url = `oci://${new URL(proxy.url).host}/source`;
    const wanted = { url, plainHttp: true, charts: ['web'], every: null };
    expect((await putMirror(registry.admin, 'short', wanted)).status).toBe(200);
    const asksForBlob = () => proxy.requests.some(({ path }) => path.includes('/blobs/'));
    await expect.poll(asksForBlob, { timeout: 30_000 }).toBe(true);
    expect((await registry.admin.api('/spaces/short', { method: 'DELETE' })).ok).toBe(true);
    // A worker rests once the run has ended.
    await holdRegistry(registry.db, 'the run ends');
    release();
    expect(await waitForWorkersAtRest(registry.db, 60_000, () => undefined)).toBe(0);
    expect((await registry.admin.api('/spaces/short')).status).toBe(404);
    await resumeRegistry(registry.db);
  });
});
