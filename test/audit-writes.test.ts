import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRouteAccess } from '../api/access/declared-routes.ts';
import type { RouteAccess } from '../api/access/route-access.ts';
import { createApp } from '../api/app.ts';
import { listOciRootRoutes, listOciRoutes } from '../api/oci/mount.ts';
import { shownDelivery, shownWebhook } from '../api/routes/webhooks/shapes.ts';
import { digestOf } from '../core/blobs/content.ts';
import { signInTheClear } from '../core/chart/provenance.fixture.ts';
import { type AuditedWrite, type ExpectedEvent, listAdminWrites } from './access/support/admin-writes.ts';
import {
  addRoleCallers,
  callersForRight,
  callersForRoute,
  grantSpaceRoles,
  type RoleCaller,
  type RoleCallerName,
  type WriteCallers,
} from './access/support/role-callers.ts';
import { deliveriesOf, jobOf } from './support/answers.ts';
import { type AuditedEvent, createFollower } from './support/audit.ts';
import { packChart } from './support/charts.ts';
import { chartForm, type TestClient } from './support/client.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { openRepository } from './support/oci.ts';

let registry: EmbeddedRegistry;
let worker: { close(): Promise<void> };
let callers: Map<RoleCallerName, RoleCaller>;
/** Client of the caller whose turn it is. */
let client: TestClient;
let follow: () => Promise<AuditedEvent[]>;
/** Rights that the routes that are not a GET declare. */
let writingRoutes: Map<string, RouteAccess>;

const callerOf = (name: RoleCallerName) => {
  const caller = callers.get(name);
  if (!caller) throw new Error(`there is no caller ${name}`);
  return caller;
};
const asAdmin = () => {
  client = callerOf('admin').client;
};

/** Archives of the chart web, by a mark in their values. */
const archives = new Map<string, Buffer>();
const pack = async (mark: string, version = '1.0.0', name = 'web') => {
  const archive = await packChart({ name, version, values: { mark } });
  archives.set(mark, archive);
  return archive;
};
const sign = (archive: Buffer, version = '1.0.0') =>
  signInTheClear(
    `name: web\nversion: ${version}\n\n...\nfiles:\n  web-${version}.tgz: ${digestOf(archive)}\n`,
  );

beforeAll(async () => {
  registry = await startEmbedded({ access: 'guarded', rootSpace: 'base' }, { worker: false });
  worker = await registry.startWorker();
  callers = await addRoleCallers(registry);
  asAdmin();
  follow = createFollower(client);
  writingRoutes = listWritingRoutes();
});
afterAll(() => registry?.close());

const web = '/spaces/shop/charts/web/versions/1.0.0';
const bytes = (buffer: Buffer) => new Uint8Array(buffer);
const publish = (archive: Buffer) =>
  client.api('/spaces/shop/charts', { method: 'POST', body: chartForm(archive) });
const museum = (path: string, init: RequestInit) => client.request(`/api/shop${path}`, init);
const repository = (name = 'web') => openRepository(client, `shop/${name}`);

