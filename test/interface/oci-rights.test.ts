import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packChart } from '../support/charts.ts';
import { createClient, type TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';
import { descriptor, digest, imageType, openRepository, problemOf, tagsOf } from '../support/oci.ts';

let registry: GuardedRegistry;
beforeAll(async () => {
  // Long enough that no push of a race is refused with a lock timeout.
  registry = await startGuarded({ lockTimeout: 30_000 }, { worker: false });
  await registry.addSpace('closed', 'private');
  await registry.addSpace('own', 'private');
  await registry.addSpace('shown', 'public');
});
afterAll(() => registry.close());

/** Creates a user with roles in spaces. @returns its client */
async function addMember(roles: Record<string, 'reader' | 'publisher' | 'maintainer'>): Promise<TestClient> {
  const id = await registry.addUser(`user-${randomUUID()}`);
  for (const [space, role] of Object.entries(roles)) await registry.setRole(id, space, role);
  return (await registry.addToken(id)).client;
}

const tokenShape = z.object({ token: z.string() });
/** Exchanges the token of a client for a registry token with scopes. */
async function narrow(client: TestClient, scope: string): Promise<TestClient> {
  const response = await client.request(`/v2/token?${new URLSearchParams({ scope })}`);
  return createClient(registry.urls, `Bearer ${tokenShape.parse(await response.json()).token}`);
}

const mount = (client: TestClient, into: string, blob: string, from?: string) =>
  client.request(
    `/v2/${into}/blobs/uploads/?${new URLSearchParams({ mount: blob, ...(from ? { from } : {}) })}`,
    { method: 'POST' },
  );

describe('a blob of a space that the caller may not read', () => {
  const secret = `secret ${randomUUID()}`;
  const blob = digest(secret);
  let outsider: TestClient;
  beforeAll(async () => {
    expect(
      (await openRepository(registry.admin, 'closed/thing').pushArtifact('v1', secret)).response.status,
    ).toBe(201);
    outsider = await addMember({ own: 'publisher' });
  });

  it('a blob of a space that the caller may not read is not mounted, with its repository named or not, and answers as if it did not exist', async () => {
    for (const from of [undefined, 'closed/thing', 'closed/absent', 'absent/thing']) {
      const [real, unknown] = await Promise.all([
        mount(outsider, 'own/copy', blob, from),
        mount(outsider, 'own/copy', digest(randomUUID()), from),
      ]);
      expect([real.status, unknown.status]).toEqual([202, 202]);
    }
    expect((await outsider.request(`/v2/own/copy/blobs/${blob}`)).status).toBe(404);
  });

  it('gets into no manifest by its digest, and no probe tells that it exists', async () => {
    const own = openRepository(outsider, 'own/copy');
    await own.pushBlob('{}');
    const manifestOf = (layer: string, size: number) =>
      JSON.stringify({
        schemaVersion: 2,
        mediaType: imageType,
        config: descriptor('application/vnd.oci.empty.v1+json', '{}'),
        layers: [{ mediaType: 'application/octet-stream', digest: layer, size }],
      });
    for (const layer of [blob, digest('unknown')]) {
      const refused = await own.put('v1', manifestOf(layer, secret.length));
      expect(await problemOf(refused)).toMatchObject({ status: 400, code: 'MANIFEST_BLOB_UNKNOWN' });
      for (const method of ['HEAD', 'GET'])
        expect((await outsider.request(`/v2/own/copy/blobs/${layer}`, { method })).status).toBe(404);
    }
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [{ mediaType: imageType, digest: blob, size: 10 }],
    });
    const refused = await own.put('v2', index, 'application/vnd.oci.image.index.v1+json');
    expect(await problemOf(refused)).toMatchObject({ status: 400 });
  });

  it('a blob of a space that the caller may not read is mounted once the caller may read it, for as long as that is so', async () => {
    const id = await registry.addUser(`user-${randomUUID()}`);
    await registry.setRole(id, 'own', 'publisher');
    await registry.setRole(id, 'closed', 'reader');
    const { client } = await registry.addToken(id);
    expect((await mount(client, 'own/one', blob, 'closed/thing')).status).toBe(201);
    expect((await mount(client, 'own/two', blob)).status).toBe(201);
    await registry.setRole(id, 'closed', undefined);
    expect((await mount(client, 'own/three', blob, 'closed/thing')).status).toBe(202);
  });

  it('a blob of a space that the caller may not read is mounted with a registry token only if the token may pull it', async () => {
    const member = await addMember({ closed: 'reader', shown: 'publisher' });
    const push = 'repository:shown/copy:pull,push';
    const without = await narrow(member, push);
    expect((await mount(without, 'shown/copy', blob, 'closed/thing')).status).toBe(202);
    expect((await mount(without, 'shown/copy', blob)).status).toBe(202);
    const both = await narrow(member, `${push} repository:closed/thing:pull`);
    expect((await mount(both, 'shown/copy', blob)).status).toBe(201);
  });

  it('a blob of a space that the caller may not read is not mounted with a token for other charts', async () => {
    const id = await registry.addUser(`user-${randomUUID()}`);
    for (const space of ['own', 'closed']) await registry.setRole(id, space, 'publisher');
    const { client } = await registry.addToken(id, { charts: ['web'] });
    const unread = randomUUID();
    await openRepository(registry.admin, 'closed/thing').pushArtifact('v2', unread);
    expect((await mount(client, 'own/web', digest(unread), 'closed/thing')).status).toBe(202);
    expect((await mount(client, 'own/web', digest(unread))).status).toBe(202);
  });

  it('whose chart was uploaded is not mounted either', async () => {
    const archive = await packChart({ name: 'hidden', values: { secret } });
    expect((await registry.admin.upload('closed', archive)).status).toBe(201);
    for (const from of [undefined, 'closed/hidden'])
      expect((await mount(outsider, 'own/hidden', digest(archive), from)).status).toBe(202);
    const pushed = await openRepository(outsider, 'own/hidden').put(
      '1.0.0',
      JSON.stringify({
        schemaVersion: 2,
        mediaType: imageType,
        config: { mediaType: 'application/vnd.cncf.helm.config.v1+json', digest: digest('{}'), size: 2 },
        layers: [
          {
            mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
            digest: digest(archive),
            size: archive.length,
          },
        ],
      }),
    );
    expect(await problemOf(pushed)).toMatchObject({ status: 400, code: 'MANIFEST_BLOB_UNKNOWN' });
  });
});

