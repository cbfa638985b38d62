import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { type GuardedRegistry, startGuarded, type TestToken } from '../support/guarded.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { runHelm } from '../support/helm/program.ts';
import { openRepository, tagsOf } from '../support/oci.ts';
import { hasOras, run } from '../support/oci-programs.ts';
import { isAvailable } from '../support/servers/program.ts';

let registry: GuardedRegistry;
let folder: string;
let host: string;
let owner: TestToken;
beforeAll(async () => {
  registry = await startGuarded({}, { worker: false });
  host = new URL(registry.url).host;
  folder = await mkdtemp(join(tmpdir(), 'oci-login-'));
  owner = await registry.addToken(await registry.addUser('olga', 'creator'));
  await registry.addSpace('shown', 'public');
  for (const version of ['1.0.0', '1.1.0']) await registry.admin.upload('shown', { name: 'web', version });
});
afterAll(async () => {
  await registry.close();
  await rm(folder, { recursive: true, force: true });
});

describeHelms('helm with guarded access', (helm) => {
  const space = `helm${helm.major}`;
  const home = () => join(folder, space);
  const helmRun = (...args: string[]) => runHelm(helm, [...args, '--plain-http'], home());
  const passes = async (...args: string[]) => {
    const { passed, stdout, stderr } = await helmRun(...args);
    if (!passed) throw new Error(`helm ${args.join(' ')}: ${stderr}`);
    return `${stdout}${stderr}`;
  };
  const fails = async (...args: string[]) => {
    const { passed, stdout, stderr } = await helmRun(...args);
    if (passed) throw new Error(`helm ${args.join(' ')} succeeded: ${stdout}`);
    return stderr;
  };
  const login = (user: string, password: string) => ['registry', 'login', host, '-u', user, '-p', password];
  const logout = async () => {
    const { passed, stderr } = await runHelm(helm, ['registry', 'logout', host], home());
    if (!passed) throw new Error(`helm registry logout: ${stderr}`);
  };
  const pull = (chart: string, ...args: string[]) => [
    'pull',
    `oci://${host}/${chart}`,
    '-d',
    home(),
    ...args,
  ];

  it('helm logs in, pushes a chart into a new space, pushes again, pulls, and logs out', async () => {
    await mkdir(home(), { recursive: true });
    const chart = async (version: string) => {
      const path = join(home(), `new-${version}.tgz`);
      await writeFile(path, await packChart({ name: 'new', version }));
      return path;
    };
    expect(await passes(...login('olga', owner.text))).toContain('Login Succeeded');
    for (const version of ['1.0.0', '1.1.0'])
      expect(await passes('push', await chart(version), `oci://${host}/${space}`)).toContain('Digest:');
    await passes('push', await chart('1.1.0'), `oci://${host}/${space}`);
    const archive = join(home(), 'new-1.0.0.tgz');
    const before = await readFile(archive);
    await rm(archive);
    await passes(...pull(`${space}/new`, '--version', '1.0.0'));
    expect(await readFile(archive)).toEqual(before);
    await rm(join(home(), 'new-1.1.0.tgz'));
    await passes(...pull(`${space}/new`));
    await readFile(join(home(), 'new-1.1.0.tgz'));
    await logout();
    expect(await fails(...pull(`${space}/new`, '--version', '1.0.0'))).toMatch(/401|unauthorized/i);
  });

  it('helm pulls a public chart without credentials, by range too', async () => {
    await mkdir(home(), { recursive: true });
    await passes(...pull('shown/web', '--version', '1.0.0'));
    await passes(...pull('shown/web', '--version', '^1.0.0'));
    await readFile(join(home(), 'web-1.1.0.tgz'));
  });

  it('helm does not log in with a wrong password, or a revoked token', async () => {
    await mkdir(home(), { recursive: true });
    expect(await fails(...login('olga', 'wrong'))).toMatch(/401|unauthorized/i);
    const revoked = await registry.addToken(await registry.addUser(`revoked-${helm.major}`));
    await registry.db.query('UPDATE tokens SET revoked_at = now() WHERE id = $1', [revoked.id]);
    expect(await fails(...login('olga', revoked.text))).toMatch(/401|unauthorized/i);
  });

  it('helm names the right that is missing for a push', async () => {
    await mkdir(home(), { recursive: true });
    const reader = await registry.addToken(await registry.addUser(`reader-${helm.major}`));
    await passes(...login('reader', reader.text));
    const path = join(home(), 'web-3.0.0.tgz');
    await writeFile(path, await packChart({ name: 'web', version: '3.0.0' }));
    const refused = await fails('push', path, `oci://${host}/shown`);
    expect(refused).toMatch(/403|denied/i);
    expect(refused).toContain('chart.publish');
    await logout();
  });
});

