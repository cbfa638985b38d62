import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { packChart } from '../support/charts.ts';
import { buildCommandLine, type CommandLine } from '../support/command-line.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';
import { descriptor, imageType, openRepository } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let source: GuardedRegistry;
let target: TestRegistry;
let commandLine: CommandLine;
let login: { user: string; password: string };
beforeAll(async () => {
  commandLine = await buildCommandLine();
  source = await startGuarded({}, { worker: false });
  target = await startRegistry({}, { worker: false });
  await source.addSpace('charts', 'private');
  const reader = await source.addUser('reader');
  await source.setRole(reader, 'charts', 'reader');
  login = { user: 'reader', password: (await source.addToken(reader)).text };
  for (const chart of ['web', 'db'])
    for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1'])
      await openRepository(source.admin, `charts/${chart}`).pushChart(
        await packChart({ name: chart, version }),
        version,
        { note: '2020-05-06T07:08:09Z' },
      );
});
afterAll(async () => {
  await Promise.all([source?.close(), target?.close()]);
});

const createUser = () => commandLine.createUser({ HELM_REGISTRY_URL: target.url });
const address = (path: string) => `oci://${new URL(source.url).host}/${path}`;
const manifestOf = async (client: { request(path: string): Promise<Response> }, path: string) =>
  (await client.request(`/v2/${path}`)).text();

describe('import from an OCI registry', () => {
  it('copies all charts below a path with their manifests as they are, and nothing twice', async () => {
    const user = await createUser();
    const args = ['import', address('charts'), 'all', '--user', login.user];
    expect(await user.run(args, login.password)).toMatchObject({ code: 0, stderr: '6 versions: 6 pushed\n' });
    for (const chart of ['web', 'db'])
      expect(await manifestOf(target, `all/${chart}/manifests/1.1.0`)).toBe(
        await manifestOf(source.admin, `charts/${chart}/manifests/1.1.0`),
      );
    expect((await target.request('/all/charts/web-1.1.0.tgz')).status).toBe(200);
    expect(await (await target.api('/spaces/all/charts/web/details')).text()).toContain(
      '2020-05-06T07:08:09.000Z',
    );
    expect(await user.run(args, login.password)).toMatchObject({
      code: 0,
      stderr: '6 versions: 6 present\n',
    });
  });

  it('copies named charts, with signatures of both kinds', async () => {
    const user = await createUser();
    const web = openRepository(source.admin, 'charts/web');
    const body = await (await web.call('manifests/1.0.0')).text();
    const signed = descriptor(imageType, body);
    const referrer = await web.pushArtifact(undefined, 'signature', {
      subject: signed,
      artifactType: 'application/x-signature',
    });
    const tag = `${signed.digest.replace(':', '-')}.sig`;
    const simple = await web.pushArtifact(tag, 'simple signing');
    const filters = ['--chart', 'web', '--range', '<1.1.0', '--no-prereleases'];
    const args = ['import', address('charts'), 'signed', ...filters, '--user', login.user];
    expect(await user.run(args, login.password)).toMatchObject({
      code: 0,
      stderr: '3 versions: 1 pushed, 2 left out\n',
    });
    const copied = openRepository(target, 'signed/web');
    expect(await (await copied.call(`manifests/${referrer.digest}`)).text()).toBe(referrer.body);
    expect(await (await copied.call(`referrers/${signed.digest}`)).text()).toContain(referrer.digest);
    expect(await (await copied.call(`manifests/${tag}`)).text()).toBe(simple.body);
    // A signature that comes later is copied to a chart that is there.
    const later = await web.pushArtifact(undefined, 'later', { subject: signed });
    expect(await user.run(args, login.password)).toMatchObject({
      stderr: '3 versions: 1 signed, 2 left out\n',
    });
    expect((await copied.call(`manifests/${later.digest}`)).status).toBe(200);
  });

  it('fails where the space does not exist and uploads create none', async () => {
    const strict = await startRegistry({ autoCreateSpaces: false }, { worker: false });
    onTestFinished(() => strict.close());
    const user = await commandLine.createUser({ HELM_REGISTRY_URL: strict.url });
    const args = ['import', address('charts'), 'none', '--chart', 'web', '--user', login.user];
    const result = await user.run(args, login.password);
    expect([result.code, result.stderr.includes('pushed')]).toEqual([3, false]);
  });

  it('leaves out what is no chart, and says so', async () => {
    const user = await createUser();
    const image = openRepository(source.admin, 'charts/image');
    await image.pushArtifact('1.0.0', 'layer');
    await image.pushArtifact('latest', 'layer');
    const args = ['import', address('charts'), 'images', '--chart', 'image', '--user', login.user];
    const result = await user.run(args, login.password);
    expect(result).toMatchObject({ code: 0, stderr: '2 versions: 2 left out\n' });
    expect(result.stdout).toMatch(
      /it is not a chart[\s\S]*its tag latest is not a version|its tag latest is not a version[\s\S]*it is not a chart/,
    );
  });

  it('tells what is wrong with credentials, and with a version that is there with other content', async () => {
    const user = await createUser();
    expect(await user.run(['import', address('charts'), 'x', '--chart', 'web'])).toMatchObject({
      code: expect.any(Number),
    });
    const refused = await user.run(
      ['import', address('charts'), 'x', '--chart', 'web', '--user', 'reader'],
      'wrong',
    );
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('gives no token') });
    await target.upload('fixed', { name: 'web', version: '1.0.0', values: { other: true } });
    const args = [
      'import',
      address('charts'),
      'fixed',
      '--chart',
      'web',
      '--range',
      '1.0.0',
      '--user',
      login.user,
    ];
    const result = await user.run(args, login.password);
    expect([result.code, result.stdout.includes('failed')]).toEqual([5, true]);
    const values = await target.api('/spaces/fixed/charts/web/versions/1.0.0/manifests/values');
    expect(await values.json()).toEqual({ other: true });
    // An equal archive counts as there, whatever manifest it has.
    await target.upload('same', await packChart({ name: 'web', version: '1.0.0' }));
    const same = [
      'import',
      address('charts'),
      'same',
      '--chart',
      'web',
      '--range',
      '1.0.0',
      '--no-prereleases',
      '--user',
      login.user,
    ];
    expect(await user.run(same, login.password)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('1 '),
    });
    expect(
      (
        await user.run(
          ['import', address('charts'), 'x', '--chart', 'wbe', '--user', login.user],
          login.password,
        )
      ).stdout,
    ).toContain('no tags');
  });
});
