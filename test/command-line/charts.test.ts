import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../cli/user/archives/digest.ts';
import { packChart, type TestChart } from '../support/charts.ts';
import { buildCommandLine, type CommandLine } from '../support/command-line.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { outputOf } from '../support/process.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
let commandLine: CommandLine;
beforeAll(async () => {
  commandLine = await buildCommandLine();
  registry = await startRegistry();
});
afterAll(async () => {
  await registry?.close();
});

/** Creates a user of the registry, and a folder with archives in it. */
async function createPusher(charts: readonly TestChart[]) {
  const user = await commandLine.createUser({ HELM_REGISTRY_URL: registry.url });
  const folder = join(user.home, 'charts');
  await mkdir(join(folder, 'more'), { recursive: true });
  for (const [index, chart] of charts.entries()) {
    const place = index % 2 === 0 ? folder : join(folder, 'more');
    await writeFile(join(place, `${chart.name}-${chart.version}.tgz`), await packChart(chart));
  }
  return { ...user, folder };
}

const versions = (name: string, count: number): TestChart[] =>
  Array.from({ length: count }, (_, patch) => ({ name, version: `1.0.${patch}`, values: { patch } }));

describe('push and pull', () => {
  it('push brings all archives of a folder, and a second push sends none of them', async () => {
    const user = await createPusher([...versions('web', 5), ...versions('cache', 3)]);
    const first = await user.run(['push', 'twice', user.folder]);
    expect(first).toMatchObject({ code: 0, stderr: '8 archives: 8 pushed\n' });
    expect(first.stdout).toMatch(/^RESULT {2}CHART +FILE +ERROR\npushed {2}twice\/cache:1\.0\.1 /);
    const second = await user.run(['push', 'twice', user.folder, '-o', 'name']);
    expect(second).toMatchObject({ code: 0, stderr: '8 archives: 8 present\n' });
    expect(second.stdout.trim().split('\n').sort()).toEqual([
      ...[0, 1, 2].map((patch) => `twice/cache:1.0.${patch}`),
      ...[0, 1, 2, 3, 4].map((patch) => `twice/web:1.0.${patch}`),
    ]);
  });

  it('push reads one archive from standard input, and pull gives the same bytes', async () => {
    const user = await createPusher([{ name: 'web', version: '2.0.0-rc.1+x86' }]);
    const archive = await readFile(join(user.folder, 'web-2.0.0-rc.1+x86.tgz'));
    const pushed = await user.run(['push', 'piped', '-', '-o', 'name'], archive);
    expect(pushed).toEqual({
      code: 0,
      stdout: 'piped/web:2.0.0-rc.1+x86\n',
      stderr: '1 archive: 1 pushed\n',
    });
    const target = join(user.home, 'pulled');
    const pulled = await user.run(['pull', 'piped/web:2.0.0-rc.1+x86', '-d', target, '-o', 'json']);
    expect(pulled).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(pulled.stdout)).toMatchObject([{ chart: 'web', result: 'pulled' }]);
    expect(await readFile(join(target, 'web-2.0.0-rc.1+x86.tgz'))).toEqual(archive);
    expect(await readdir(target)).toEqual(['web-2.0.0-rc.1+x86.tgz']);
  });

  it('push of a version that exists with other content ends with 5 and keeps the first, unless --replace', async () => {
    const user = await createPusher([{ name: 'web', version: '1.0.0', values: { text: 'first' } }]);
    const file = join(user.folder, 'web-1.0.0.tgz');
    expect((await user.run(['push', 'conflicts', file])).code).toBe(0);
    await writeFile(file, await packChart({ name: 'web', version: '1.0.0', values: { text: 'second' } }));
    const other = join(user.folder, 'other.tgz');
    await writeFile(other, await packChart({ name: 'web', version: '2.0.0' }));
    const refused = await user.run(['push', 'conflicts', user.folder, '-o', 'json']);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toBe('2 archives: 1 failed, 1 pushed\nhelm-registry: 1 of 2 archives failed\n');
    expect(JSON.parse(refused.stdout)).toMatchObject([
      { file: other, result: 'pushed', version: '2.0.0' },
      { file, result: 'failed', exitCode: 5, error: expect.stringContaining('other content') },
    ]);
    const replaced = await user.run(['push', 'conflicts', file, '--replace']);
    expect(replaced).toMatchObject({ code: 0, stderr: '1 archive: 1 replaced\n' });
    const values = await registry.api('/spaces/conflicts/charts/web/versions/1.0.0/manifests/values');
    expect(await values.json()).toEqual({ text: 'second' });
  });

  /** Begins a push of archives that cannot end: after some requests the registry answers none. @returns its process */
  async function startEndlessPush(user: Awaited<ReturnType<typeof createPusher>>, space: string) {
    const proxy = await startFaultyProxy(registry.url);
    const answered = 20;
    proxy.decide(() => (proxy.requests.length > answered ? { kind: 'silence' } : undefined));
    user.environment.HELM_REGISTRY_URL = proxy.url;
    const push = user.start(['push', space, user.folder, '--parallel', '1']);
    await expect.poll(() => proxy.requests.length, { timeout: 30_000 }).toBeGreaterThan(answered);
    user.environment.HELM_REGISTRY_URL = registry.url;
    return push;
  }

  it('push that is killed is run again and sends the rest', async () => {
    const user = await createPusher(versions('web', 40));
    const killed = await startEndlessPush(user, 'killed');
    const ended = once(killed, 'exit');
    killed.kill('SIGKILL');
    await ended;
    const before = await countVersions('killed');
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(40);
    const again = await user.run(['push', 'killed', user.folder]);
    expect(again.code).toBe(0);
    expect(await countVersions('killed')).toBe(40);
    const [, present] = /(\d+) present/.exec(again.stderr) ?? [];
    expect(Number(present)).toBeGreaterThanOrEqual(before);
  });

  it('push that is interrupted ends with 130', async () => {
    const user = await createPusher(versions('web', 40));
    const interrupted = await startEndlessPush(user, 'interrupted');
    const output = outputOf(interrupted);
    interrupted.kill('SIGINT');
    expect(await output).toEqual({ code: 130, stdout: '', stderr: 'helm-registry: interrupted\n' });
  });

  it('push names what it cannot push, and sends nothing', async () => {
    const user = await createPusher([{ name: 'web', version: '1.0.0' }]);
    const chart = join(user.home, 'unpacked');
    await mkdir(chart);
    await writeFile(join(chart, 'Chart.yaml'), 'name: web\n');
    const empty = join(user.home, 'empty');
    await mkdir(empty);
    for (const [path, words] of [
      [join(user.home, 'absent.tgz'), 'no such file'],
      [chart, 'helm package'],
      [empty, 'no archives'],
    ] as const) {
      const { code, stderr } = await user.run(['push', 'nothing', user.folder, path]);
      expect(code).toBe(2);
      expect(stderr).toContain(words);
    }
    expect((await registry.api('/spaces/nothing')).status).toBe(404);
  });

  it('push and pull carry provenance files, also of an archive that was pushed without', async () => {
    const user = await createPusher([{ name: 'web', version: '1.0.0' }]);
    const file = join(user.folder, 'web-1.0.0.tgz');
    expect((await user.run(['push', 'signed', file])).code).toBe(0);
    const provenance = provenanceOf(await readFile(file));
    await writeFile(`${file}.prov`, provenance);
    expect((await user.run(['push', 'signed', file])).stderr).toBe('1 archive: 1 signed\n');
    expect((await user.run(['push', 'signed', file])).stderr).toBe('1 archive: 1 present\n');
    const target = join(user.home, 'pulled');
    expect((await user.run(['pull', 'signed/web', '-d', target])).code).toBe(0);
    expect(await readFile(join(target, 'web-1.0.0.tgz.prov'), 'utf8')).toBe(provenance);
  });

  it('pull takes ranges, all versions and whole spaces, and repairs a file that is damaged', async () => {
    const user = await createPusher([...versions('web', 3), ...versions('cache', 1)]);
    expect((await user.run(['push', 'many', user.folder])).code).toBe(0);
    const target = join(user.home, 'pulled');
    const ranged = await user.run(['pull', 'many/web:<1.0.2', '-d', target, '-o', 'name']);
    expect(ranged.stdout).toBe(`${join(target, 'web-1.0.1.tgz')}\n`);
    expect((await user.run(['pull', 'many', '-d', target])).stderr).toBe('2 versions: 2 pulled\n');
    await writeFile(join(target, 'web-1.0.1.tgz'), 'damaged');
    const all = await user.run(['pull', 'many', '--all-versions', '-d', target]);
    expect(all.stderr).toBe('4 versions: 2 present, 2 pulled\n');
    expect((await readdir(target)).sort()).toEqual(
      ['cache-1.0.0.tgz', 'web-1.0.0.tgz', 'web-1.0.1.tgz', 'web-1.0.2.tgz'].sort(),
    );
    expect(await readFile(join(target, 'web-1.0.1.tgz'))).toEqual(
      await packChart({ name: 'web', version: '1.0.1', values: { patch: 1 } }),
    );
    // The others come all the same, and the one that does not is told with its exit code.
    const partly = await user.run(['pull', 'many/absent', 'many/web:1.0.0', '-d', join(user.home, 'partly')]);
    expect(partly.code).toBe(3);
    expect(partly.stdout).toMatch(/^pulled +many\/web:1\.0\.0 /m);
    expect(partly.stdout).toMatch(/^failed +many\/absent /m);
    expect(partly.stderr).toContain('2 versions: 1 failed, 1 pulled\n');
    expect(await readdir(join(user.home, 'partly'))).toEqual(['web-1.0.0.tgz']);
    expect((await user.run(['pull', 'many/web:>3', '-d', target])).code).toBe(3);
    expect((await user.run(['pull', 'many/absent', '-d', target])).code).toBe(3);
  });
});

async function countVersions(space: string): Promise<number> {
  const response = await registry.api(`/spaces/${space}/charts/web/versions`);
  return response.ok ? Object(await response.json()).metadata.total : 0;
}

/** Writes the provenance file of web 1.0.0; the registry checks its digest, not its signature. */
function provenanceOf(archive: Buffer): string {
  return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\napiVersion: v2\nname: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: ${digestOf(archive)}\n-----BEGIN PGP SIGNATURE-----\n\nwsBcBAEBCgAQBQJ\n=abcd\n-----END PGP SIGNATURE-----\n`;
}