describe('an upload session', () => {
  it('an upload session is of no use to another principal, or in another repository', async () => {
    const [mine, other] = await Promise.all([
      addMember({ own: 'publisher' }),
      addMember({ own: 'publisher' }),
    ]);
    const repository = openRepository(mine, 'own/session');
    const location = await repository.begin();
    expect((await repository.patch(location, 'first ')).status).toBe(202);
    const requests: [string, RequestInit][] = [
      [location, { method: 'GET' }],
      [location, { method: 'PATCH', body: 'more' }],
      [`${location}?digest=${digest('first ')}`, { method: 'PUT' }],
      [location, { method: 'DELETE' }],
    ];
    for (const [path, init] of requests) {
      expect(await problemOf(await other.request(path, init))).toMatchObject({
        status: 404,
        code: 'BLOB_UPLOAD_UNKNOWN',
      });
      const elsewhere = path.replace('own/session', 'own/elsewhere');
      expect((await mine.request(elsewhere, init)).status).toBe(404);
      expect((await registry.anonymous.request(path, init)).status).toBe(401);
    }
    expect((await repository.finish(location, digest('first last'), 'last')).status).toBe(201);
  });

  it('ends with the right to publish, in the middle too', async () => {
    const id = await registry.addUser(`user-${randomUUID()}`);
    await registry.setRole(id, 'own', 'publisher');
    const { client } = await registry.addToken(id);
    const repository = openRepository(client, 'own/session');
    const location = await repository.begin();
    expect((await repository.patch(location, 'first ')).status).toBe(202);
    await registry.setRole(id, 'own', 'reader');
    expect((await repository.patch(location, 'more')).status).toBe(403);
    expect((await repository.finish(location, digest('first '))).status).toBe(403);
    expect((await client.request(location)).status).toBe(403);
    expect((await client.request(location, { method: 'DELETE' })).status).toBe(403);
    expect((await client.request(`/v2/own/session/blobs/${digest('first ')}`)).status).toBe(404);
  });
});

