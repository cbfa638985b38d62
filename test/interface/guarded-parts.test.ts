import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dependentsOf, errorOf, jobOf, jobsOf, lineageOf } from '../support/answers.ts';
import type { TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';

let registry: GuardedRegistry;
let anaId: string;
/** Author: publisher of `team` and `world`, reader of `shared`. */
let ana: TestClient;
/** Reader of `team` alone. */
let rita: TestClient;

beforeAll(async () => {
  registry = await startGuarded();
  for (const space of ['team', 'shared', 'hidden']) await registry.addSpace(space, 'private');
  await registry.addSpace('world', 'public');
  anaId = await registry.addUser('ana');
  ana = (await registry.addToken(anaId)).client;
  for (const space of ['team', 'world']) await registry.setRole(anaId, space, 'publisher');
  await registry.setRole(anaId, 'shared', 'reader');
  const ritaId = await registry.addUser('rita');
  await registry.setRole(ritaId, 'team', 'reader');
  rita = (await registry.addToken(ritaId)).client;
  const dependencies = [{ name: 'util', version: '^1' }];
  for (const space of ['team', 'world']) await upload(space, 'web', '1.0.0', { dependencies });
  await upload('shared', 'util', '1.3.0');
  await upload('hidden', 'util', '1.9.0');
});
afterAll(() => registry.close());

async function upload(space: string, name: string, version: string, manifest = {}) {
  expect((await registry.admin.upload(space, { name, version, manifest })).status).toBe(201);
}
let number = 0;
function recipe(space: string, from?: string[]) {
  number += 1;
  return {
    save: { chart: 'shop', version: `1.0.${number}`, ...(from ? { from } : {}) },
    configs: { package: { independent: true, space, chart: 'web', version: '1.0.0', subcharts: 'resolve' } },
  };
}
/** Sends a recipe both ways, and returns the refusal, which must be the same. */
async function refusalOf(client: TestClient, space: string, body: object) {
  const sent = await client.orchestrate(space, body);
  const tried = await client.api(`/spaces/${space}/charts?dryRun=true`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  const error = await errorOf(sent);
  expect(await errorOf(tried)).toEqual(error);
  return { status: sent.status, ...error };
}

describe('parts in spaces that are guarded', () => {
  it('a space of `save.from` that may not be read is answered like one that is not there', async () => {
    const hidden = await refusalOf(ana, 'team', recipe('team', ['hidden']));
    const absent = await refusalOf(ana, 'team', recipe('team', ['nowhere']));
    expect(hidden).toMatchObject({
      status: 404,
      code: 'source.notFound',
      details: { pointer: '/save/from/0' },
    });
    expect(JSON.stringify(hidden).replaceAll('hidden', 'X')).toBe(
      JSON.stringify(absent).replaceAll('nowhere', 'X'),
    );
  });

  it('a chart that a token may not read is answered like one that is not there', async () => {
    const { client } = await registry.addToken(anaId, { charts: ['shop', 'web'] });
    const error = await refusalOf(client, 'team', recipe('team', ['shared']));
    expect(error).toMatchObject({ status: 404, code: 'dependency.notFound' });
    expect(error.message).toContain('there is no chart util in the spaces team, shared');
    expect(error.message).not.toContain('1.3.0');
  });

  it('a part is not copied to where more can read it, without the right to', async () => {
    const error = await refusalOf(ana, 'world', recipe('world', ['shared']));
    expect(error).toMatchObject({
      status: 403,
      code: 'access.denied',
      details: { right: 'chart.disclose', pointer: '/configs/package' },
    });
    expect(error.message).toContain('shared/util');
    await registry.setRole(anaId, 'shared', 'maintainer');
    expect((await ana.orchestrate('world', recipe('world', ['shared']))).status).toBe(201);
    await registry.setRole(anaId, 'shared', 'reader');
  });

  it('a reader who may not read a part does not learn of it from the job, its lineage and its dependents', async () => {
    const body = recipe('team', ['shared']);
    expect((await ana.orchestrate('team', body)).status).toBe(201);
    const version = body.save.version;
    const lineageIn = async (client: TestClient) =>
      lineageOf(await client.api(`/spaces/team/charts/shop/versions/${version}/lineage`));
    const jobIn = async (client: TestClient) =>
      (await jobsOf(await client.api('/jobs?space=team&chart=shop&limit=1'))).items[0];
    expect((await lineageIn(ana)).sources).toMatchObject([
      { chart: 'web' },
      { space: 'shared', version: '1.3.0' },
    ]);
    for (const text of [JSON.stringify(await lineageIn(rita)), JSON.stringify(await jobIn(rita))]) {
      expect(text).toContain('***');
      expect(text).not.toMatch(/shared|util|1\.3\.0/);
    }
    const path = '/spaces/shared/charts/util/versions/1.3.0/dependents';
    expect((await rita.api(path)).status).toBe(404);
    expect((await dependentsOf(await ana.api(path))).items).toContainEqual(
      expect.objectContaining({ space: 'team', version }),
    );
  });

  it('a job fails if its author may not read a part any more when it ends', async () => {
    const quiet = await startGuarded({}, { worker: false });
    try {
      for (const space of ['team', 'shared']) await quiet.addSpace(space, 'private');
      const id = await quiet.addUser('bob');
      await quiet.setRole(id, 'team', 'publisher');
      await quiet.setRole(id, 'shared', 'reader');
      const { client } = await quiet.addToken(id);
      const dependencies = [{ name: 'util', version: '^1' }];
      await quiet.admin.upload('team', { name: 'web', manifest: { dependencies } });
      await quiet.admin.upload('shared', { name: 'util' });
      const accepted = await client.orchestrate('team', recipe('team', ['shared']), { Prefer: 'wait=0' });
      expect(accepted.status).toBe(202);
      const job = await jobOf(accepted);
      await quiet.setRole(id, 'shared', undefined);
      await quiet.startWorker();
      const events = await (await quiet.admin.api(`/jobs/${job.id}/events`)).text();
      expect(events).toContain('access.denied');
      expect(await jobOf(await quiet.admin.api(`/jobs/${job.id}`))).toMatchObject({
        state: 'failed',
        error: { code: 'access.denied', details: { right: 'chart.read' } },
      });
    } finally {
      await quiet.close();
    }
  });
});
