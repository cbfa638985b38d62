import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, jobOf, jobsOf, namesOf } from '../support/answers.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  // Writers of a race wait this long on a slow machine; one test waits for all of it, at a lock that nobody releases.
  registry = await startRegistry({ lockTimeout: 5_000 }, { workers: 3 });
});
afterAll(async () => {
  const [row] = await registry.db.query<{ deadlocks: number }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  await registry.close();
  expect(row?.deadlocks).toBe(0);
});

const waited = { Prefer: 'wait=30' };
const light = { port: 80 };
const heavy = Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [`key-${index}`, index]));
const recipe = (space: string, chart: string, config: object) => ({
  save: { chart, version: '1.0.0' },
  configs: { package: { independent: true, space, chart: 'web', version: '1.0.0' }, _config: config },
});

/** Waits until every job that matches the query has ended. @returns the states of the jobs */
async function endOf(query: string): Promise<string[]> {
  const { items } = await jobsOf(await registry.api(`/jobs?limit=100&${query}`));
  return Promise.all(
    items.map(async ({ id }) => {
      // The stream of events ends with the job.
      await (await registry.api(`/jobs/${id}/events`)).text();
      return (await jobOf(await registry.api(`/jobs/${id}`))).state;
    }),
  );
}

async function expectWhole(space: string, chart: string): Promise<void> {
  const archive = await registry.api(`/spaces/${space}/charts/${chart}/versions/1.0.0`);
  expect(archive.status).toBe(200);
  expect((await archive.arrayBuffer()).byteLength).toBeGreaterThan(0);
}

describe('concurrent recipes', () => {
  it.each([
    ['light', [light, light]],
    ['heavy', [heavy, heavy]],
    ['of both kinds', [light, heavy]],
  ])(
    'concurrent recipes for one target that are %s, waited for and not: one makes it, the others are refused',
    async (kind, configs) => {
      const [space, chart] = [`dup-${kind.replaceAll(' ', '-')}`, 'made'];
      await registry.upload(space, { name: 'web' });
      // The first recipe loads the source into the source cache.
      await registry.orchestrate(space, recipe(space, 'warm', {}));
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, number) => {
          const config = { ...configs[number % 2], number };
          return registry.orchestrate(space, recipe(space, chart, config), number % 3 === 0 ? {} : waited);
        }),
      );
      const accepted = answers.filter(({ ok }) => ok);
      expect(accepted.map(({ status }) => [201, 202].includes(status))).toEqual([true]);
      for (const answer of answers.filter(({ ok }) => !ok)) {
        expect(answer.status).toBe(409);
        expect(['version.exists', 'version.composing']).toContain((await errorOf(answer)).code);
      }
      expect(await endOf(`chart=${chart}&space=${space}`)).toEqual(['succeeded']);
      await expectWhole(space, chart);
    },
  );

  it('a recipe for an existing version is refused with version.exists also while the version is locked', async () => {
    await registry.upload('held', { name: 'web' });
    await registry.upload('held', { name: 'made' });
    await registry.db.query(
      `INSERT INTO locks (resource, holder, exclusive, fence, expires_at)
       VALUES ('held/made/1.0.0', gen_random_uuid(), true, nextval('fences'), 'infinity')`,
    );
    for (const headers of [waited, {}]) {
      const answer = await registry.orchestrate('held', recipe('held', 'made', light), headers);
      expect([answer.status, (await errorOf(answer)).code]).toEqual([409, 'version.exists']);
    }
    await registry.db.query(`DELETE FROM locks WHERE resource LIKE 'held/%'`);
  });

  it('a recipe accepted during the deletion of its source is composed', async () => {
    const space = 'churned';
    await registry.upload(space, { name: 'web' });
    for (let round = 0; round < 6; round += 1) {
      const charts = [`light-${round}`, `heavy-${round}`, `queued-${round}`];
      const [a, b, c] = await Promise.all([
        registry.orchestrate(space, recipe(space, `light-${round}`, light), waited),
        registry.orchestrate(space, recipe(space, `heavy-${round}`, heavy), waited),
        registry.orchestrate(space, recipe(space, `queued-${round}`, heavy), {}),
        registry.api(`/spaces/${space}/charts/web/versions/1.0.0`, { method: 'DELETE' }),
      ]);
      const answers = [a, b, c];
      for (const [index, answer] of answers.entries()) {
        expect([201, 202, 404]).toContain(answer.status);
        const chart = charts[index] ?? '';
        const states = await endOf(`chart=${chart}&space=${space}`);
        expect(states).toEqual(answer.ok ? ['succeeded'] : []);
        if (answer.ok) await expectWhole(space, chart);
        else expect((await errorOf(answer)).code).toBe('source.notFound');
      }
      await registry.upload(space, { name: 'web' });
    }
  });

  it('a space deleted during recipes is missing, or has the composed charts', async () => {
    for (let round = 0; round < 6; round += 1) {
      const space = `gone-${round}`;
      await registry.upload('sources', { name: 'web' });
      await registry.api(`/spaces?space=${space}`, { method: 'POST' });
      const [deleted, ...answers] = await Promise.all([
        registry.api(`/spaces/${space}`, { method: 'DELETE' }),
        registry.orchestrate(space, recipe('sources', 'light', light), waited),
        registry.orchestrate(space, recipe('sources', 'heavy', heavy), waited),
        registry.orchestrate(space, recipe('sources', 'queued', heavy), {}),
      ]);
      expect([204, 423]).toContain(deleted.status);
      for (const { status } of answers) expect([201, 202, 404, 423]).toContain(status);
      const states = await endOf(`space=${space}`);
      expect(states).toEqual(answers.filter(({ ok }) => ok).map(() => 'succeeded'));
      const listed = await registry.api(`/spaces/${space}/charts`);
      if (listed.status === 200)
        for (const chart of (await namesOf(listed)).items) await expectWhole(space, chart);
      else expect([listed.status, deleted.status]).toEqual([404, 204]);
    }
  });
});
