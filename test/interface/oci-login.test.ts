import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashPassword } from '../../core/access/passwords.ts';
import { packChart } from '../support/charts.ts';
import { type GuardedRegistry, startGuarded, type TestToken } from '../support/guarded.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { hasHelm, helms, runHelm } from '../support/helm/program.ts';
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
// Each test sends wrong credentials, and none so many that a delay begins.
beforeEach(() => registry.db.query('DELETE FROM login_failures'));

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
    expect((await readFile(join(home(), 'web-1.1.0.tgz'))).length).toBeGreaterThan(0);
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

describe.skipIf(!hasDocker())('docker with guarded access (left out without it on the PATH)', () => {
  const home = () => join(folder, 'docker');
  const docker = async (...args: string[]) => {
    await mkdir(home(), { recursive: true });
    // Nothing listens there: the command then asks the registry itself.
    return run('docker', args, { cwd: home(), env: { DOCKER_HOST: 'tcp://127.0.0.1:9' } });
  };
  const login = (user: string, password: string) => docker('login', '-u', user, '-p', password, host);
  const succeeds = async (user: string, password: string) => {
    const { code, stdout, stderr } = await login(user, password);
    expect([code, stdout], stderr).toEqual([0, expect.stringContaining('Login Succeeded')]);
  };

  it('docker logs in with a token, and with a password', async () => {
    await succeeds('olga', owner.text);
    const id = await registry.addUser('dora');
    const hash = await hashPassword('a password of dora');
    await registry.db.query('UPDATE principals SET password_hash = $2 WHERE id = $1', [id, hash]);
    await succeeds('dora', 'a password of dora');
  });

  it('docker does not log in with what is wrong, revoked or nobody’s', async () => {
    const revoked = await registry.addToken(await registry.addUser('revoked-docker'));
    await registry.db.query('UPDATE tokens SET revoked_at = now() WHERE id = $1', [revoked.id]);
    for (const [user, password] of [
      ['olga', 'wrong'],
      ['olga', revoked.text],
      ['unknown', 'wrong'],
    ] as const) {
      const { code, stderr } = await login(user, password);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/401|unauthorized/i)]);
    }
  });

  it('the log-in of docker serves Helm and oras, until docker logs out', async () => {
    const space = 'by-docker';
    await succeeds('olga', owner.text);
    const chart = join(home(), 'web-1.0.0.tgz');
    await writeFile(chart, await packChart({ name: 'web' }));
    const pushes = () => [
      ...helms.filter(hasHelm).map(async (helm) => {
        const { passed, stderr } = await runHelm(
          helm,
          ['push', chart, `oci://${host}/${space}${helm.major}`, '--plain-http'],
          home(),
        );
        return passed ? 'pushed' : stderr;
      }),
      run('oras', ['push', '--plain-http', `${host}/${space}/tool:v1`, 'web-1.0.0.tgz'], {
        cwd: home(),
      }).then(({ code, stderr }) => (code === 0 ? 'pushed' : stderr)),
    ];
    for (const outcome of await Promise.all(pushes())) expect(outcome).toBe('pushed');
    expect((await docker('logout', host)).code).toBe(0);
    for (const outcome of await Promise.all(pushes())) expect(outcome).toMatch(/401|unauthorized/i);
  });
});