describe('a publisher', () => {
  it('adds tags, repeats them, and moves none', async () => {
    const publisher = openRepository(await addMember({ own: 'publisher' }), 'own/tags');
    const maintainer = openRepository(await addMember({ own: 'maintainer' }), 'own/tags');
    const first = await publisher.pushArtifact('stable', 'one');
    expect(first.response.status).toBe(201);
    expect((await publisher.put('stable', first.body)).status).toBe(201);
    const second = await publisher.pushArtifact(undefined, 'two');
    expect(second.response.status).toBe(201);
    const refused = await publisher.put('stable', second.body);
    const problem = await problemOf(refused);
    expect(problem).toMatchObject({ status: 403, code: 'DENIED' });
    expect(problem.message).toContain('chart.replace');
    const several = await publisher.call(`manifests/${second.digest}?tag=new&tag=stable`, {
      method: 'PUT',
      body: second.body,
      headers: { 'Content-Type': imageType },
    });
    expect(several.status).toBe(403);
    expect(await tagsOf(await publisher.call('tags/list'))).toEqual(['stable']);
    const head = await publisher.call('manifests/stable', { method: 'HEAD' });
    expect(head.headers.get('docker-content-digest')).toBe(first.digest);
    expect((await maintainer.put('stable', second.body)).status).toBe(201);
  });

  it('of several publishers who race for a tag one wins, and the tag stays', async () => {
    const publishers = await Promise.all([1, 2, 3, 4].map(() => addMember({ own: 'publisher' })));
    const pushes = await Promise.all(
      publishers.map((client, index) =>
        openRepository(client, 'own/raced').pushArtifact('v1', `race ${index}`),
      ),
    );
    const won = pushes.filter(({ response }) => response.status === 201);
    expect(won).toHaveLength(1);
    expect(pushes.filter(({ response }) => ![201, 403, 429].includes(response.status))).toEqual([]);
    const head = await registry.admin.request('/v2/own/raced/manifests/v1', { method: 'HEAD' });
    expect(head.headers.get('docker-content-digest')).toBe(won[0]?.digest);
  });

  it('pushes no other chart under a version, and none over a tag of its name', async () => {
    const publisher = openRepository(await addMember({ own: 'publisher' }), 'own/web');
    const maintainer = openRepository(await addMember({ own: 'maintainer' }), 'own/web');
    const chart = (text: string) => packChart({ name: 'web', version: '1.0.0', values: { text } });
    expect((await publisher.pushChart(await chart('first'), '1.0.0')).response.status).toBe(201);
    expect((await publisher.pushChart(await chart('first'), '1.0.0')).response.status).toBe(201);
    const other = await publisher.pushChart(await chart('second'), '1.0.0');
    expect(await problemOf(other.response)).toMatchObject({ status: 403, code: 'DENIED' });
    expect((await maintainer.pushChart(await chart('second'), '1.0.0')).response.status).toBe(201);
    expect((await maintainer.pushArtifact('2.0.0', 'no chart')).response.status).toBe(201);
    const next = await packChart({ name: 'web', version: '2.0.0' });
    expect((await publisher.pushChart(next, '2.0.0')).response.status).toBe(403);
    expect((await maintainer.pushChart(next, '2.0.0')).response.status).toBe(201);
  });

  it.each(['3.0.0', '3.0.0+build.1'])('hides no tag by a version of its name: %s', async (version) => {
    const [publisher, maintainer] = [
      await addMember({ own: 'publisher' }),
      await addMember({ own: 'maintainer' }),
    ];
    const name = `hidden${version.length}`;
    const tag = version.replace('+', '_');
    const repository = openRepository(maintainer, `own/${name}`);
    const { digest: artifact } = await repository.pushArtifact(tag, 'no chart');
    await maintainer.upload('own', { name: 'source' });
    const archive = await packChart({ name, version });
    const recipe = {
      save: { chart: name, version },
      configs: { package: { independent: true, space: 'own', chart: 'source', version: '1.0.0' } },
    };
    const museum = (client: TestClient, query = '') =>
      client.request(`/api/own/charts${query}`, { method: 'POST', body: new Uint8Array(archive) });
    const dryRun = () =>
      publisher.api('/spaces/own/charts?dryRun=true', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(recipe),
      });
    for (const write of [
      () => publisher.upload('own', archive),
      () => museum(publisher),
      () => museum(publisher, '?force=true'),
      () => publisher.orchestrate('own', recipe),
      () => publisher.orchestrate('own', recipe, {}),
      dryRun,
    ]) {
      const refused = await write();
      expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('chart.replace')]);
    }
    const kept = await publisher.request(`/v2/own/${name}/manifests/${tag}`, { method: 'HEAD' });
    expect(kept.headers.get('docker-content-digest')).toBe(artifact);
    expect((await maintainer.upload('own', archive)).status).toBe(201);
    expect((await publisher.upload('own', archive)).status).toBe(409);
  });

  it('deletes nothing, and a maintainer does', async () => {
    const publisher = openRepository(await addMember({ own: 'publisher' }), 'own/gone');
    const maintainer = openRepository(await addMember({ own: 'maintainer' }), 'own/gone');
    const { digest: manifest } = await publisher.pushArtifact('v1', 'gone');
    await publisher.pushBlob('loose');
    for (const path of ['manifests/v1', `manifests/${manifest}`, `blobs/${digest('loose')}`]) {
      expect(await problemOf(await publisher.remove(path))).toMatchObject({ status: 403, code: 'DENIED' });
      expect((await maintainer.remove(path)).status).toBe(202);
    }
  });
});

