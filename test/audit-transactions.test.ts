import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type AuditedEvent, createFollower, eventsOf } from './support/audit.ts';
import { packChart } from './support/charts.ts';
import { type GuardedRegistry, startGuarded } from './support/guarded.ts';
import { openRepository } from './support/oci.ts';
import { secretOf } from './support/principals.ts';
import { startRegistry } from './support/registry.ts';

let registry: GuardedRegistry;
let follow: () => Promise<AuditedEvent[]>;

beforeAll(async () => {
  registry = await startGuarded({ logLevel: 'silent' });
  await registry.addSpace('shop', 'private');
  expect((await registry.admin.upload('shop', { name: 'web' })).status).toBe(201);
  follow = createFollower(registry.admin);
});
afterAll(() => registry?.close());

/** Lets every insert into a table fail, as a full disk or a broken commit would. */
async function breakTable(table: string): Promise<void> {
  onTestFinished(async () => void (await registry.db.query('DROP FUNCTION IF EXISTS break_table CASCADE')));
  await registry.db.query(
    `CREATE FUNCTION break_table() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN RAISE EXCEPTION 'broken'; END $$`,
  );
  await registry.db.query(
    `CREATE TRIGGER broken BEFORE INSERT OR UPDATE OR DELETE ON ${table}
       FOR EACH ROW EXECUTE FUNCTION break_table()`,
  );
}

/** Reads all that a space has, as text. */
async function stateOf(): Promise<string> {
  const rows = await registry.db.query(
    `SELECT s.name, s.overwriting, s.revision, c.name AS chart, v.version, v.digest, v.provenance,
            (SELECT array_agg(m.digest ORDER BY m.digest) FROM oci_manifests m) AS manifests,
            (SELECT array_agg(t.name ORDER BY t.name) FROM oci_tags t) AS tags,
            (SELECT count(*) FROM jobs) AS jobs
       FROM spaces s LEFT JOIN charts c ON c.space_id = s.id LEFT JOIN versions v ON v.chart_id = c.id
      ORDER BY 1, 4, 5`,
  );
  return JSON.stringify(rows);
}

const web = '/spaces/shop/charts/web/versions/1.0.0';
const recipe = (chart: string) => ({
  save: { chart, version: '1.0.0' },
  configs: { package: { independent: true, space: 'shop', chart: 'web', version: '1.0.0' } },
});
const writes: [string, () => Promise<Response>][] = [
  ['a new space', () => registry.admin.api('/spaces?space=new', { method: 'POST' })],
  [
    'a policy',
    () => registry.admin.api('/spaces/shop', { method: 'PATCH', body: '{"overwriting":"mutable"}' }),
  ],
  ['an upload', () => registry.admin.upload('shop', { name: 'new' })],
  ['an upload into a new space', () => registry.admin.upload('new', { name: 'new' })],
  ['values', () => registry.admin.api(`${web}/manifests/values`, { method: 'PUT', body: '{"a":1}' })],
  ['a recipe', () => registry.admin.orchestrate('shop', recipe('made'))],
  ['a deleted version', () => registry.admin.api(web, { method: 'DELETE' })],
  ['a deleted chart', () => registry.admin.api('/spaces/shop/charts/web', { method: 'DELETE' })],
  ['a deleted space', () => registry.admin.api('/spaces/shop', { method: 'DELETE' })],
  [
    'a pushed artifact',
    async () => (await openRepository(registry.admin, 'shop/tool').pushArtifact('latest', 'x')).response,
  ],
  [
    'a pushed chart',
    async () =>
      (await openRepository(registry.admin, 'shop/web').pushChart(await packChart({ name: 'web' }), '1.0.0'))
        .response,
  ],
];

describe('a change and its event are one transaction', () => {
  it.each(writes)('no change without event: %s', async (_, write) => {
    const before = await stateOf();
    await breakTable('audit_events');
    const response = await write();
    expect(response.status).toBeGreaterThanOrEqual(500);
    expect(await stateOf()).toBe(before);
  });

  it.each(writes)('no event without change: %s', async (name, write) => {
    await follow();
    // Every write below a space raises its revision at its end; OCI content is not listed, and raises none.
    await breakTable(name.startsWith('a pushed') ? 'oci_manifests' : 'spaces');
    await write();
    expect((await follow()).filter(({ outcome }) => outcome === 'done')).toEqual([]);
  });

  it('uploads at the same moment each leave their own event, with what they stored', async () => {
    await follow();
    const names = Array.from({ length: 24 }, (_, index) => `many-${index}`);
    const responses = await Promise.all(names.map((name) => registry.admin.upload('shop', { name })));
    expect(responses.map(({ status }) => status)).toEqual(names.map(() => 201));
    const stored = await registry.db.query<{ chart: string; digest: string }>(
      `SELECT c.name AS chart, v.digest FROM versions v JOIN charts c ON c.id = v.chart_id WHERE c.name LIKE 'many-%'`,
    );
    const events = await follow();
    const sorted = (pairs: string[]) => [...pairs].sort();
    expect(sorted(events.map(({ chart, digests }) => `${chart} ${digests?.after}`))).toEqual(
      sorted(stored.map(({ chart, digest }) => `${chart} ${digest}`)),
    );
    expect(new Set(events.map(({ request }) => request)).size).toBe(names.length);
  });
});

describe('events', () => {
  it('events have no secret of a token, wherever a client puts it', async () => {
    const { text, id } = await registry.addToken(await registry.addUser('leaky'));
    const headers = { 'User-Agent': `tool/${text}`, 'X-Request-Id': text };
    const { client } = await registry.addToken(await registry.addUser('sam'));
    await client.api('/spaces?space=secret', { method: 'POST', headers });
    await registry.admin.api(`/spaces?space=kept`, { method: 'POST', headers });
    await registry.anonymous.api('/spaces?space=none', {
      method: 'POST',
      headers: { ...headers, Authorization: `Bearer ${text.slice(0, -2)}xx` },
    });
    const events = await eventsOf(registry.admin);
    expect(events.some(({ agent }) => agent?.includes(`hrt_${id}_***`))).toBe(true);
    expect(events.some(({ details }) => details?.tokenId === id)).toBe(true);
    const [row] = await registry.db.query<{ text: string }>(
      "SELECT string_agg(e::text, ' ') AS text FROM audit_events e",
    );
    expect(row?.text).not.toContain(secretOf(text).slice(0, 20));
  });

  it('events are not recorded in a registry with open access', async () => {
    const open = await startRegistry();
    try {
      expect((await open.upload('shop', { name: 'web' })).status).toBe(201);
      expect((await open.orchestrate('shop', recipe('made'))).status).toBe(201);
      expect((await open.api('/spaces/shop', { method: 'DELETE' })).status).toBe(204);
      expect(await open.db.query('SELECT FROM audit_events')).toEqual([]);
    } finally {
      await open.close();
    }
  });
});
