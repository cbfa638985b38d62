import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, metadataListOf, namesOf } from '../support/answers.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  // Writers of a race wait this long on a slow machine; two tests wait for all of it, at locks that nobody releases.
  registry = await startRegistry({ lockTimeout: 5_000 }, { worker: false });
});
afterAll(async () => {
  // A deadlock is a fault even where a repeated transaction hides it.
  const [row] = await registry.db.query<{ deadlocks: number }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  await registry.close();
  expect(row?.deadlocks).toBe(0);
});

/** Lists the names of the blobs in the store. */
async function blobs(): Promise<string[]> {
  return (await registry.blobs()).filter((name) => /[0-9a-f]{64}$/.test(name));
}

const counts = async (space: string) => {
  const [row] = await registry.db.query<{
    charts: number;
    versions: number;
    right: boolean;
  }>(
    `SELECT s.chart_count AS charts, s.version_count AS versions,
            s.chart_count = (SELECT count(*) FROM charts WHERE space_id = s.id)
            AND s.version_count = (SELECT count(*) FROM versions v JOIN charts c ON c.id = v.chart_id WHERE c.space_id = s.id)
            AND NOT EXISTS (SELECT FROM charts c WHERE c.space_id = s.id
                             AND c.version_count <> (SELECT count(*) FROM versions WHERE chart_id = c.id)) AS right
       FROM spaces s WHERE s.name = $1`,
    [space],
  );
  return row;
};

describe('concurrent writes', () => {
  it('concurrent uploads of one version: one is stored, the others are refused and their bytes deleted', async () => {
    const before = (await blobs()).length;
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, a) => registry.upload('one', { name: 'web', values: { a } })),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    for (const answer of answers.filter(({ status }) => status === 409)) {
      expect((await errorOf(answer)).code).toBe('version.exists');
    }
    expect((await blobs()).length).toBe(before + 1);
  });

  it('an upload of an existing version is refused with version.exists also while the version is locked', async () => {
    await registry.upload('taken', { name: 'web' });
    const lock = (version: string) =>
      registry.db.query(
        `INSERT INTO locks (resource, holder, exclusive, fence, expires_at)
         VALUES ('taken/web/' || $1::text, gen_random_uuid(), true, nextval('fences'), 'infinity')`,
        [version],
      );
    await lock('1.0.0');
    await lock('2.0.0');
    const answers = ['1.0.0', '2.0.0'].map(async (version) => {
      const answer = await registry.upload('taken', { name: 'web', version, values: { other: true } });
      return [answer.status, (await errorOf(answer)).code];
    });
    expect(await Promise.all(answers)).toEqual([
      [409, 'version.exists'],
      [423, 'resource.locked'],
    ]);
    await registry.db.query(`DELETE FROM locks WHERE resource LIKE 'taken/%'`);
  });

  it('uploads that arrive together each get their own outcome, and an index never lacks a stored one', async () => {
    const upload = (version: string, more: object = {}) =>
      registry.upload('set', { name: `c${Number(version.split('.')[2]) % 3}`, version, ...more });
    await upload('1.0.0');
    const reserved = `set/c1/1.0.1`;
    await registry.db.query(
      `INSERT INTO locks (resource, holder, exclusive, fence, expires_at)
       VALUES ($1, gen_random_uuid(), true, nextval('fences'), 'infinity')`,
      [reserved],
    );
    const isInIndex = async (version: string) => {
      const index = await registry.request('/set/index.yaml');
      return (await index.text()).includes(`-${version}.tgz`);
    };
    const versions = Array.from({ length: 24 }, (_, number) => `1.0.${number}`);
    // Each version comes twice, in both orders, with other bytes.
    const both = [...versions, ...versions.toReversed()].map(async (version, index) => {
      const { status } = await upload(version, { values: { index } });
      return { version, status, isListed: status === 201 && (await isInIndex(version)) };
    });
    const answers = await Promise.all(both);
    await registry.db.query('DELETE FROM locks WHERE resource = $1', [reserved]);
    const statusesOf = (wanted: string) =>
      answers.filter(({ version }) => version === wanted).map(({ status }) => status);
    expect(statusesOf('1.0.0')).toEqual([409, 409]);
    expect(statusesOf('1.0.1')).toEqual([423, 423]);
    for (const version of versions.slice(2)) expect(statusesOf(version).sort()).toEqual([201, 409]);
    expect(answers.filter(({ status, isListed }) => status === 201 && !isListed)).toEqual([]);
    expect(await counts('set')).toEqual({ charts: 3, versions: 23, right: true });
    const [revisions] = await registry.db.query<{ revision: number; recorded: number; last: number }>(
      `SELECT revision, (SELECT count(*) FROM changes WHERE space_id = s.id) AS recorded,
              (SELECT max(revision) FROM changes WHERE space_id = s.id) AS last
         FROM spaces s WHERE name = 'set'`,
    );
    expect(revisions).toEqual({ revision: 23, recorded: 23, last: 23 });
  });

  it('identical bytes uploaded to many spaces at once are one blob, readable in every space', async () => {
    const before = (await blobs()).length;
    const chart = { name: 'same', values: { only: 'here' } };
    const spaces = Array.from({ length: 8 }, (_, number) => `same-${number}`);
    await Promise.all(spaces.map((space) => registry.upload(space, chart)));
    expect((await blobs()).length).toBe(before + 1);
    for (const space of spaces) {
      expect((await registry.api(`/spaces/${space}/charts/same/versions/1.0.0`)).status).toBe(200);
    }
  });

  it('concurrent uploads into a new space are all stored and counted', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, number) =>
        registry.upload('many', { name: `c${number % 4}`, version: `1.0.${number}` }),
      ),
    );
    expect(await counts('many')).toEqual({ charts: 4, versions: 40, right: true });
    expect((await metadataListOf(await registry.api('/spaces/many/metadata?limit=100'))).metadata.total).toBe(
      40,
    );
  });

  it('concurrent uploads and deletions of the same versions leave the counts right', async () => {
    const paths = Array.from({ length: 5 }, (_, number) => `1.0.${number}`);
    await Promise.all(
      Array.from({ length: 60 }, (_, number) => {
        const version = paths[number % paths.length] ?? '';
        return number % 2 === 0
          ? registry.upload('churn', { name: 'web', version })
          : registry.api(`/spaces/churn/charts/web/versions/${version}`, { method: 'DELETE' });
      }),
    );
    expect((await counts('churn'))?.right).toBe(true);
    const listed = await registry.api('/spaces/churn/charts/web/versions?limit=100');
    if (listed.status === 200) {
      for (const version of (await namesOf(listed)).items) {
        const download = await registry.api(`/spaces/churn/charts/web/versions/${version}`);
        expect((await download.arrayBuffer()).byteLength).toBeGreaterThan(0);
      }
    }
  });

  it('a space deleted during uploads into it is missing or whole', async () => {
    await registry.upload('doomed', { name: 'first' });
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, (_, number) => registry.upload('doomed', { name: `c${number}` })),
      registry.api('/spaces/doomed', { method: 'DELETE' }),
    ]);
    for (const { status } of answers) expect([201, 204]).toContain(status);
    const row = await counts('doomed');
    if (row) expect(row.right).toBe(true);
  });
});