describe('a push into a space that does not exist', () => {
  it('makes the creator of spaces its owner, and the space private', async () => {
    const { client } = await registry.addToken(await registry.addUser('founder', 'creator'));
    const scoped = await narrow(client, 'repository:founded/web:pull,push');
    const archive = await packChart({ name: 'web' });
    expect((await openRepository(scoped, 'founded/web').pushChart(archive, '1.0.0')).response.status).toBe(
      201,
    );
    expect((await openRepository(client, 'founded/web').remove('manifests/1.0.0')).status).toBe(202);
    const outsider = await addMember({});
    expect((await outsider.request('/v2/founded/web/tags/list')).status).toBe(404);
    expect((await registry.anonymous.request('/v2/founded/web/tags/list')).status).toBe(401);
  });

  it('a push into a space that does not exist is refused to others in the words for a space that they may not write', async () => {
    const outsider = await addMember({ own: 'maintainer' });
    const [absent, closed] = await Promise.all(
      ['never', 'closed'].map(async (space) => {
        const response = await outsider.request(`/v2/${space}/web/blobs/uploads/`, { method: 'POST' });
        return [response.status, (await response.text()).replaceAll(space, 'SPACE')];
      }),
    );
    expect(absent).toEqual(closed);
    expect(absent?.[0]).toBe(403);
    const found = await registry.db.query("SELECT FROM spaces WHERE name = 'never'");
    expect(found).toEqual([]);
  });

  it('of two creators at once gives the space to one, and the other nothing', async () => {
    const clients = await Promise.all(
      ['first', 'second'].map(
        async (name) => (await registry.addToken(await registry.addUser(name, 'creator'))).client,
      ),
    );
    const pushes = await Promise.all(
      clients.map((client, index) =>
        openRepository(client, 'contested/thing').pushArtifact(`v${index}`, `by ${index}`),
      ),
    );
    expect(pushes.map(({ response }) => response.status).sort()).toEqual([201, 403]);
    const owners = await registry.db.query(
      "SELECT FROM space_members m JOIN spaces s ON s.id = m.space_id WHERE s.name = 'contested'",
    );
    expect(owners).toHaveLength(1);
  });
});

describe('the list of repositories', () => {
  const listShape = z.object({ repositories: z.array(z.string()) });
  const list = async (client: TestClient, query = '') => {
    const response = await client.request(`/v2/_catalog${query}`);
    expect(response.status).toBe(200);
    return { ...listShape.parse(await response.json()), link: response.headers.get('link') };
  };

  it('shows what the caller may read, charts and artifacts, page by page', async () => {
    await registry.addSpace('cat', 'private');
    await registry.addSpace('cat-two', 'public');
    for (const name of ['b', 'a', 'c']) await registry.admin.upload('cat', { name });
    await registry.admin.upload('cat', { name: 'Upper' });
    await openRepository(registry.admin, 'cat/a/deep').pushArtifact('v1', 'deep');
    await registry.admin.upload('cat-two', { name: 'open' });
    const member = await addMember({ cat: 'reader' });
    const all = ['cat/a', 'cat/a/deep', 'cat/b', 'cat/c', 'cat-two/open'];
    const { repositories } = await list(member);
    expect(repositories.filter((name) => name.startsWith('cat'))).toEqual(all);
    const seen: string[] = [];
    let query: string | undefined = '?n=2';
    while (query !== undefined) {
      const page: Awaited<ReturnType<typeof list>> = await list(member, query);
      expect(page.repositories.length).toBeLessThanOrEqual(2);
      seen.push(...page.repositories);
      query = /^<\/v2\/_catalog(\?[^>]+)>; rel="next"$/.exec(page.link ?? '')?.[1];
    }
    expect(seen).toEqual(repositories);
    const outsider = await list(await addMember({}));
    expect(outsider.repositories.filter((name) => name.startsWith('cat'))).toEqual(['cat-two/open']);
    expect((await list(registry.admin)).repositories).toEqual(expect.arrayContaining(all));
  });

  it('asks for credentials first, and gives anonymous callers with a token what is public', async () => {
    const refused = await registry.anonymous.request('/v2/_catalog');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('scope="registry:catalog:*"');
    const { repositories } = await list(await narrow(registry.anonymous, 'registry:catalog:*'));
    expect(repositories).toContain('cat-two/open');
    expect(repositories).not.toContain('cat/a');
  });

  it.each(['n=x', 'n=-1', 'last=%00'])('the list of repositories refuses %s', async (query) => {
    const response = await registry.admin.request(`/v2/_catalog?${query}`);
    expect(await problemOf(response)).toMatchObject({ status: 400, code: 'UNSUPPORTED' });
  });
});