const send = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  client.api(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
const made = '/spaces/fresh/charts/made';
/** Address that nobody listens at, so calls of it wait for their next attempt. */
const nowhere = 'http://127.0.0.1:9/';

/** Webhook of the space fresh, and its last delivery. */
const hooks = (() => {
  const root = '/spaces/fresh/webhooks';
  let id = '';
  let delivery = '';
  const path = () => `${root}/${id}`;
  return {
    path,
    replayPath: () => `${path()}/deliveries/${delivery}/replay`,
    async add(settings: object) {
      const response = await send('POST', root, settings);
      if (response.ok) id = shownWebhook.parse(await response.clone().json()).id;
      return response;
    },
    async test() {
      const response = await send('POST', `${path()}/test`);
      if (response.ok) delivery = shownDelivery.parse(await response.clone().json()).id;
      return response;
    },
  };
})();

/** Callers of a write that creates its space. */
const creating = callersForRight('space.create');
/** Callers of a write to what exists, by a route that adds what is new too. */
const replacing = callersForRight('chart.replace');
/** Ids of a job that no worker runs, of a manifest, and of a job with its delivery. */
const ids = { job: '', manifest: '', called: '', delivery: '' };

/** Writes in their order; each finds what those before it have left. */
const writes: AuditedWrite[] = [
  {
    route: 'POST /api/v1/spaces',
    name: 'a new space',
    write: () => client.api('/spaces?space=shop', { method: 'POST' }),
    events: () => [{ action: 'space.create' }],
  },
  {
    route: 'PATCH /api/v1/spaces/:space',
    name: 'a policy of a space',
    write: () => client.api('/spaces/shop', { method: 'PATCH', body: '{"overwriting":"mutable"}' }),
    events: () => [{ action: 'space.configure' }],
  },
  {
    route: 'POST /api/v1/spaces/:space/charts',
    name: 'an upload',
    write: async () => publish(await pack('one')),
    events: () => [{ action: 'version.publish', chart: 'web', version: '1.0.0', after: 'one' }],
  },
  {
    route: 'POST /api/v1/spaces/:space/charts',
    name: 'an upload of a version that exists',
    write: async () => publish(await pack('refused')),
    events: () => [],
  },
  {
    route: 'PUT /api/v1/spaces/:space/charts/:chart/versions/:version',
    name: 'a replacement',
    write: async () => client.api(web, { method: 'PUT', body: chartForm(await pack('two')) }),
    events: () => [
      { action: 'version.replace', chart: 'web', version: '1.0.0', before: 'one', after: 'two' },
    ],
  },
  {
    name: 'a replacement by the same bytes',
    callers: replacing,
    write: async () => client.api(web, { method: 'PUT', body: chartForm(await pack('two')) }),
    events: () => [],
  },
  {
    route: 'PUT /api/v1/spaces/:space/charts/:chart/versions/:version/provenance',
    name: 'a provenance file',
    write: () => {
      const provenance = sign(archives.get('two') ?? Buffer.of());
      archives.set('signature', provenance);
      return client.api(`${web}/provenance`, { method: 'PUT', body: bytes(provenance) });
    },
    events: () => [{ action: 'provenance.put', chart: 'web', version: '1.0.0', after: 'signature' }],
  },
  {
    route: 'PUT /api/v1/spaces/:space/charts/:chart/versions/:version/manifests/values',
    name: 'rewritten values',
    write: () => client.api(`${web}/manifests/values`, { method: 'PUT', body: '{"mark":"three"}' }),
    events: () => [
      { action: 'version.rewrite', chart: 'web', version: '1.0.0', before: 'two', after: 'now' },
    ],
  },
  {
    route: 'PUT /api/v1/spaces/:space/charts/:chart/versions/:version/manifests/metadata',
    name: 'rewritten metadata',
    write: () =>
      client.api(`${web}/manifests/metadata`, {
        method: 'PUT',
        body: '{"apiVersion":"v2","name":"web","version":"1.0.0","description":"new"}',
      }),
    events: () => [
      { action: 'version.rewrite', chart: 'web', version: '1.0.0', before: 'earlier', after: 'now' },
    ],
  },
  {
    route: 'DELETE /api/v1/spaces/:space/charts/:chart/versions/:version',
    name: 'a deleted version',
    write: () => client.api(web, { method: 'DELETE' }),
    events: () => [{ action: 'version.delete', chart: 'web', version: '1.0.0', before: 'earlier' }],
  },
  {
    route: 'POST /api/:space/charts',
    name: "an upload by ChartMuseum's interface",
    write: async () => museum('/charts', { method: 'POST', body: bytes(await pack('four')) }),
    events: () => [{ action: 'version.publish', chart: 'web', version: '1.0.0', after: 'four' }],
  },
  {
    name: "a forced upload by ChartMuseum's interface",
    callers: replacing,
    write: async () => museum('/charts?force', { method: 'POST', body: bytes(await pack('five')) }),
    events: () => [
      { action: 'version.replace', chart: 'web', version: '1.0.0', before: 'four', after: 'five' },
    ],
  },
  {
    route: 'POST /api/:space/prov',
    name: "a provenance file by ChartMuseum's interface",
    write: () => {
      const provenance = sign(archives.get('five') ?? Buffer.of());
      archives.set('signature', provenance);
      return museum('/prov', { method: 'POST', body: bytes(provenance) });
    },
    events: () => [{ action: 'provenance.put', chart: 'web', version: '1.0.0', after: 'signature' }],
  },
  {
    route: 'DELETE /api/:space/charts/:chart/:version',
    name: "a version deleted by ChartMuseum's interface",
    write: () => museum('/charts/web/1.0.0', { method: 'DELETE' }),
    events: () => [{ action: 'version.delete', chart: 'web', version: '1.0.0', before: 'five' }],
  },
  {
    route: 'PUT /v2/{name}/manifest',
    name: 'helm push of a new chart',
    write: async () => (await repository().pushChart(await pack('six'), '1.0.0')).response,
    events: () => [
      { action: 'manifest.put', chart: 'web', after: 'now' },
      { action: 'version.publish', chart: 'web', version: '1.0.0', after: 'six' },
    ],
  },
  {
    name: 'helm push of another archive',
    callers: replacing,
    write: async () => (await repository().pushChart(await pack('seven'), '1.0.0')).response,
    // The publisher who may not move the tag has left the manifest, by its digest.
    events: () => [
      { action: 'version.replace', chart: 'web', version: '1.0.0', before: 'six', after: 'seven' },
    ],
  },
  {
    name: 'helm push of the same archive with another manifest',
    callers: replacing,
    write: async () => (await repository().pushChart(await pack('seven'), '1.0.0', { note: 'x' })).response,
    events: () => [{ action: 'manifest.put', chart: 'web', version: '1.0.0', before: 'now', after: 'now' }],
  },
  {
    route: 'PUT /v2/{name}/manifest',
    name: 'helm push of the same again',
    write: async () => (await repository().pushChart(await pack('seven'), '1.0.0', { note: 'x' })).response,
    events: () => [],
  },
  {
    route: 'DELETE /v2/{name}/manifest',
    name: 'a version deleted by its tag',
    write: () => repository().remove('manifests/1.0.0'),
    events: () => [{ action: 'version.delete', chart: 'web', version: '1.0.0', before: 'seven' }],
  },
  {
    route: 'PUT /v2/{name}/manifest',
    name: 'an artifact under a tag',
    write: async () => (await repository('tool').pushArtifact('latest', 'one')).response,
    events: () => [{ action: 'manifest.put', chart: 'tool', version: 'latest', after: 'now' }],
  },
  {
    name: 'a tag that moves',
    callers: replacing,
    write: async () => (await repository('tool').pushArtifact('latest', 'two')).response,
    events: () => [{ action: 'manifest.put', chart: 'tool', version: 'latest', before: 'now', after: 'now' }],
  },
  {
    route: 'DELETE /v2/{name}/manifest',
    name: 'a deleted tag',
    write: () => repository('tool').remove('manifests/latest'),
    events: () => [{ action: 'tag.delete', chart: 'tool', version: 'latest', before: 'now' }],
  },
  {
    name: 'a deleted manifest',
    route: 'DELETE /v2/{name}/manifest',
    prepare: async () => {
      ids.manifest = (await repository('tool').pushArtifact(undefined, 'three')).digest;
    },
    write: () => repository('tool').remove(`manifests/${ids.manifest}`),
    events: () => [{ action: 'manifest.delete', chart: 'tool', before: 'now' }],
  },
  {
    route: 'DELETE /v2/{name}/blob',
    name: 'a deleted blob',
    prepare: () => {
      archives.set('blob', Buffer.from('four'));
      return repository('tool').pushBlob('four');
    },
    write: () => repository('tool').remove(`blobs/${digestOf(Buffer.from('four'))}`),
    events: () => [{ action: 'blob.delete', chart: 'tool', before: 'blob' }],
  },
  {
    route: 'POST /v2/{name}/uploads',
    name: 'a blob that creates its space',
    callers: creating,
    write: () => openRepository(client, 'blobs/tool').pushBlob('first'),
    events: () => [{ action: 'space.create' }],
  },
  {
    route: 'PUT /v2/{name}/upload',
    name: 'a chunk that creates its space',
    callers: creating,
    write: async () => {
      const { call, finish } = openRepository(client, 'chunks/tool');
      const begun = await call('blobs/uploads/', { method: 'POST' });
      const location = begun.headers.get('location');
      return location === null ? begun : finish(location, digestOf(Buffer.from('first')), 'first');
    },
    events: () => [{ action: 'space.create' }],
  },
  {
    name: 'an upload that creates its space',
    callers: creating,
    write: async () =>
      client.api('/spaces/fresh/charts', { method: 'POST', body: chartForm(await pack('eight')) }),
    events: () => [
      { action: 'space.create' },
      { action: 'version.publish', chart: 'web', version: '1.0.0', after: 'eight' },
    ],
  },
  {
    route: 'POST /api/v1/spaces/:space/compositions',
    name: 'a recipe that is composed while its request waits',
    write: () => {
      const source = { independent: true, space: 'fresh', chart: 'web', version: '1.0.0' };
      const recipe = { save: { chart: 'made', version: '2.0.0' }, configs: { package: source } };
      return send('POST', '/spaces/fresh/compositions', recipe, { Prefer: 'wait=30' });
    },
    events: () => [{ action: 'version.publish', chart: 'made', version: '2.0.0', after: 'now' }],
  },
  {
    route: 'POST /api/v1/spaces/:space/charts/:chart/versions/:version/recompose',
    name: 'a recipe that is composed again',
    prepare: async () => {
      // Nothing is composed while its request waits from here on, so there is an event of the job.
      registry.context.jobs.compositionSlots.offer(async () => undefined);
    },
    write: () => send('POST', `${made}/versions/2.0.0/recompose`, { next: 'patch' }, { Prefer: 'wait=30' }),
    events: () => [
      { action: 'job.submit', chart: 'made', version: '2.0.1' },
      { action: 'version.publish', chart: 'made', version: '2.0.1', after: 'now' },
    ],
  },
  {
    route: 'PUT /api/v1/spaces/:space/charts/:chart/follow',
    name: 'a follow',
    write: () => send('PUT', `${made}/follow`, {}),
    events: () => [{ action: 'follow.set', chart: 'made' }],
  },
  {
    route: 'DELETE /api/v1/spaces/:space/charts/:chart/follow',
    name: 'the end of a follow',
    write: () => send('DELETE', `${made}/follow`),
    events: () => [{ action: 'follow.end', chart: 'made' }],
  },
  {
    route: 'POST /api/v1/spaces/:space/charts/:chart/versions/:version/restore',
    name: 'a deleted version that is restored',
    prepare: async () => {
      await publish(await pack('restored', '6.0.0'));
      await client.api('/spaces/shop/charts/web/versions/6.0.0', { method: 'DELETE' });
    },
    write: () => client.api('/spaces/shop/charts/web/versions/6.0.0/restore', { method: 'POST' }),
    events: () => [{ action: 'version.restore', chart: 'web', version: '6.0.0', after: 'restored' }],
  },
  {
    route: 'PUT /api/v1/spaces/:space/retention',
    name: 'retention rules',
    write: () => send('PUT', '/spaces/fresh/retention', { rules: [] }),
    events: () => [{ action: 'retention.set' }],
  },
  {
    route: 'POST /api/v1/spaces/:space/retention/runs',
    name: 'a run of retention',
    prepare: async () => {
      const rules = [{ charts: ['none'], keep: { last: 1 } }];
      await send('PUT', '/spaces/fresh/retention', { rules });
      // No worker takes the run: its end would be a further event.
      await registry.db.query("ALTER TABLE retention_runs ALTER lease_until SET DEFAULT 'infinity'");
    },
    write: () => send('POST', '/spaces/fresh/retention/runs'),
    events: () => [{ action: 'retention.run' }],
  },
  {
    route: 'DELETE /api/v1/spaces/:space/retention',
    name: 'the end of retention rules',
    write: () => send('DELETE', '/spaces/fresh/retention'),
    events: () => [{ action: 'retention.end' }],
  },
  {
    route: 'PUT /api/v1/spaces/:space/mirror',
    name: 'a mirror',
    write: () => send('PUT', '/spaces/fresh/mirror', { url: nowhere, every: null }),
    events: () => [{ action: 'mirror.set' }],
  },
  {
    route: 'POST /api/v1/spaces/:space/mirror/runs',
    name: 'a run of a mirror',
    write: () => send('POST', '/spaces/fresh/mirror/runs'),
    events: () => [{ action: 'mirror.run' }],
  },
  {
    route: 'DELETE /api/v1/spaces/:space/mirror',
    name: 'the end of a mirror',
    write: () => send('DELETE', '/spaces/fresh/mirror'),
    events: () => [{ action: 'mirror.end' }],
  },
  {
    route: 'POST /api/v1/jobs/:id/deliveries/:delivery/replay',
    name: 'a callback that is called again',
    prepare: async () => {
      const composed = await send('POST', `${made}/versions/2.0.0/recompose`, {
        ...{ version: '3.0.0', callback: { url: nowhere } },
      });
      expect(composed.status).toBe(202);
      const { id } = await jobOf(composed);
      await (await client.api(`/jobs/${id}/events`)).text();
      const [delivery] = (await deliveriesOf(await client.api(`/jobs/${id}/deliveries`))).items;
      [ids.called, ids.delivery] = [id, delivery?.id ?? ''];
    },
    write: () => send('POST', `/jobs/${ids.called}/deliveries/${ids.delivery}/replay`),
    events: () => [{ action: 'webhook.replay', chart: 'made' }],
  },
  {
    route: 'POST /api/v1/spaces/:space/webhooks',
    name: 'a webhook',
    write: () => hooks.add({ url: nowhere, events: ['version.deleted'] }),
    events: () => [{ action: 'webhook.create' }],
  },
  {
    route: 'PATCH /api/v1/spaces/:space/webhooks/:webhook',
    name: 'a changed webhook',
    write: () => send('PATCH', hooks.path(), { description: 'for the team' }),
    events: () => [{ action: 'webhook.change' }],
  },
  {
    route: 'POST /api/v1/spaces/:space/webhooks/:webhook/test',
    name: 'a test of a webhook',
    write: () => hooks.test(),
    events: () => [{ action: 'webhook.test' }],
  },
  {
    route: 'POST /api/v1/spaces/:space/webhooks/:webhook/deliveries/:delivery/replay',
    name: "a webhook's call that is made again",
    write: () => send('POST', hooks.replayPath()),
    events: () => [{ action: 'webhook.replay' }],
  },
  {
    route: 'DELETE /api/v1/spaces/:space/webhooks/:webhook',
    name: 'a deleted webhook',
    write: () => send('DELETE', hooks.path()),
    events: () => [{ action: 'webhook.delete' }],
  },
  {
    route: 'DELETE /api/v1/spaces/:space/charts/:chart',
    name: 'a deleted chart',
    prepare: async () => publish(await pack('nine')),
    write: () => client.api('/spaces/shop/charts/web', { method: 'DELETE' }),
    events: () => [{ action: 'chart.delete', chart: 'web' }],
  },
  {
    route: 'POST /api/charts',
    name: "an upload into the space at the root by ChartMuseum's interface",
    write: async () =>
      client.request('/api/charts', { method: 'POST', body: bytes(await pack('root', '7.0.0')) }),
    events: () => [{ action: 'version.publish', chart: 'web', version: '7.0.0', after: 'root' }],
  },
  {
    route: 'POST /api/prov',
    name: "a provenance file of the space at the root by ChartMuseum's interface",
    write: () => {
      const provenance = sign(archives.get('root') ?? Buffer.of(), '7.0.0');
      archives.set('signature', provenance);
      return client.request('/api/prov', { method: 'POST', body: bytes(provenance) });
    },
    events: () => [{ action: 'provenance.put', chart: 'web', version: '7.0.0', after: 'signature' }],
  },
  {
    route: 'DELETE /api/charts/:chart/:version',
    name: "a version of the space at the root deleted by ChartMuseum's interface",
    write: () => client.request('/api/charts/web/7.0.0', { method: 'DELETE' }),
    events: () => [{ action: 'version.delete', chart: 'web', version: '7.0.0', before: 'root' }],
  },
  {
    route: 'DELETE /api/v1/jobs/:id',
    name: "another principal's job that ends",
    prepare: async () => {
      // Without a worker nothing is composed, so the recipe is queued.
      await worker.close();
      ids.job = (
        await jobOf(await send('POST', `${made}/versions/2.0.0/recompose`, { version: '4.0.0' }))
      ).id;
    },
    write: () => send('DELETE', `/jobs/${ids.job}`),
    events: () => [{ action: 'job.cancel', chart: 'made', version: '4.0.0' }],
  },
  {
    route: 'DELETE /api/v1/spaces/:space',
    name: 'a deleted space',
    write: () => client.api('/spaces/shop', { method: 'DELETE' }),
    events: () => [{ action: 'space.delete' }],
  },
];

const administration = listAdminWrites(
  {
    send: (method, path, body) => send(method, path, body),
    sendForm: (path, fields) =>
      client.request(path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' }),
  },
  'fresh',
  (name, hash) => registry.db.query('UPDATE principals SET password_hash = $2 WHERE name = $1', [name, hash]),
);

let latest: string | undefined;

/** Digest that a mark of the table stands for. `now` is one that only the event tells, `earlier` the last of those. */
function digestOfMark(mark: string | undefined, found: string | undefined): string | undefined {
  if (mark === undefined) return undefined;
  if (mark === 'earlier') return latest;
  if (mark !== 'now') return digestOf(archives.get(mark) ?? Buffer.from(`no archive is marked ${mark}`));
  expect(found).toMatch(/^sha256:[0-9a-f]{64}$/);
  return found;
}

/** Routes that are not a GET and leave no event, with the reason. */
const silentRoutes: Record<string, string> = {
  'POST /api/v1/device/review': 'shows the log-in of a command to the user who decides',
  'POST /v2/token': 'issues a registry token, which the registry does not store',
  'PATCH /v2/{name}/upload': 'adds bytes to an upload, which is content once it is finished',
  'DELETE /v2/{name}/upload': 'ends an upload, which nobody else has seen',
};

/** Maps each route of each interface that is not a GET to the right that it declares. */
function listWritingRoutes(): Map<string, RouteAccess> {
  const { context } = registry;
  const routes = [
    ...listRouteAccess(createApp(context).routes),
    ...listOciRoutes(context).map(({ kind, ...route }) => ({ ...route, path: `/v2/{name}/${kind}` })),
    ...listOciRootRoutes(context).map((route) => ({ ...route, path: `/v2/${route.path}` })),
  ];
  return new Map(
    routes
      .filter(({ method }) => !['GET', 'HEAD', 'ALL'].includes(method))
      .map(({ method, path, access }) => [`${method} ${path}`, access]),
  );
}

function callersOf({ route = '', callers: own }: AuditedWrite): WriteCallers {
  const access = writingRoutes.get(route);
  if (own) return own;
  if (!access) throw new Error(`the write names no callers and no route that is there: ${route}`);
  return callersForRoute(access);
}

/** Checks the facts of an event, and who is named by it. */
function checkEvent(event: AuditedEvent | undefined, expected: ExpectedEvent, by: RoleCallerName): void {
  const { action, chart, version, before, after, details = {} } = expected;
  expect({ action: event?.action, chart: event?.chart, version: event?.version }).toEqual({
    action,
    chart,
    version,
  });
  expect(event?.digests ?? {}).toEqual(
    JSON.parse(
      JSON.stringify({
        before: digestOfMark(before, event?.digests?.before),
        after: digestOfMark(after, event?.digests?.after),
      }),
    ),
  );
  latest = event?.digests?.after ?? latest;
  const { credential, ...named } = callerOf(expected.by ?? by).named;
  expect(event).toMatchObject({ outcome: 'done', times: 1, principal: named });
  expect(event?.details ?? {}).toMatchObject(details);
  // A job knows the token of its author, and not how it was sent.
  if (event?.door !== 'worker') expect(event?.principal.credential).toBe(credential);
}

describe('each write is for the least role that has its right, and leaves one event for each of its changes', () => {
  for (const write of [...writes, ...administration]) {
    it(write.name, async () => {
      const { by, refused } = callersOf(write);
      await grantSpaceRoles(registry.db);
      asAdmin();
      await write.prepare?.();
      for (const name of refused) {
        client = callerOf(name).client;
        const answer = await write.write();
        expect([name, answer.status, await answer.text()]).toEqual([
          name,
          name === 'nobody' ? 401 : 403,
          expect.stringMatching(/access\.|UNAUTHORIZED|DENIED|"error":/),
        ]);
      }
      await registry.context.audit.finish();
      await follow();
      client = callerOf(by).client;
      const response = await write.write();
      const expected = write.events();
      if (expected.length > 0) expect(response.status, await response.clone().text()).toBeLessThan(400);
      const found: AuditedEvent[] = [];
      // Events of log-ins are written behind the answer.
      const collect = async () => {
        found.push(...(await follow()).filter(({ outcome }) => outcome === 'done'));
        return found.map(({ action }) => action);
      };
      const actions = expected.map(({ action }) => action);
      await expect.poll(collect, { timeout: 30_000 }).toEqual(actions);
      // Nothing comes late, or twice.
      await registry.context.audit.finish();
      expect(await collect()).toEqual(actions);
      for (const [index, event] of expected.entries()) checkEvent(found[index], event, by);
      // Pushes of OCI clients are several requests.
      if (expected.length === 1) expect(found[0]?.request).toBe(response.headers.get('x-request-id'));
    });
  }

  it('every route that is no GET is among the writes, or says why it leaves no event', () => {
    const checked = [...writes, ...administration].flatMap(({ route }) => route ?? []);
    expect(new Set([...checked, ...Object.keys(silentRoutes)])).toEqual(new Set(writingRoutes.keys()));
  });
});

it('a version has the author of its archive', async () => {
  asAdmin();
  await client.api('/spaces/team/charts', { method: 'POST', body: chartForm(await pack('authored')) });
  const authors = await registry.db.query<{ author: string }>(
    'SELECT author FROM versions v WHERE v.digest = $1 AND author_id IS NOT NULL',
    [digestOf(archives.get('authored') ?? Buffer.of())],
  );
  expect(authors).toEqual([{ author: 'admin' }]);
});
