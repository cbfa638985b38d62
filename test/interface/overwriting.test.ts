import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, valuesOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  // Long enough that no change of a space is refused with a lock timeout.
  registry = await startRegistry({ lockTimeout: 30_000 }, { workers: 3 });
});
afterAll(() => registry.close());

const web = '/charts/web/versions/1.0.0';
const put = (path: string, body: unknown) =>
  registry.api(path, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
const patch = (space: string, body: unknown) =>
  registry.api(`/spaces/${space}`, { method: 'PATCH', body: JSON.stringify(body) });
const replace = async (space: string, archive: Buffer) =>
  registry.api(`/spaces/${space}${web}`, { method: 'PUT', body: chartForm(archive) });

describe('a space', () => {
  it('a space is mutable unless it is created or set otherwise', async () => {
    await registry.api('/spaces?space=plain', { method: 'POST' });
    await registry.api('/spaces?space=fixed&overwriting=immutable', { method: 'POST' });
    expect(await (await registry.api('/spaces/plain')).json()).toEqual({
      name: 'plain',
      overwriting: 'mutable',
      charts: 0,
      versions: 0,
      quota: { bytes: { used: 0, limit: null }, versions: { used: 0, limit: null } },
      ...(registry.login ? { visibility: 'private' } : {}),
    });
    expect(await (await registry.api('/spaces/fixed')).json()).toMatchObject({ overwriting: 'immutable' });
    const changed = await patch('plain', { overwriting: 'immutable' });
    expect(changed.status).toBe(200);
    expect(await changed.json()).toMatchObject({ name: 'plain', overwriting: 'immutable' });
  });

  it.each([
    [{ overwriting: 'sometimes' }, 400],
    [{}, 400],
    [{ overwriting: 'mutable', name: 'other' }, 400],
  ])('a space refuses the settings %j', async (body, status) => {
    await registry.api('/spaces?space=plain', { method: 'POST' });
    expect((await patch('plain', body)).status).toBe(status);
  });

  it('a missing space is 404 to GET and PATCH', async () => {
    for (const response of [
      await registry.api('/spaces/nowhere'),
      await patch('nowhere', { overwriting: 'mutable' }),
    ]) {
      expect(response.status).toBe(404);
      expect((await errorOf(response)).code).toBe('space.notFound');
    }
  });
});

describe('an immutable space', () => {
  const one = packChart({ name: 'web', values: { a: 1 } });
  const other = packChart({ name: 'web', values: { a: 2 } });
  const base = '/spaces/stays';

  beforeAll(async () => {
    await registry.upload('stays', await one);
    await patch('stays', { overwriting: 'immutable' });
  });

  it.each([
    ['replaced', async () => replace('stays', await other)],
    [
      'rewritten in its metadata',
      () => put(`${base}${web}/manifests/metadata`, { name: 'web', version: '1.0.0', description: 'x' }),
    ],
    ['rewritten in its values', () => put(`${base}${web}/manifests/values`, { a: 3 })],
    ['deleted', () => registry.api(`${base}${web}`, { method: 'DELETE' })],
    ['deleted with its chart', () => registry.api(`${base}/charts/web`, { method: 'DELETE' })],
  ])('a version of an immutable space is not %s', async (_, write) => {
    const before = await registry.blobs();
    const response = await write();
    expect(response.status).toBe(409);
    expect((await errorOf(response)).code).toBe('version.immutable');
    const archive = await registry.api(`${base}${web}`);
    expect(Buffer.from(await archive.arrayBuffer())).toEqual(await one);
    expect(await valuesOf(await registry.api(`${base}${web}/manifests/values`))).toEqual({ a: 1 });
    expect(await registry.blobs()).toEqual(before);
  });

  it('identical bytes may be uploaded again to an immutable space', async () => {
    expect((await replace('stays', await one)).status).toBe(200);
  });

  it('an immutable space takes new versions, uploaded and composed', async () => {
    expect((await registry.upload('stays', { name: 'web', version: '1.1.0' })).status).toBe(201);
    const composed = await registry.orchestrate('stays', {
      save: { chart: 'shop', version: '1.0.0' },
      configs: { package: { independent: true, space: 'stays', chart: 'web', version: '1.0.0' } },
    });
    expect(composed.status).toBe(201);
  });

  it('an immutable space can be deleted with its versions', async () => {
    await registry.upload('brief', await one);
    await patch('brief', { overwriting: 'immutable' });
    expect((await registry.api('/spaces/brief', { method: 'DELETE' })).status).toBe(204);
  });
});

it('the refusal of an existing version advises only actions that the space allows, on every interface', async () => {
  const archive = await packChart({ name: 'web' });
  const recipe = {
    save: { chart: 'web', version: '1.0.0' },
    configs: { package: { independent: true, space: 'advised', chart: 'base', version: '1.0.0' } },
  };
  const refuse = async () => {
    const answers = [
      await registry.upload('advised', archive),
      await registry.orchestrate('advised', recipe),
      await registry.request('/api/advised/charts', { method: 'POST', body: new Uint8Array(archive) }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 409]);
    return Promise.all(answers.map((answer) => answer.text()));
  };
  await registry.upload('advised', await packChart({ name: 'base' }));
  expect((await registry.upload('advised', archive)).status).toBe(201);
  const other = await packChart({ name: 'web', values: { changed: true } });
  expect(await (await registry.upload('advised', other)).text()).toContain('or replace or delete that one');
  await patch('advised', { overwriting: 'immutable' });
  for (const text of await refuse()) {
    expect(text).toContain('versions in space advised are immutable, so use another version');
    expect(text).not.toContain('delete');
  }
});

it('no version is overwritten after the answer that the space is immutable', async () => {
  for (let round = 0; round < 10; round += 1) {
    const space = `race-${round}`;
    await registry.upload(space, { name: 'web', values: { round: -1 } });
    const replacing = Array.from({ length: 4 }, async (_, n) =>
      replace(space, await packChart({ name: 'web', values: { n } })),
    );
    expect((await patch(space, { overwriting: 'immutable' })).status).toBe(200);
    const then = await valuesOf(await registry.api(`/spaces/${space}${web}/manifests/values`));
    for (const response of await Promise.all(replacing)) expect([200, 409, 423]).toContain(response.status);
    expect(await valuesOf(await registry.api(`/spaces/${space}${web}/manifests/values`))).toEqual(then);
  }
});