describe.skipIf(!hasOras())('oras with guarded access (left out without it on the PATH)', () => {
  const oras = (command: string, ...args: string[]) =>
    run('oras', [...command.split(' '), ...args], { cwd: folder });
  const passes = async (command: string, ...args: string[]) => {
    const { code, stdout, stderr } = await oras(command, ...args);
    if (code !== 0) throw new Error(`oras ${command}: ${stderr}`);
    return stdout;
  };
  const plain = '--plain-http';

  it('oras logs in, pushes, attaches, discovers, copies by mounts, lists, pulls and deletes', async () => {
    await writeFile(join(folder, 'thing'), 'thing');
    await writeFile(join(folder, 'bill'), 'bill of materials');
    await passes('login', plain, host, '-u', 'olga', '-p', owner.text);
    const thing = `${host}/oras/thing:v1`;
    await passes('push', plain, thing, 'thing');
    await passes('attach', plain, thing, '--artifact-type', 'application/x.bill', 'bill');
    expect(await passes('discover', plain, thing)).toContain('application/x.bill');
    await passes('cp -r', '--from-plain-http', '--to-plain-http', thing, `${host}/oras/copies/thing:v1`);
    expect(await passes('repo ls', plain, host)).toMatch(/oras\/copies\/thing\noras\/thing\n/);
    expect(await passes('repo tags', plain, `${host}/oras/copies/thing`)).toContain('v1');
    await passes('pull', plain, `${host}/oras/copies/thing:v1`, '-o', 'copied');
    expect(await readFile(join(folder, 'copied', 'thing'), 'utf8')).toBe('thing');
    await passes('manifest delete', plain, '--force', `${host}/oras/copies/thing:v1`);
    expect(await tagsOf(await owner.client.request('/v2/oras/copies/thing/tags/list'))).toEqual([]);
    await passes('logout', host);
    expect((await oras('pull', plain, thing, '-o', 'refused')).stderr).toMatch(/401|unauthorized/i);
  });

  it('oras pulls what is public without credentials, and wrong ones are refused', async () => {
    await openRepository(registry.admin, 'shown/artifact').pushArtifact('v1', 'public');
    await passes('manifest fetch', plain, `${host}/shown/artifact:v1`);
    expect((await oras('login', plain, host, '-u', 'olga', '-p', 'wrong')).stderr).toMatch(
      /401|unauthorized/i,
    );
  });
});

const hasDocker = () => isAvailable('docker', ['--version']);

describe.skipIf(!hasDocker())('docker (left out without its command on the PATH)', () => {
  it('docker logs in with a token, and not with a wrong password', async () => {
    const login = (password: string) =>
      run('docker', ['login', '-u', 'olga', '-p', password, host], {
        cwd: folder,
        // Nothing listens there: the command then asks the registry itself.
        env: { DOCKER_HOST: 'tcp://127.0.0.1:9' },
      });
    const right = await login(owner.text);
    expect([right.code, right.stderr]).toEqual([0, expect.anything()]);
    expect(right.stdout).toContain('Login Succeeded');
    const wrong = await login('wrong');
    expect(wrong.code).not.toBe(0);
    expect(wrong.stderr).toMatch(/401|unauthorized/i);
  });
});
